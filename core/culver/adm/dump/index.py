"""dovecot.index, with the log that goes on from it and the cache beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from culver.adm.dump.dumper import Dumper
from culver.adm.errors import AdmError


class IndexDumper(Dumper):
    """Header, extensions, keywords, cache fields, then every message; or the message whose UID
    is given."""

    name = "index"

    def detect(self, path: str) -> bool:
        from culver.index.engine import MailboxIndex
        from culver.index.errors import IndexCorrupted, IndexMissing

        place = _place(path)
        if place is None:
            return False
        index = MailboxIndex(place[0], name=place[1])
        try:
            index.open()
        except (IndexMissing, IndexCorrupted, OSError):
            return False
        index.close()
        return True

    def dump(self, path: str, args: Sequence[str]) -> Iterator[str]:
        from culver.adm.dump.indexlines import index_lines
        from culver.index.engine import MailboxIndex
        from culver.index.errors import BadRecord, IndexCorrupted, IndexMissing

        uid = _uid(args)
        place = _place(path)
        if place is None:
            raise AdmError(f"Couldn't open index {path}")
        index = MailboxIndex(place[0], name=place[1])
        try:
            index.open()
        except (IndexMissing, IndexCorrupted, OSError) as error:
            raise AdmError(f"Couldn't open index {path}: {error}") from error
        try:
            yield from index_lines(index, uid)
        except BadRecord as error:
            raise AdmError(f"{path}: {error}") from error
        finally:
            index.close()


def _uid(args: Sequence[str]) -> int:
    if not args:
        return 0
    if not (args[0].isascii() and args[0].isdigit()):
        raise AdmError(f"Invalid uid number {args[0]}")
    return int(args[0])


def _place(path: str) -> tuple[str, str] | None:
    """Directory and name of the index that a path means; None for a directory without one."""
    if not os.path.isdir(path):
        return os.path.dirname(path) or ".", os.path.basename(path)
    for name in ("dovecot.index", "dovecot.map.index"):
        if any(os.path.exists(f"{path}/{name}{end}") for end in ("", ".log")):
            return path, name
    return None


DUMPER = IndexDumper()
