"""How a lookup ended."""

from __future__ import annotations

from enum import Enum


class PassdbResult(Enum):
    """What a passdb said.  The values are the ``result`` field of Dovecot's events."""

    OK = "ok"
    """The password is right, or (without one) the user exists."""
    NEXT = "next"
    """Found, but it says ``noauthenticate``: fields are taken, the next passdb decides."""
    USER_UNKNOWN = "user_unknown"
    PASSWORD_MISMATCH = "password_mismatch"  # the name of an outcome, not a secret
    USER_DISABLED = "user_disabled"
    PASS_EXPIRED = "pass_expired"
    SCHEME_NOT_AVAILABLE = "scheme_not_available"
    """There is no password in a form that the mechanism could use."""
    INTERNAL_FAILURE = "internal_failure"
    """The database can't tell now."""


class UserdbResult(Enum):
    """What a userdb said."""

    OK = "ok"
    USER_UNKNOWN = "user_unknown"
    INTERNAL_FAILURE = "internal_failure"
