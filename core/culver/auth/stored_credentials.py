"""Stored passwords for challenge-response mechanisms: found, converted, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.auth.mechanism import Credentials
from culver.auth.result import PassdbResult
from culver.auth.scheme import BadStoredPassword
from culver.auth.schemes import SchemeSet, UnknownScheme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from culver.auth.driver import Passdb
    from culver.auth.notes import Notes
    from culver.auth.request import AuthRequest


def usable_credentials(
    request: AuthRequest, wanted: Sequence[str], passdb: Passdb, notes: Notes
) -> Credentials:
    """The request's stored password in the first of the wanted schemes that can be had.

    A PLAIN password becomes any scheme.  Never the password itself in a log line.
    """
    stored = request.stored
    if stored is None:
        notes.log(request, "info", f"Requested {wanted[0]} scheme, but we have no password")
        return Credentials(PassdbResult.SCHEME_NOT_AVAILABLE)
    schemes = passdb.env.schemes
    try:
        _, raw = schemes.decode(stored.scheme, stored.value)
        for name in wanted:
            if schemes.same(stored.scheme, name):
                return Credentials(PassdbResult.OK, name, raw, request.user)
        return _from_plain(request, wanted[0], raw, schemes, notes)
    except (UnknownScheme, BadStoredPassword) as error:
        notes.log(request, "error", str(error))
        return Credentials(PassdbResult.SCHEME_NOT_AVAILABLE)


def _from_plain(
    request: AuthRequest, wanted: str, raw: bytes, schemes: SchemeSet, notes: Notes
) -> Credentials:
    stored = request.stored
    assert stored is not None
    if not schemes.same(stored.scheme, "PLAIN"):
        notes.log(request, "info", f"Requested {wanted} scheme, but we have only {stored.scheme}")
        return Credentials(PassdbResult.SCHEME_NOT_AVAILABLE)
    scheme, _, _ = schemes.find(wanted)
    password = raw.decode(errors="surrogateescape")
    made = scheme.generate(password, request.original_user, 0)
    return Credentials(PassdbResult.OK, wanted, made, request.user)
