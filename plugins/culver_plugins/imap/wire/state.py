"""Which command is legal in which state, and where it leads (RFC 3501 3). Nothing else decides.

A state's row maps the command's name to the state after its tagged OK. A command that is not in
the row is not legal. `FAILURE` holds the few commands whose tagged NO changes the state too.
"""

from enum import Enum
from typing import Final


class State(Enum):
    """The four states of a connection."""

    NOT_AUTHENTICATED = "not authenticated"
    AUTHENTICATED = "authenticated"
    SELECTED = "selected"
    LOGOUT = "logout"


Transitions = dict[State, dict[str, State]]

NOT_AUTHENTICATED: Final = State.NOT_AUTHENTICATED
AUTHENTICATED: Final = State.AUTHENTICATED
SELECTED: Final = State.SELECTED
LOGOUT: Final = State.LOGOUT

_STAY_AUTHENTICATED: Final = (
    "APPEND", "CAPABILITY", "COMPRESS", "CREATE", "DELETE", "ENABLE", "ID", "IDLE", "LIST", "LSUB",
    "NAMESPACE", "NOOP", "RENAME", "STATUS", "SUBSCRIBE", "UNSUBSCRIBE", "XLIST",
)  # fmt: skip
_STAY_SELECTED: Final = (
    "CANCELUPDATE", "CHECK", "COPY", "EXPUNGE", "FETCH", "MOVE", "REPLACE", "SEARCH", "SORT",
    "STORE", "THREAD",
    "UID COPY", "UID EXPUNGE", "UID FETCH", "UID MOVE", "UID REPLACE", "UID SEARCH", "UID SORT",
    "UID STORE", "UID THREAD",
)  # fmt: skip

TRANSITIONS: Final[Transitions] = {
    NOT_AUTHENTICATED: {
        "AUTHENTICATE": AUTHENTICATED,
        "CAPABILITY": NOT_AUTHENTICATED,
        # Before login ENABLE does nothing, but Dovecot answers it with OK and clients send it.
        "ENABLE": NOT_AUTHENTICATED,
        "ID": NOT_AUTHENTICATED,
        "LOGIN": AUTHENTICATED,
        "LOGOUT": LOGOUT,
        "NOOP": NOT_AUTHENTICATED,
        "STARTTLS": NOT_AUTHENTICATED,
    },
    AUTHENTICATED: {
        **dict.fromkeys(_STAY_AUTHENTICATED, AUTHENTICATED),
        "EXAMINE": SELECTED,
        "LOGOUT": LOGOUT,
        "SELECT": SELECTED,
        "UNAUTHENTICATE": NOT_AUTHENTICATED,
    },
    SELECTED: {
        **dict.fromkeys(_STAY_AUTHENTICATED + _STAY_SELECTED, SELECTED),
        "CLOSE": AUTHENTICATED,
        "EXAMINE": SELECTED,
        "LOGOUT": LOGOUT,
        "SELECT": SELECTED,
        "UNAUTHENTICATE": NOT_AUTHENTICATED,
        "UNSELECT": AUTHENTICATED,
    },
    LOGOUT: {},
}

# A SELECT that fails leaves no mailbox selected (RFC 3501 6.3.1).
FAILURE: Final[Transitions] = {
    NOT_AUTHENTICATED: {},
    AUTHENTICATED: {},
    SELECTED: {"EXAMINE": AUTHENTICATED, "SELECT": AUTHENTICATED},
    LOGOUT: {},
}
