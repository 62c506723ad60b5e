"""THREAD: the command, and the answer's brackets."""

from collections.abc import Callable, Sequence

import pytest

from culver_plugins.imap.wire import query as q
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.errors import ParseError
from culver_plugins.imap.wire.thread import ALGORITHMS, Thread

Parse = Callable[..., Command]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_algorithms(parse: Parse, algorithm: str) -> None:
    line = f"THREAD {algorithm.lower()} UTF-8 SEEN".encode()

    assert parse(line) == Thread(algorithm, q.FlagKey(8))
    assert parse(b"UID " + line) == Thread(algorithm, q.FlagKey(8), uid=True)


@pytest.mark.parametrize(
    "line", [b"", b" X UTF-8 ALL", b" REFS UTF-8", b" REFS ALL", b" REFERENCES", b" (REFS) UTF-8 X"]
)
def test_bad(parse: Parse, line: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        parse(b"THREAD" + line)

    assert caught.value.status == b"BAD"


class Tree:
    """A tree of numbers; 0 is a dummy."""

    def __init__(self, number: int, *answers: "Tree") -> None:
        self.number = number
        self.answers: Sequence[Tree] = answers


# The first is the example of RFC 5256 4.
ROWS: list[tuple[list[Tree], bytes]] = [
    ([Tree(2), Tree(3, Tree(6, Tree(4, Tree(23)), Tree(44, Tree(7, Tree(96)))))],
     b"(2)(3 6 (4 23)(44 7 96))"),
    ([Tree(0, Tree(3), Tree(5))], b"((3)(5))"),
    ([Tree(0, Tree(3, Tree(4)))], b"(3 4)"),
    ([Tree(1, Tree(2, Tree(3), Tree(4)))], b"(1 2 (3)(4))"),
]  # fmt: skip


@pytest.mark.parametrize(("roots", "text"), ROWS, ids=lambda row: str(row)[:30])
def test_answers(roots: list[Tree], text: bytes) -> None:
    assert responses.threads(roots) == b"* THREAD " + text + b"\r\n"


def test_nothing_found() -> None:
    assert responses.threads([]) == b"* THREAD\r\n"


def test_sequence_numbers_instead_of_uids() -> None:
    assert responses.threads([Tree(70, Tree(90))], {70: 1, 90: 2}) == b"* THREAD (1 2)\r\n"


def test_a_chain_that_no_recursion_survives() -> None:
    chain = Tree(9999)
    for number in range(9998, 0, -1):
        chain = Tree(number, chain)

    text = " ".join(map(str, range(1, 10000)))

    assert responses.threads([chain]) == f"* THREAD ({text})\r\n".encode()
