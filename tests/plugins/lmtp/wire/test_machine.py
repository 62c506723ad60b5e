"""Lines, dot-stuffed data and chunks, at every split of the input."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver_plugins.lmtp.wire.machine import (
    Data,
    DataEnd,
    Line,
    LineTooLong,
    Machine,
    NeedData,
)


class Heard:
    """Runs a machine as a session would: DATA and BDAT n switch it over."""

    def __init__(self, max_line: int = 20) -> None:
        self.machine = Machine(max_line)
        self.said: list[str | bytes] = []
        self.data = b""

    def receive(self, piece: bytes) -> None:
        self.machine.receive(piece)
        while not isinstance(event := self.machine.next_event(), NeedData):
            if isinstance(event, Line):
                self.said.append(event.text)
                if event.text == b"DATA":
                    self.machine.expect_data()
                elif event.text.startswith(b"BDAT "):
                    self.machine.expect_chunk(int(event.text[5:]))
            elif isinstance(event, LineTooLong):
                self.said.append("too long")
            elif isinstance(event, Data):
                assert event.chunk
                self.data += event.chunk
            else:
                assert isinstance(event, DataEnd)
                self.said.append("mail")
                self.said.append(self.data)
                self.data = b""


TABLE: list[tuple[str, bytes, list[str | bytes]]] = [
    ("lines", b"a\r\nb\n\r\n", [b"a", b"b", b""]),
    ("line of the limit", b"x" * 20 + b"\r\n", [b"x" * 20]),
    ("too long", b"x" * 23 + b"\r\nok\r\n", ["too long", b"ok"]),
    ("far too long", b"x" * 100 + b"\r\nok\r\n", ["too long", b"ok"]),
    ("empty mail", b"DATA\r\n.\r\nq\r\n", [b"DATA", "mail", b"", b"q"]),
    ("mail", b"DATA\r\na\r\nb\r\n.\r\n", [b"DATA", "mail", b"a\r\nb\r\n"]),
    ("stuffed", b"DATA\r\n..\r\n..a\r\n.\r\n", [b"DATA", "mail", b".\r\n.a\r\n"]),
    ("needlessly stuffed", b"DATA\r\n.a\r\n.\r\n", [b"DATA", "mail", b"a\r\n"]),
    ("dot within", b"DATA\r\na.\r\n.\r\n", [b"DATA", "mail", b"a.\r\n"]),
    ("empty lines", b"DATA\r\n\r\n\r\n.\r\n", [b"DATA", "mail", b"\r\n\r\n"]),
    ("bare LF", b"DATA\r\na\n.\nb\r\n.\r\n", [b"DATA", "mail", b"a\n.\nb\r\n"]),
    ("mixed ends", b"DATA\r\na\n.\r\nb\r\n.\nc\r\n.\r\n",
     [b"DATA", "mail", b"a\n.\r\nb\r\n\nc\r\n"]),
    ("lone CRs", b"DATA\r\n\r\r\n.\r\r\n.\r\n", [b"DATA", "mail", b"\r\r\n\r\r\n"]),
    ("two mails", b"DATA\r\na\r\n.\r\nDATA\r\nb\r\n.\r\n",
     [b"DATA", "mail", b"a\r\n", b"DATA", "mail", b"b\r\n"]),
    ("chunk", b"BDAT 5\r\na\r\n.\rq\r\n", [b"BDAT 5", "mail", b"a\r\n.\r", b"q"]),
    ("empty chunk", b"BDAT 0\r\nq\r\n", [b"BDAT 0", "mail", b"", b"q"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "expected"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE]
)
def test_at_every_split(data: bytes, expected: list[str | bytes]) -> None:
    for first in range(len(data) + 1):
        for second in range(first, len(data) + 1):
            heard = Heard()
            for piece in (data[:first], data[first:second], data[second:]):
                heard.receive(piece)
            assert heard.said == expected, (first, second)


@pytest.mark.parametrize(
    ("data", "expected"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE]
)
def test_octet_by_octet(data: bytes, expected: list[str | bytes]) -> None:
    heard = Heard()
    for octet in data:
        heard.receive(bytes([octet]))
    assert heard.said == expected


def test_discarded_input_is_not_read() -> None:
    heard = Heard()
    heard.machine.receive(b"evil\r\n")
    heard.machine.discard()
    heard.receive(b"good\r\n")
    assert heard.said == [b"good"]


def test_an_endless_line_costs_no_memory() -> None:
    machine = Machine(100)
    for _ in range(1000):
        machine.receive(b"x" * 100)
        assert isinstance(machine.next_event(), NeedData)
    machine.receive(b"\r\nok\r\n")
    assert machine.next_event() == LineTooLong()
    assert machine.next_event() == Line(b"ok")


def unstuffed(mail: bytes) -> bytes:
    """The same by the book: line by line, only CRLF ends a line."""
    lines = mail.split(b"\r\n")
    return b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines)


PIECES = st.lists(
    st.sampled_from([b"\r\n", b".", b"\r", b"\n", b"a", b"..", b"\r\n."]), max_size=25
)


@given(PIECES, st.data())
def test_mail_as_by_the_book(pieces: list[bytes], data: st.DataObject) -> None:
    text = b"".join(pieces) + b"\r\n"
    framed = b"\r\n" + text
    end = framed.find(b"\r\n.\r\n")
    stream = text if end >= 0 else text + b".\r\n"
    framed = b"\r\n" + stream
    end = framed.find(b"\r\n.\r\n")
    expected = unstuffed(stream[:end]) if end else b""
    heard = Heard()
    heard.receive(b"DATA\r\n")
    cut = data.draw(st.integers(0, end + 3))
    heard.receive(stream[:cut])
    heard.receive(stream[cut : end + 3])
    assert heard.said == [b"DATA", "mail", expected]


@given(st.binary(max_size=200), st.sampled_from(["", "data", "chunk"]))
def test_garbage_is_events(data: bytes, mode: str) -> None:
    machine = Machine(30)
    setup: dict[str, Callable[[], None]] = {
        "": lambda: None,
        "data": machine.expect_data,
        "chunk": lambda: machine.expect_chunk(17),
    }
    setup[mode]()
    for octet in range(0, len(data), 7):
        machine.receive(data[octet : octet + 7])
        while not isinstance(machine.next_event(), NeedData):
            pass
