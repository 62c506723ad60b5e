"""``args = scheme=plain username_format=%n /etc/dovecot/users``."""

from __future__ import annotations

import msgspec

from culver.auth.driver import DriverError


class Args(msgspec.Struct, frozen=True):
    """What a ``passwd-file`` block says."""

    path: str
    scheme: str
    username_format: str


def parse_args(text: str, what: str, allowed: tuple[str, ...]) -> Args:
    """``what`` (passdb or userdb) is for the error.  Raises :class:`DriverError`."""
    values = {"scheme": "CRYPT", "username_format": "%u"}
    rest = text.strip()
    while rest and not rest.startswith("/"):
        word, _, rest = rest.partition(" ")
        name, _, value = word.partition("=")
        if name not in allowed:
            raise DriverError(
                f"{what} passwd-file: args: found {word!r};"
                f" allowed: {', '.join(f'{a}=' for a in allowed)} and then an absolute path"
            )
        values[name] = value
        rest = rest.lstrip()
    if not rest:
        raise DriverError(f"{what} passwd-file: args: the path is missing in {text!r}")
    return Args(rest, values["scheme"], values["username_format"])
