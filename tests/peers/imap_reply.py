"""What `imaplib` returns, with types: a reply is a status and a list of untyped things."""

import imaplib
import re
from typing import cast

Reply = tuple[str, list[object]] | tuple[str, object]
"""The server's verdict, and lines as imaplib cuts them: bytes, None, or a tuple at a literal."""


class Refused(Exception):
    """The server said NO or BAD; the text is the server's."""


def ok(reply: Reply) -> list[bytes]:
    """The data of an OK reply as lines of bytes, a line's literals joined into it."""
    status, data = reply
    items = cast("list[object]", data) if isinstance(data, list) else [data]
    lines = [_line(item) for item in items]
    if status != "OK":
        raise Refused(f"{status} {lines}")
    return lines


def _line(item: object) -> bytes:
    if isinstance(item, tuple):
        return b"\r\n".join(_line(part) for part in cast("tuple[object, ...]", item))
    if isinstance(item, bytes):
        return item
    return b"" if item is None else str(item).encode()


def literal(client: imaplib.IMAP4, uid: int, item: str = "BODY.PEEK[]") -> bytes:
    """One mail's item that comes as a literal; Refused where the mail or the item is not there."""
    status, data = client.uid("FETCH", str(uid), f"({item})")
    for part in cast("list[object]", data):
        if status == "OK" and isinstance(part, tuple):
            return cast("tuple[bytes, bytes]", part)[1]
    raise Refused(f"{status} no literal for UID {uid} {item}: {data!r}")


def numbers(reply: Reply) -> list[int]:
    """The numbers of a SEARCH reply."""
    return [int(word) for line in ok(reply) for word in line.split()]


def flags_by_uid(client: imaplib.IMAP4) -> dict[int, frozenset[str]]:
    r"""Flags and keywords of every mail in the selected mailbox, without \Recent."""
    found: dict[int, frozenset[str]] = {}
    for line in ok(client.uid("FETCH", "1:*", "(UID FLAGS)")):
        if match := re.search(rb"UID (\d+)", line):
            words = re.search(rb"FLAGS \(([^)]*)\)", line)
            assert words, f"no FLAGS in {line!r}"
            found[int(match[1])] = frozenset(words[1].decode().split()) - {"\\Recent"}
    return found
