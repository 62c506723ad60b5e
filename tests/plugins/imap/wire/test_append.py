"""APPEND, line by line: with CATENATE, and at every split."""

from collections.abc import Callable

import pytest

from culver_plugins.imap.wire.append import Append, AppendMessage, CatText, CatUrl
from culver_plugins.imap.wire.events import BadCommand, CommandReceived
from culver_plugins.imap.wire.flags import FlagList
from culver_plugins.imap.wire.machine import ImapMachine
from culver_plugins.imap.wire.state import State
from culver_plugins.imap.wire.table import CommandTable

Drive = Callable[..., list[object]]
URL = CatUrl(b"/x/;UID=1")

ROWS: list[tuple[bytes, Append]] = [
    (b"x CATENATE (URL /x/;UID=1)", Append("x", (AppendMessage(0, parts=(URL,)),))),
    (b"x CATENATE (URL {9+}\r\n/x/;UID=1)", Append("x", (AppendMessage(0, parts=(URL,)),))),
    (b"x CATENATE (TEXT {1+}\r\na)",
     Append("x", (AppendMessage(0, parts=(CatText(1, False, b"a"),)),))),
    (b"x (\\Seen) CATENATE (URL \"/x/;UID=1\" TEXT ~{1+}\r\n\0 URL /x/;UID=1 TEXT {2+}\r\nab)",
     Append("x", (AppendMessage(0, FlagList(8), parts=(
         URL, CatText(1, True, b"\0"), URL, CatText(2, False, b"ab"))),))),
    (b"{1+}\r\nx CATENATE (TEXT {1+}\r\na) {1+}\r\nb CATENATE (URL /x/;UID=1)",
     Append("x", (AppendMessage(0, parts=(CatText(1, False, b"a"),)),
                  AppendMessage(1, data=b"b"), AppendMessage(0, parts=(URL,))))),
]  # fmt: skip


def machine(table: CommandTable) -> ImapMachine:
    return ImapMachine(table, state=State.AUTHENTICATED)


@pytest.mark.parametrize(("text", "command"), ROWS, ids=lambda row: repr(row)[:40])
def test_at_every_split(table: CommandTable, drive: Drive, text: bytes, command: Append) -> None:
    octets = b"a APPEND " + text + b"\r\n"
    for at in range(len(octets)):
        *_, last = drive(machine(table), [octets[:at], octets[at:]])
        assert isinstance(last, CommandReceived)
        assert last.command == command


@pytest.mark.parametrize(
    "text",
    [b"", b"x", b"x ()", b"x CATENATE", b"x CATENATE ()", b"x CATENATE (", b"x CATENATE (URL a",
     b"x CATENATE (URL)", b"x CATENATE (TEXT a)", b"x CATENATE (TEXT {1+}\r\na",
     b"x CATENATE (TEXT {1+}\r\na URL)", b"x CATENATE (URL a) x", b"x {1+}\r\na )",
     b"x CATENATE (FILE a)", b"x \"1-Jan-2020\" {1+}\r\na"],
)  # fmt: skip
def test_bad(table: CommandTable, drive: Drive, text: bytes) -> None:
    log = drive(machine(table), [b"a APPEND " + text + b"\r\n"])

    assert any(isinstance(each, BadCommand) for each in log)
    assert not any(isinstance(each, CommandReceived) for each in log)
