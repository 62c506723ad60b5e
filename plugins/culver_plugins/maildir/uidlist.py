"""``dovecot-uidlist``: which file has which UID (inventory R4-012, R4-013).

Version 3: ``3 V<uidvalidity> N<next uid> G<guid>`` and lines ``<uid> [<key><value>...] :<base>``.
Version 1 (Dovecot before 1.1, Courier) is read: ``1 <uidvalidity> <next uid>`` and
``<uid> <base>``.  Writers hold ``dovecot-uidlist.lock``; readers need no lock, since lines are
only appended and everything else is a rename.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from culver.mail.files import replace_file, write_all

_LINES: Final = re.compile(rb"^(\d+) +((?:[A-Z][^ \n]* +)*):([^/\n]+)\n", re.MULTILINE)
_LINES_V1: Final = re.compile(rb"^(\d+) +([^/\n]+)\n", re.MULTILINE)
_HIGHEST_UID: Final = 0xFFFFFFFE
_TAIL: Final = 64


class Damaged(Exception):
    """The header can't be read: the list says nothing any more."""


class Uidlist:
    """The list as of the last :meth:`read`, kept in memory."""

    def __init__(self, directory: str) -> None:
        self.path = os.path.join(directory, "dovecot-uidlist")
        self._forget()

    def _forget(self) -> None:
        self.uid_validity = 0
        self.next_uid = 1
        self.guid = ""
        self.uids: dict[str, int] = {}
        """Base name -> UID, of mails that are long gone too until the next rewrite."""
        self.extensions: dict[int, str] = {}
        """UID -> its ``<key><value>`` fields separated by blanks, of those that have any."""
        self.must_rewrite = False
        self._header_rest = ""
        self._version = 3
        self._file: tuple[int, int] = (0, 0)
        self._size = 0
        self._tail = b""
        self._last_uid = 0

    def read(self) -> bool:
        """Take over what was written since.  False when nothing was.

        Raises :class:`Damaged`, and FileNotFoundError when there is none.
        """
        with open(self.path, "rb", buffering=0) as file:
            info = os.fstat(file.fileno())
            same = self._file == (info.st_dev, info.st_ino)
            if same and info.st_size == self._size:
                return False
            # The inode number of a deleted list may be given to a later one, so the bytes
            # before the place where we stopped are compared too.
            if same and info.st_size > self._size and self._tail == self._before(file.fileno()):
                data = os.pread(file.fileno(), info.st_size - self._size, self._size)
            else:
                self._forget()
                data = self._take_header(os.pread(file.fileno(), info.st_size, 0))
            self._file = info.st_dev, info.st_ino
            self._take_lines(data)
            self._tail = self._before(file.fileno())
        return True

    def _before(self, fd: int) -> bytes:
        start = max(0, self._size - _TAIL)
        return os.pread(fd, self._size - start, start)

    def _take_header(self, data: bytes) -> bytes:
        line, newline, rest = data.partition(b"\n")
        self._size = len(line) + 1
        version, _, fields = line.decode("ascii", "replace").partition(" ")
        if newline and version == "3":
            self._take_fields(fields)
        elif newline and version == "1" and re.fullmatch(r"\d+ \d+", fields):
            self._version, self.must_rewrite = 1, True
            self.uid_validity, self.next_uid = map(int, fields.split())
        if not (0 < self.uid_validity <= 0xFFFFFFFF and 0 < self.next_uid <= 0xFFFFFFFF):
            header = line[:100]
            self._forget()
            raise Damaged(f"{self.path}: header {header!r}; expected 3 V<n> N<n> G<hex>")
        self.must_rewrite |= not self.guid
        return rest

    def _take_fields(self, fields: str) -> None:
        rest: list[str] = []
        for field in fields.split():
            key, value = field[0], field[1:]
            if key == "V" and value.isdigit():
                self.uid_validity = int(value)
            elif key == "N" and value.isdigit():
                self.next_uid = int(value)
            elif key == "G" and re.fullmatch(r"[0-9a-f]{32}", value):
                self.guid = value
            elif key not in "VNG":
                rest.append(field)
        self._header_rest = " ".join(rest)

    def _take_lines(self, data: bytes) -> None:
        # A line without an end is being written, or was cut off: it isn't there yet.
        complete = data[: data.rfind(b"\n") + 1]
        self._size += len(complete)
        count = 0
        for uid, fields, base in self._lines(complete):
            count += 1
            if self._last_uid < uid <= _HIGHEST_UID:
                self._last_uid = uid
                self.uids[base] = uid
                if fields:
                    self.extensions[uid] = fields
            else:
                self.must_rewrite = True
        # Lines that aren't records are dropped; their files will get new UIDs.
        self.must_rewrite |= count != complete.count(b"\n")
        self.next_uid = max(self.next_uid, self._last_uid + 1)

    def _lines(self, data: bytes) -> Iterator[tuple[int, str, str]]:
        if self._version == 1:
            for raw, base in _LINES_V1.findall(data):
                yield _number(raw), "", os.fsdecode(base)
            return
        for raw, fields, base in _LINES.findall(data):
            yield (
                _number(raw),
                fields.decode("utf-8", "surrogateescape").rstrip(),
                os.fsdecode(base),
            )

    def field(self, uid: int, key: str) -> str:
        """The value of a UID's field: ``G`` GUID, ``P`` POP3 UIDL, ``S`` size, ...; else empty."""
        for field in self.extensions.get(uid, "").split():
            if field[0] == key:
                return field[1:]
        return ""

    def start(self, uid_validity: int) -> None:
        """Begin a new list, as when there is none.  Written by :meth:`rewrite`."""
        self._forget()
        self.uid_validity = uid_validity
        self.must_rewrite = True

    def assign(self, bases: Sequence[str], fields: Sequence[str] = ()) -> list[int]:
        """Give each base name the next UID.  Only under the lock; not written yet."""
        first = self.next_uid
        uids = list(range(first, first + len(bases)))
        self.uids.update(zip(bases, uids, strict=True))
        self.extensions.update((u, f) for u, f in zip(uids, fields, strict=False) if f)
        self.next_uid = first + len(bases)
        return uids

    def append(self, bases: Sequence[str], uids: Sequence[int], *, sync: bool) -> None:
        """Write assigned UIDs at the end.  Only under the lock, after a :meth:`read`.

        On failure (full disk) the file is cut back and the error raised; the UIDs are not used
        again by this process.
        """
        lines = b"".join(map(self._line, uids, bases))
        fd = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        try:
            try:
                if os.fstat(fd).st_size != self._size:
                    os.ftruncate(fd, self._size)  # half a line of a writer that died
                write_all(fd, lines)
                if sync:
                    os.fdatasync(fd)
            except OSError:
                os.ftruncate(fd, self._size)
                raise
            self._size += len(lines)
            self._last_uid = uids[-1]
            self._tail = self._before(fd)
        finally:
            os.close(fd)

    def forget_uids(self, bases: Iterable[str]) -> None:
        """Drop records; gone from the file at the next rewrite."""
        for base in bases:
            uid = self.uids.pop(base, 0)
            self.extensions.pop(uid, None)
            self.must_rewrite = True

    def wants_rewrite(self, live: int) -> bool:
        """Whether at least a quarter of the lines (and enough to matter) are of expunged mails."""
        return self.must_rewrite or len(self.uids) * 3 > live * 4 + 64

    def rewrite(self, live: Iterable[str], *, mode: int, gid: int, sync: bool) -> None:
        """Write a new file that holds only ``live`` base names.  Only under the lock."""
        kept = sorted((self.uids[base], base) for base in live if base in self.uids)
        self.guid = self.guid or secrets.token_hex(16)
        header = f"3 V{self.uid_validity} N{self.next_uid} G{self.guid}"
        if self._header_rest:
            header += f" {self._header_rest}"
        data = header.encode() + b"\n" + b"".join(self._line(uid, base) for uid, base in kept)
        info = replace_file(self.path, data, mode=mode, gid=gid, sync=sync)
        self._version, self.must_rewrite = 3, False
        self.uids = {base: uid for uid, base in kept}
        self.extensions = {u: f for u, _ in kept if (f := self.extensions.get(u))}
        self._file, self._size = (info.st_dev, info.st_ino), len(data)
        self._tail = data[-_TAIL:]
        self._last_uid = kept[-1][0] if kept else 0

    def _line(self, uid: int, base: str) -> bytes:
        fields = self.extensions.get(uid)
        line = f"{uid} {fields} :{base}\n" if fields else f"{uid} :{base}\n"
        return os.fsencode(line)


def _number(digits: bytes) -> int:
    # More digits than a UID has: kept from costing quadratic time.
    return int(digits) if len(digits) <= 10 else _HIGHEST_UID + 1


def read_guid(path: str) -> str:
    """The mailbox GUID in the list's first line, without reading the rest; empty when there is
    none."""
    with open(path, "rb", buffering=0) as file:
        found = re.match(rb"3 (?:[^\n]* )?G([0-9a-f]{32})[ \n]", file.read(512))
    return found[1].decode() if found else ""
