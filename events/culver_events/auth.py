"""Authentication, on the side of the auth service and on the side that asks it."""

from typing import Annotated

from culver_events.event import Event, doc, event, personal

_SERVER = ("auth_server_common",)
_PASSDB = ("auth_server_common", "auth_server_passdb")
_USERDB = ("auth_server_common", "auth_server_userdb")
_LOOKUP = ("auth_client_lookup",)
_REQUEST = ("auth_client_request",)
_MASTER = ("auth_master_common",)


@event(category="auth", version=1, groups=_SERVER)
class AuthRequestFinished(Event):
    """An authentication ended, successfully or not. Exactly one per attempt that named a
    mechanism."""

    success: Annotated[bool, doc("Whether the user may in")]
    error: Annotated[str | None, doc("Why not; absent on success")] = None
    error_code: Annotated[str | None, doc("Why not, as a word: auth_failed, temp_fail ...")] = None
    policy_penalty: Annotated[int | None, doc("Delay by the policy server", unit="secs")] = None
    policy_result: Annotated[str | None, doc("Policy server's verdict: ok, delayed, refused")] = (
        None
    )


@event(category="auth", version=1, level="debug", groups=_PASSDB)
class AuthPassdbRequestStarted(Event):
    """One passdb is being asked."""


@event(category="auth", version=1, level="debug", groups=_PASSDB)
class AuthPassdbRequestFinished(Event):
    """One passdb answered. Exactly one per `auth_passdb_request_started`."""

    result: Annotated[
        str,
        doc(
            "ok, password_mismatch, user_unknown, user_disabled, pass_expired, next,"
            " scheme_not_available, internal_failure"
        ),
    ]
    cache: Annotated[str | None, doc("hit or miss; absent when the cache isn't used")] = None
    error: Annotated[str | None, doc("What failed inside")] = None


@event(category="auth", version=1, level="debug", groups=_USERDB)
class AuthUserdbRequestStarted(Event):
    """One userdb is being asked."""


@event(category="auth", version=1, level="debug", groups=_USERDB)
class AuthUserdbRequestFinished(Event):
    """One userdb answered. Exactly one per `auth_userdb_request_started`."""

    result: Annotated[str, doc("ok, user_unknown, internal_failure")]
    cache: Annotated[str | None, doc("hit or miss; absent when the cache isn't used")] = None
    error: Annotated[str | None, doc("What failed inside")] = None


@event(category="auth", version=1, level="debug", groups=_SERVER)
class AuthPolicyRequestFinished(Event):
    """The policy server replied, or failed to."""

    mode: Annotated[str, doc("Which check: allow or report")]
    policy_result: Annotated[str, doc("ok, delayed, refused, failed")]


@event(category="auth-client", version=1, level="debug", groups=_LOOKUP)
class AuthClientPassdbLookupStarted(Event):
    """A passdb lookup is asked of the auth service."""


@event(category="auth-client", version=1, level="debug", groups=_LOOKUP)
class AuthClientPassdbLookupFinished(Event):
    """The auth service answered a passdb lookup. Exactly one per start."""

    error: Annotated[str | None, doc("Why there is no answer")] = None


@event(category="auth-client", version=1, level="debug", groups=_LOOKUP)
class AuthClientUserdbLookupStarted(Event):
    """A userdb lookup is asked of the auth service."""


@event(category="auth-client", version=1, level="debug", groups=_LOOKUP)
class AuthClientUserdbLookupFinished(Event):
    """The auth service answered a userdb lookup. Exactly one per start."""

    error: Annotated[str | None, doc("Why there is no answer")] = None


@event(category="auth-client", version=1, level="debug", groups=("auth_client_common",))
class AuthClientUserdbListStarted(Event):
    """A listing of users is asked of the auth service."""

    user_mask: Annotated[str, doc("Wildcard that users are listed by"), personal]


@event(category="auth-client", version=1, level="debug", groups=("auth_client_common",))
class AuthClientUserdbListFinished(Event):
    """The listing of users ended. Exactly one per start."""

    user_mask: Annotated[str, doc("Wildcard that users are listed by"), personal]
    error: Annotated[str | None, doc("Why the list is incomplete")] = None


@event(category="auth-client", version=1, level="debug", groups=_REQUEST)
class AuthClientRequestStarted(Event):
    """A SASL authentication is asked of the auth service."""


@event(category="auth-client", version=1, level="debug", groups=_REQUEST)
class AuthClientRequestChallenged(Event):
    """The auth service wants another response of the client."""


@event(category="auth-client", version=1, level="debug", groups=_REQUEST)
class AuthClientRequestContinued(Event):
    """The client's next response goes to the auth service."""


@event(category="auth-client", version=1, level="debug", groups=_REQUEST)
class AuthClientRequestFinished(Event):
    """The auth service gave its verdict. Exactly one per `auth_client_request_started`."""

    error: Annotated[str | None, doc("Why the authentication failed; absent on success")] = None


@event(version=1, level="debug", groups=_MASTER)
class AuthMasterClientLoginStarted(Event):
    """A worker asks the auth service to confirm a login and to name the user's settings."""


@event(version=1, level="debug", groups=_MASTER)
class AuthMasterClientLoginFinished(Event):
    """The login was confirmed, or not. Exactly one per start."""

    user: Annotated[str | None, doc("Confirmed user name"), personal] = None
    error: Annotated[str | None, doc("Why it wasn't confirmed")] = None
