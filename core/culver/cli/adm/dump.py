"""``dump [-t TYPE] PATH``: a binary file of the store as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.adm.codes import DATAERR, USAGE
from culver.adm.command import AdmCommand
from culver.adm.dump.dumper import Dumper, dumpers
from culver.adm.errors import AdmError
from culver.adm.option import Option

if TYPE_CHECKING:
    from culver.adm.call import Call


class Dump(AdmCommand):
    """Index with cache, transaction log, mailbox log, and what the formats bring."""

    name = "dump"
    usage = "[-t <type>] <path> [<type-specific args>]"
    options = (Option("type", "t", takes_value=True),)

    def run(self, call: Call) -> None:
        call.need(1)
        path, *args = call.args
        dumper = _find(call, path)
        out = call.context.out
        if "type" not in call.given:
            out.write(f"Detected file type: {dumper.name}\n".encode())
        for line in dumper.dump(path, args):
            out.write(line.encode("utf-8", "surrogateescape") + b"\n")


def _find(call: Call, path: str) -> Dumper:
    wanted = call.given.get("type")
    known = list(dumpers(call.context.composition.registry))
    for dumper in known:
        if dumper.name == wanted if wanted else dumper.detect(path):
            return dumper
    names = " ".join(dumper.name for dumper in known)
    if wanted:
        raise AdmError(f"Unknown type: {wanted} (allowed: {names})", USAGE)
    raise AdmError(f"Can't autodetect file type: {path} (known: {names})", DATAERR)


COMMAND = Dump
