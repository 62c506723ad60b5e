"""What can go wrong, said twice: once for us and once for strangers.

CulverError
├── Refused        the request is understood and will not be done (permanent)
├── Unavailable    it cannot be done now; the same request may succeed later
└── (culver.config raises its own ConfigErrors: it is read by admins, not by clients)

A class is added only where somebody catches it.
"""

from __future__ import annotations

from typing import Literal

# RFC 5530 response codes, and the few of other RFCs that mean something in every
# protocol.  IMAP prints them as they are; LMTP and POP3 map them.
Code = Literal[
    "ALREADYEXISTS",
    "AUTHENTICATIONFAILED",
    "AUTHORIZATIONFAILED",
    "CANNOT",
    "CLIENTBUG",
    "CONTACTADMIN",
    "CORRUPTION",
    "EXPIRED",
    "EXPUNGEISSUED",
    "INUSE",
    "LIMIT",
    "NONEXISTENT",
    "NOPERM",
    "OVERQUOTA",
    "PRIVACYREQUIRED",
    "SERVERBUG",
    "TOOBIG",
    "UNAVAILABLE",
]


class CulverError(Exception):
    """An error with a text for the log and a text for the network.

    ``str(error)`` is for the log; ``error.public`` is what a client may read and never holds
    a path, a password or another user's name; ``error.fields`` go to the log line and event.
    """

    def __init__(self, code: Code, public: str, log: str = "", **fields: object) -> None:
        super().__init__(log or public)
        self.code: Code = code
        self.public = public
        self.fields = fields


class Refused(CulverError):
    """The request will not be done, now or later: IMAP NO, LMTP 5xx."""


class Unavailable(CulverError):
    """The request cannot be done now: IMAP NO [UNAVAILABLE], LMTP 4xx.

    Nothing was changed: mail that was not acknowledged may be sent again.
    """
