"""dovecot.mailbox.log."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final

from culver.adm.dump.dumper import Dumper
from culver.adm.dump.text import stamp
from culver.adm.errors import AdmError

_RECORD: Final = struct.Struct("<B3s16s")
_SIZE: Final = 24
_TYPES: Final = {
    1: "delete-mailbox",
    2: "delete-dir",
    3: "rename",
    4: "subscribe",
    5: "unsubscribe",
    6: "create-dir",
}


class MailboxLogDumper(Dumper):
    """An entry a line."""

    name = "mailboxlog"

    def detect(self, path: str) -> bool:
        if not path.endswith(".log"):
            return False
        try:
            with open(path, "rb") as file:
                head = file.read(_SIZE)
        except OSError:
            return False
        return len(head) == _SIZE and head[1:4] == bytes(3) and head[0] in _TYPES

    def dump(self, path: str, args: Sequence[str]) -> Iterator[str]:
        try:
            with open(path, "rb") as file:
                raw = file.read()
        except OSError as error:
            raise AdmError(f"open({path}) failed: {error.strerror}") from error
        for offset in range(0, len(raw), _SIZE):
            record = raw[offset : offset + _SIZE]
            if len(record) < _SIZE:
                raise AdmError(f"rec read() {len(record)} != {_SIZE}")
            kind, _, guid = _RECORD.unpack_from(record)
            when = int.from_bytes(record[20:], "big")
            yield f"#{offset}: {_TYPES.get(kind, '')} {guid.hex()} ({stamp(when)})"


DUMPER = MailboxLogDumper()
