"""Lines and literals at every split, and what happens at the limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver_plugins.imap.wire.fragments import (
    Fragment,
    Fragmentizer,
    Line,
    Literal,
    LiteralChunk,
    LiteralData,
    LiteralEnd,
    Overlong,
    announced,
)


def run(
    pieces: list[bytes], *, max_line: int = 100, stream: bool = False, largest: int = 50
) -> list[Fragment]:
    """Feed the pieces; take literals up to `largest`, refuse the others; join chunks."""
    cutter = Fragmentizer(max_line)
    log: list[Fragment] = []
    for piece in pieces:
        cutter.receive(piece)
        while (fragment := cutter.next()) is not None:
            if isinstance(fragment, Line) and fragment.literal is not None:
                if fragment.literal.size <= largest:
                    cutter.accept(stream=stream)
                else:
                    cutter.refuse()
            if isinstance(fragment, LiteralChunk) and isinstance(log[-1], LiteralChunk):
                fragment = LiteralChunk(log.pop().data + fragment.data)  # type: ignore[union-attr]
            log.append(fragment)
    return log


def sync(size: int) -> Literal:
    return Literal(size, True, False)


def nonsync(size: int) -> Literal:
    return Literal(size, False, False)


STREAMS: list[tuple[bytes, list[Fragment]]] = [
    (b"a NOOP\r\n", [Line(b"a NOOP", None)]),
    (b"a NOOP\nb\n\r\n", [Line(b"a NOOP", None), Line(b"b", None), Line(b"", None)]),
    (b"a\rb\r\n", [Line(b"a\rb", None)]),
    (b"a {3}\r\nx\r\n {0}\r\n\r\n",
     [Line(b"a {3}", sync(3)), LiteralData(b"x\r\n"), Line(b" {0}", sync(0)), LiteralData(b""),
      Line(b"", None)]),
    (b"a {3+}\nx\r\nb\r\n", [Line(b"a {3+}", nonsync(3)), LiteralData(b"x\r\n"), Line(b"b", None)]),
    (b"a ~{2}\r\n\0\0\r\n",
     [Line(b"a ~{2}", Literal(2, True, True)), LiteralData(b"\0\0"), Line(b"", None)]),
    (b"a ({1}\r\nx)\r\n", [Line(b"a ({1}", sync(1)), LiteralData(b"x"), Line(b")", None)]),
    # No token can start here, so it is a bad line and no literal.
    (b'a "x{3}\r\na{3}\r\n{3-}\r\n', [Line(b'a "x{3}', None), Line(b"a{3}", None),
                                       Line(b"{3-}", None)]),
    # Refused and sent anyway or not: the next command is the next command.
    (b"a {51}\r\nb NOOP\r\n", [Line(b"a {51}", sync(51)), Line(b"b NOOP", None)]),
    (b"a {51+}\r\n" + b"x LOGOUT\r\n" * 5 + b"y" + b" rest\r\nb NOOP\r\n",
     [Line(b"a {51+}", nonsync(51)), Line(b"b NOOP", None)]),
    (b"a {51+}\r\n" + b"x" * 51 + b" {60+}\r\n" + b"y" * 60 + b" {5}\r\nb NOOP\r\n",
     [Line(b"a {51+}", nonsync(51)), Line(b"b NOOP", None)]),
    # Too long: told at once, skipped to the end, its own literal with it.
    (b"x" * 101 + b"\r\nb\r\n", [Overlong(b"x" * 100), Line(b"b", None)]),
    (b"x" * 99 + b"\r\nb\r\n", [Line(b"x" * 99, None), Line(b"b", None)]),
    (b"x" * 200 + b" {9+}\r\na LOGOUT\n\r\nb\r\n", [Overlong(b"x" * 100), Line(b"b", None)]),
    (b"x" * 200 + b" {9}\r\nb\r\n", [Overlong(b"x" * 100), Line(b"b", None)]),
    # Lines and literals of one command share the limit; the next command starts anew.
    (b"a {50}\r\n" + b"x" * 50 + b" y" * 21 + b"\r\n" + b"z" * 90 + b"\r\n",
     [Line(b"a {50}", sync(50)), LiteralData(b"x" * 50), Overlong(b" y" * 21),
      Line(b"z" * 90, None)]),
]  # fmt: skip


@pytest.mark.parametrize(("stream", "fragments"), STREAMS)
def test_whole(stream: bytes, fragments: list[Fragment]) -> None:
    assert run([stream]) == fragments


@pytest.mark.parametrize(("stream", "fragments"), STREAMS)
def test_octet_by_octet(stream: bytes, fragments: list[Fragment]) -> None:
    assert run([stream[i : i + 1] for i in range(len(stream))]) == fragments


@pytest.mark.parametrize(("stream", "fragments"), STREAMS)
def test_every_split_in_two(stream: bytes, fragments: list[Fragment]) -> None:
    for cut in range(len(stream) + 1):
        assert run([stream[:cut], stream[cut:]]) == fragments


@pytest.mark.parametrize("size", [1, 7, 40])
def test_streamed_literals_come_in_chunks_that_join(size: int) -> None:
    data = b"q" * 40
    stream = b"a {40}\r\n" + data + b"\r\n"
    pieces = [stream[i : i + size] for i in range(0, len(stream), size)]

    assert run(pieces, stream=True) == [
        Line(b"a {40}", sync(40)), LiteralChunk(data), LiteralEnd(), Line(b"", None)
    ]  # fmt: skip


def test_an_empty_stream_has_no_chunk() -> None:
    assert run([b"a {0+}\r\n\r\n"], stream=True) == [
        Line(b"a {0+}", nonsync(0)), LiteralEnd(), Line(b"", None)
    ]  # fmt: skip


def test_nothing_is_read_before_the_decision() -> None:
    cutter = Fragmentizer()
    cutter.receive(b"a {3+}\r\nxyz\r\n")

    assert cutter.next() == Line(b"a {3+}", nonsync(3))
    assert cutter.next() is None
    cutter.accept(stream=False)
    assert cutter.next() == LiteralData(b"xyz")
    with pytest.raises(RuntimeError, match="no literal is announced"):
        cutter.refuse()


def test_raw_lines_know_no_literals() -> None:
    cutter = Fragmentizer()
    cutter.raw = True
    cutter.receive(b"x {3}\r\n")

    assert cutter.next() == Line(b"x {3}", None)


def test_clear_and_rest() -> None:
    cutter = Fragmentizer()
    cutter.receive(b"abc\r\n")

    assert cutter.clear() == 5
    assert cutter.next() is None
    cutter.receive(b"raw")
    assert cutter.rest() == b"raw"
    assert cutter.rest() == b""


def test_a_slow_line_is_not_searched_again() -> None:
    cutter = Fragmentizer(10**6)
    for _ in range(1000):
        cutter.receive(b"x")
        assert cutter.next() is None

    assert cutter._searched == 1000  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize(
    ("line", "literal"),
    [
        (b"a {5}", sync(5)),
        (b"{5}", sync(5)),
        (b"a {99999999999999999999+}", nonsync(99999999999999999999)),
        (b"a {}", None),
        (b"a {5} ", None),
        (b"a {+5}", None),
        (b"a {5++}", None),
    ],
)
def test_announcements(line: bytes, literal: Literal | None) -> None:
    assert announced(line) == literal


@given(
    st.lists(
        st.binary(max_size=12)
        | st.sampled_from([b" {3}\r\n", b" {60+}\r\n", b"\r\n", b"\n", b"x" * 60, b" ~{2+}\n"]),
        max_size=12,
    ),
    st.integers(1, 20),
    st.booleans(),
)
def test_the_split_never_matters(parts: list[bytes], size: int, stream: bool) -> None:
    data = b"".join(parts)
    pieces = [data[i : i + size] for i in range(0, len(data), size)]

    assert run(pieces, stream=stream) == run([data], stream=stream)
