"""Schemes that Dovecot once had, or that are of no use any more (inventory R3-097, R3-098)."""

from __future__ import annotations

from culver.auth.scheme import DeadScheme


class OldMicrosoftScheme(DeadScheme):
    """LANMAN, NTLM: for mechanisms that are gone."""

    names = ("LANMAN", "NTLM")


class RpaScheme(DeadScheme):
    """RPA: CompuServe's."""

    names = ("RPA",)


class OneTimeScheme(DeadScheme):
    """SKEY, OTP: stored passwords that change with each login (RFC 2289)."""

    names = ("SKEY", "OTP")
