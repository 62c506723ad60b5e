"""A small IMAP client for tests: sends what it is told, correct or not, and reads the answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import count

import msgspec
import trio

from culver.testing.imap_responses import Response, ResponseReader, Status
from culver.testing.imap_values import BadResponse, Value, pairs, parse_values

RECEIVE_SIZE = 64 * 1024


class ConnectionEnded(Exception):
    """The server closed the connection; ``said`` is what it said before, ``* BYE`` perhaps."""

    def __init__(self, said: tuple[bytes, ...]) -> None:
        super().__init__(f"the server closed the connection; it said {list(said)}")
        self.said = said


class Answer(msgspec.Struct, frozen=True):
    """The tagged answer of a command, and what came before it."""

    status: str
    """OK, NO or BAD."""
    code: str
    """Response code in capitals, ``LIMIT``; empty when there is none."""
    text: str
    untagged: tuple[bytes, ...]
    """Untagged responses in order, without ``* ``; literals are in them."""
    arguments: str = ""
    """What stands behind the code: ``1 7`` of ``[APPENDUID 1 7]``."""
    continuations: tuple[bytes, ...] = ()
    """Texts of ``+`` lines."""

    @property
    def ok(self) -> bool:
        """The command was done."""
        return self.status == "OK"

    def of(self, word: str) -> list[bytes]:
        """The untagged responses of a kind, ``SEARCH``: what stands behind the word."""
        start = word.encode() + b" "
        return [line[len(start) :] for line in self.untagged if (line + b" ").startswith(start)]

    def numbered(self, word: str) -> list[int]:
        """The numbers of ``* 3 EXISTS``, ``* 3 EXPUNGE``, in order."""
        end = b" " + word.encode()
        return [int(line[: -len(end)]) for line in self.untagged if line.endswith(end)]

    def codes(self) -> dict[str, str]:
        """The response codes of untagged OKs and what stands behind them: ``UIDNEXT``."""
        found = [Response(b"* " + line).status() for line in self.untagged]
        return {each.code: each.arguments for each in found if each is not None and each.code}

    def fetched(self) -> dict[int, dict[str, Value]]:
        """FETCH responses by sequence number; several of one message are merged."""
        found: dict[int, dict[str, Value]] = {}
        for line in self.untagged:
            number, _, rest = line.partition(b" ")
            if number.isdigit() and rest.startswith(b"FETCH "):
                inside = parse_values(rest[6:])[0]
                assert isinstance(inside, list)
                found.setdefault(int(number), {}).update(pairs(inside))
        return found

    def searched(self) -> list[int]:
        """The numbers of SEARCH."""
        return [int(word) for line in self.of("SEARCH") for word in line.split() if word.isdigit()]


class ImapClient:
    """Speaks over any trio stream.  Commands are sent as they are given, CRLF added."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self.stream = stream
        self._reader = ResponseReader()
        self._tags = (b"c%d" % number for number in count(1))
        self.greeting: Status | None = None

    async def greet(self) -> Status:
        """Read the greeting."""
        response = await self.read()
        status = response.status()
        if status is None:
            raise BadResponse(f"no greeting: {response.line!r}")
        self.greeting = status
        return status

    async def read(self) -> Response:
        """The next response, whatever it is.  Raises ConnectionEnded."""
        while (response := self._reader.next()) is None:
            data = await self.stream.receive_some(RECEIVE_SIZE)
            if not data:
                raise ConnectionEnded(())
            self._reader.receive(data)
        return response

    async def read_line(self) -> bytes:
        """The next response without its CRLF."""
        return (await self.read()).line

    async def send(self, data: bytes) -> None:
        """Send exactly this.  A server that has hung up is noticed when its answer is read."""
        with suppress(trio.BrokenResourceError):
            await self.stream.send_all(data)

    async def answer(self, tag: bytes) -> Answer:
        """Read up to the answer with this tag."""
        untagged: list[bytes] = []
        continuations: list[bytes] = []
        while True:
            try:
                response = await self.read()
            except ConnectionEnded:
                raise ConnectionEnded(tuple(untagged)) from None
            if response.tag == b"+":
                continuations.append(response.line[2:])
                continue
            if response.tag == b"*":
                untagged.append(response.line[2:])
                continue
            status = response.status()
            if response.tag != tag or status is None:
                raise BadResponse(f"no answer to {tag.decode()}: {response.line!r}")
            return Answer(
                status.status,
                status.code,
                status.text,
                tuple(untagged),
                status.arguments,
                tuple(continuations),
            )

    async def command(self, text: str | bytes, *literals: bytes) -> Answer:
        """Send a command and read its answer.  Each literal follows what was given before it,
        announced without waiting (RFC 7888); ``text`` may hold ``{}`` where one stands:
        ``LOGIN {} secret``."""
        tag = next(self._tags)
        line = text.encode() if isinstance(text, str) else text
        await self.send(tag + b" " + b"".join(_with_literals(line, literals)) + b"\r\n")
        return await self.answer(tag)

    async def login(self, user: str, password: str = "secret") -> Answer:
        """LOGIN."""
        return await self.command(f"LOGIN {user} {password}")

    async def logout(self) -> Answer:
        """LOGOUT; the server closes the connection then."""
        return await self.command("LOGOUT")

    async def select(self, mailbox: str = "INBOX", parameters: str = "") -> Answer:
        """SELECT."""
        return await self.command(f"SELECT {mailbox} {parameters}".rstrip())

    async def examine(self, mailbox: str = "INBOX", parameters: str = "") -> Answer:
        """EXAMINE."""
        return await self.command(f"EXAMINE {mailbox} {parameters}".rstrip())

    async def fetch(self, numbers: str | int, items: str, *, uid: bool = False) -> Answer:
        """FETCH, or UID FETCH."""
        return await self.command(f"{'UID ' if uid else ''}FETCH {numbers} {items}")

    async def store(self, numbers: str | int, change: str, *, uid: bool = False) -> Answer:
        """STORE: ``+FLAGS (\\Seen)``."""
        return await self.command(f"{'UID ' if uid else ''}STORE {numbers} {change}")

    async def search(self, query: str, *, uid: bool = False) -> Answer:
        """SEARCH."""
        return await self.command(f"{'UID ' if uid else ''}SEARCH {query}")

    async def append(self, mailbox: str, mail: bytes, flags: str = "", date: str = "") -> Answer:
        """APPEND of one message; ``date`` as in ``07-Feb-1994 21:52:25 -0800``."""
        parts = ["APPEND", mailbox, flags and f"({flags})", date and f'"{date}"', "{}"]
        return await self.command(" ".join(filter(None, parts)), mail)

    async def list(self, pattern: str = "*", reference: str = "") -> list[tuple[bytes, bytes]]:
        """LIST: attributes and name of each, as the server writes them."""
        answer = await self.command(f'LIST "{reference}" "{pattern}"')
        rows = [parse_values(line) for line in answer.of("LIST")]
        return [(_joined(row[0]), row[2]) for row in rows if isinstance(row[2], bytes)]

    async def status(self, mailbox: str, items: str) -> dict[str, int]:
        """STATUS: items and their numbers."""
        answer = await self.command(f"STATUS {mailbox} ({items})")
        inside = parse_values(answer.of("STATUS")[0])[1]
        assert isinstance(inside, list)
        return {name: value for name, value in pairs(inside).items() if isinstance(value, int)}

    async def idle(self) -> None:
        """IDLE; returns when the server waits.  Then :meth:`read_line`, and :meth:`done`."""
        self._idle_tag = next(self._tags)
        await self.send(self._idle_tag + b" IDLE\r\n")
        response = await self.read()
        if response.tag != b"+":
            raise BadResponse(f"no continuation: {response.line!r}")

    async def done(self) -> Answer:
        """End IDLE."""
        await self.send(b"DONE\r\n")
        return await self.answer(self._idle_tag)

    async def aclose(self) -> None:
        """Hang up without a word."""
        await self.stream.aclose()


def _with_literals(line: bytes, literals: tuple[bytes, ...]) -> Iterator[bytes]:
    parts = line.split(b"{}") if literals else [line]
    assert len(parts) == len(literals) + 1, "one {} for each literal"
    yield parts[0]
    for literal, part in zip(literals, parts[1:], strict=True):
        yield b"{%d+}\r\n%b%b" % (len(literal), literal, part)


def _joined(value: Value) -> bytes:
    return b" ".join(each for each in value if isinstance(each, bytes)) if value else b""  # type: ignore[union-attr]
