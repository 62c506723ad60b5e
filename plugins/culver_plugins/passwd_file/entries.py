"""The lines of a passwd-file (inventory R3-015): text in, users out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# libpam-pwdfile's mark of a hash's kind: 13 is crypt(3), 34 is MD5, 56 was Dovecot's DIGEST-MD5.
_MARKED: Final = re.compile(r"([^{$].*)\[(\d\d)\]", re.DOTALL)
_MARKS: Final = {"34": "PLAIN-MD5", "56": "DIGEST-MD5"}


class Entry(msgspec.Struct, frozen=True):
    """A line, as far as both passdb and userdb need it."""

    user: str
    password: str
    """As stored, with ``{SCHEME}`` when the line has one; empty when there is none."""
    uid: str = ""
    gid: str = ""
    home: str = ""
    extra: tuple[str, ...] = ()
    """``key=value`` or ``key``."""
    userdb: bool = True
    """False when the line ends before the user's ids: it is for passdbs only."""


def parse(text: str, complain: Callable[[str], None]) -> dict[str, Entry]:
    """Users by name; the first line of a name wins.  What is wrong is told, not raised."""
    users: dict[str, Entry] = {}
    for entry in _entries(text):
        if entry.user in users:
            complain(f"User {entry.user} exists more than once")
        else:
            users[entry.user] = entry
    return users


def _entries(text: str) -> Iterator[Entry]:
    for line in text.split("\n"):
        line = line.removesuffix("\r")
        if line and line[0] not in "#:":
            yield _entry(line)


def _entry(line: str) -> Entry:
    parts = line.split(":", 7)
    if len(parts) < 2:
        return Entry(parts[0], "", userdb=False)
    parts += [""] * (8 - len(parts)) if (given := len(parts)) < 8 else []
    return Entry(
        parts[0],
        _password(parts[1]),
        uid=parts[2],
        gid=parts[3],
        home=parts[5],
        extra=_extra(parts[7]),
        userdb=given > 3,
    )


def _extra(text: str) -> tuple[str, ...]:
    if text.startswith(":") and len(text) > 1:
        # The form of Dovecot 0.99: an empty field, then the mail location.
        return (f"userdb_mail={text[1:]}",)
    return tuple(field for field in text.split(" ") if field)


def _password(text: str) -> str:
    match = _MARKED.fullmatch(text) if text.endswith("]") else None
    if match is None:
        return text
    return f"{{{_MARKS.get(match[2], 'CRYPT')}}}{match[1]}"
