"""The ``subscriptions`` file (inventory R4-092).

Version 2 starts with ``V<TAB>2`` and an empty line, then a mailbox a line, the parts of its name
separated by TAB.  Version 1 is only names with the store's separator.  Names are spelled as on
the disk.
"""

from __future__ import annotations

import os
import re
from typing import Final

from culver.mail.dotlock import dotlock
from culver.mail.files import replace_file
from culver_plugins.maildir.permissions import permissions_of

_HEADER: Final = "V\t2\n\n"
_ESCAPES: Final = {"0": "\0", "1": "\1", "t": "\t", "r": "\r", "n": "\n"}
_ESCAPE_OF: Final = {char: f"\1{letter}" for letter, char in _ESCAPES.items()}


def read_subscriptions(path: str, separator: str) -> list[tuple[str, ...]]:
    """The names as they are on the disk, in parts; [] without a file."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            text = file.read()
    except FileNotFoundError:
        return []
    if text.startswith(_HEADER):
        lines = text[len(_HEADER) :].splitlines()
        return [tuple(map(_unescape, line.split("\t"))) for line in lines if line]
    return [tuple(line.split(separator)) for line in text.splitlines() if line]


def write_subscription(
    path: str, separator: str, name: tuple[str, ...], subscribed: bool, *, sync: bool
) -> bool:
    """Add or remove a name under the file's lock, keeping version and order.  False when it was
    that way already."""
    perms = permissions_of(os.path.dirname(path))
    with dotlock(path, mode=perms.file_mode):
        names = read_subscriptions(path, separator)
        if (name in names) == subscribed:
            return False
        names = [*names, name] if subscribed else [other for other in names if other != name]
        text = _format(names, separator, version2=_is_version2(path))
        data = text.encode("utf-8", "surrogateescape")
        replace_file(path, data, mode=perms.file_mode, gid=perms.gid, sync=sync)
    return True


def _is_version2(path: str) -> bool:
    """New files are of version 2."""
    try:
        with open(path, "rb") as file:
            start = file.read(len(_HEADER))
    except FileNotFoundError:
        return True
    return not start or start == _HEADER.encode()


def _format(names: list[tuple[str, ...]], separator: str, *, version2: bool) -> str:
    if not version2:
        return "".join(f"{separator.join(name)}\n" for name in names)
    return _HEADER + "".join("\t".join(map(_escape, name)) + "\n" for name in names)


def _escape(part: str) -> str:
    return re.sub("[\0\1\t\r\n]", lambda found: _ESCAPE_OF[found[0]], part)


def _unescape(part: str) -> str:
    return re.sub("\1([01trn])", lambda found: _ESCAPES[found[1]], part)
