"""dovecot.index.log: every record of a transaction log, in the order of the file."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from culver.adm.dump.dumper import Dumper
from culver.adm.errors import AdmError

if TYPE_CHECKING:
    from culver.index.logheader import LogHeader


class LogDumper(Dumper):
    """The header, then the records with what they say."""

    name = "log"

    def detect(self, path: str) -> bool:
        name = PurePath(path).name
        if not (name.endswith(".log") or ".log." in name):
            return False
        from culver.index.logheader import MAJOR_VERSION, MIN_SIZE

        try:
            with open(path, "rb") as file:
                head = file.read(MIN_SIZE)
        except OSError:
            return False
        size = int.from_bytes(head[2:4], "little")
        return len(head) == MIN_SIZE and head[0] == MAJOR_VERSION and size >= MIN_SIZE

    def dump(self, path: str, args: Sequence[str]) -> Iterator[str]:
        from culver.index.errors import BadRecord
        from culver.index.logheader import LogHeader

        try:
            with open(path, "rb") as file:
                raw = file.read()
            header = LogHeader.decode(raw)
        except OSError as error:
            raise AdmError(f"open({path}) failed: {error.strerror}") from error
        except BadRecord as error:
            raise AdmError(f"{path}: {error}") from error
        yield from _header(header)
        try:
            yield from _records(raw, header)
        except (BadRecord, struct.error) as error:
            raise AdmError(f"{path}: {error}") from error


def _header(header: LogHeader) -> Iterator[str]:
    yield f"version = {header.major_version}.{header.minor_version}"
    yield f"hdr size = {header.hdr_size}"
    yield f"index id = {header.indexid}"
    yield f"file seq = {header.file_seq}"
    yield f"prev file = {header.prev_file_seq}/{header.prev_file_offset}"
    yield f"create stamp = {header.create_stamp}"
    yield f"initial modseq = {header.initial_modseq}"
    yield f"compat flags = {header.compat_flags:x}"


def _records(raw: bytes, header: LogHeader) -> Iterator[str]:
    from culver.adm.dump.logrecords import RecordPrinter, type_name
    from culver.index.framing import frames
    from culver.index.modseq import advance

    modseq = header.initial_modseq
    printer = RecordPrinter()
    for frame in frames(raw[header.hdr_size :], header.hdr_size):
        before, modseq = modseq, advance(modseq, frame.kind, frame.payload, header.version)
        raised = f", modseq={modseq}" if modseq > before else ""
        size = frame.end - frame.offset
        yield f"record: offset={frame.offset}, type={type_name(frame.kind)}, size={size}{raised}"
        yield from printer.lines(frame.kind, frame.payload)


DUMPER = LogDumper()
