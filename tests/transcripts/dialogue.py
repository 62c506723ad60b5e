"""Play a transcript against a server: send what the client says, match what comes back."""

import ssl
from collections.abc import Awaitable, Callable, Iterator, Sequence

import trio
from tests.transcripts.transcript import Action, Expect, Send, Step, Transcript

Connect = Callable[[], Awaitable[trio.abc.Stream]]


class Mismatch(AssertionError):
    """The server said something else; names file and line."""


class Peer:
    """One connection of a transcript."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self.stream = stream
        self._buffer = bytearray()

    async def line(self) -> bytes | None:
        """The next line without CRLF; None at the end of the connection."""
        while (end := self._buffer.find(b"\r\n")) < 0:
            try:
                data = await self.stream.receive_some(65536)
            except trio.BrokenResourceError:
                data = b""
            if not data:
                assert not self._buffer, f"half a line: {self._buffer!r}"
                return None
            self._buffer += data
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """The client's handshake."""
        assert not self._buffer, f"the server said more before TLS: {self._buffer!r}"
        stream = trio.SSLStream(self.stream, context, server_hostname="localhost")
        await stream.do_handshake()
        self.stream = stream


class Dialogue:
    """Plays one transcript.  ``first`` is the first connection, prepared as the head says."""

    def __init__(
        self,
        transcript: Transcript,
        first: trio.abc.Stream,
        connect: Connect,
        tls: ssl.SSLContext | None,
    ) -> None:
        self.transcript = transcript
        self.peers = {1: Peer(first)}
        self.connect = connect
        self.tls = tls
        self.variables: dict[str, str] = {}

    async def play(self) -> None:
        """Raises Mismatch for the first line that is not as written; hangs up at the end."""
        try:
            await self._play()
        finally:
            for peer in self.peers.values():
                await trio.aclose_forcefully(peer.stream)

    async def _play(self) -> None:
        for group in groups(self.transcript.steps):
            first = group[0]
            if isinstance(first, Send):
                peer = await self._peer(first.connection)
                await peer.stream.send_all(first.octets(self.variables))
            elif isinstance(first, Action):
                await self._act(first)
            else:
                expects = [step for step in group if isinstance(step, Expect)]
                await self._expect(await self._peer(first.connection), expects)

    async def _peer(self, number: int) -> Peer:
        if number not in self.peers:
            self.peers[number] = Peer(await self.connect())
        return self.peers[number]

    async def _act(self, action: Action) -> None:
        peer = self.peers[1]
        if action.name == "tls":
            assert self.tls is not None
            await peer.start_tls(self.tls)
        elif (line := await peer.line()) is not None:
            raise Mismatch(f"{self._where(action.line)} expected the end, found {line!r}")

    async def _expect(self, peer: Peer, expects: list[Expect]) -> None:
        """Lines in any order, after any others if the first step is ``S*``."""
        skips = expects[0].kind == "*"
        wanted = [each for each in expects if each.kind != "*"]
        skipped: list[bytes] = []
        while wanted:
            line = await peer.line()
            found = next(
                (e for e in wanted if line is not None and e.match(line, self.variables)), None
            )
            if found is not None:
                wanted.remove(found)
                # What follows a match has to come at once, unless there is another S*.
                skips = False
            elif skips and line is not None:
                skipped.append(line)
            else:
                said = "the end" if line is None else repr(line)
                texts = " or ".join(f"{each.text!r}" for each in wanted)
                after = f" after {skipped}" if skipped else ""
                raise Mismatch(
                    f"{self._where(wanted[0].line)} expected {texts}, found {said}{after}"
                )

    def _where(self, line: int) -> str:
        return f"{self.transcript.path.name}:{line}:"


def groups(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Steps that belong together: ``S*`` with what follows it, and neighbouring ``S|``."""
    group: list[Step] = []
    for step in steps:
        if group and not _belongs(group[-1], step):
            yield group
            group = []
        group.append(step)
    if group:
        yield group


def _belongs(last: Step, step: Step) -> bool:
    if not (isinstance(last, Expect) and isinstance(step, Expect)):
        return False
    if last.connection != step.connection:
        return False
    return last.kind == "*" or (last.kind == "|" and step.kind == "|")
