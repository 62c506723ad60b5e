"""Level 1: every transcript through the IMAP machine alone."""

from pathlib import Path

import pytest
from tests.transcripts.transcript import Action, Expect, Send, Transcript, load

from culver_plugins.imap.wire.events import (
    AuthResponse,
    BadCommand,
    Closed,
    CommandReceived,
    Event,
    IdleDone,
    LiteralStart,
    NeedData,
    Paused,
)
from culver_plugins.imap.wire.machine import ImapMachine
from culver_plugins.imap.wire.state import State
from culver_plugins.imap.wire.table import CommandTable

FILES = sorted((Path(__file__).parent / "imap").glob("*.txt"))
STATES = {"": State.NOT_AUTHENTICATED, "authenticated": State.AUTHENTICATED,
          "selected": State.SELECTED}  # fmt: skip


class Level1:
    """One connection: the machine, and the lines the transcript lets the server say."""

    def __init__(self, transcript: Transcript, connection: int, state: State) -> None:
        self.machine = ImapMachine(CommandTable(), state=state)
        self.where = f"{transcript.path.name} connection {connection}"
        self.expected = [
            step for step in transcript.steps
            if isinstance(step, Expect) and step.connection == connection
        ]  # fmt: skip
        self.said: list[bytes] = []
        self.open: list[tuple[bytes, str]] = []

    def send(self, data: bytes) -> None:
        self.machine.receive(data)
        while not isinstance(event := self.machine.next_event(), (NeedData, Closed)):
            self._answer(event)
            self._hear()
        self._hear()

    def _hear(self) -> None:
        self.said += self.machine.take_output().splitlines()

    def _answer(self, event: Event) -> None:
        match event:
            case CommandReceived(tag, name):
                self._received(tag, name)
            case AuthResponse():
                tag, name = self.open.pop()
                self.machine.finish(name, ok=self._status(tag) == "OK")
            case IdleDone(tag):
                self.open.pop()
                assert event.ok is (self._status(tag) == "OK"), self.where
                self.machine.finish("IDLE", ok=event.ok)
            case LiteralStart():
                self.machine.accept_literal()
            case Paused():
                raise AssertionError(f"{self.where}: stuck")
            case _:
                assert not isinstance(event, BadCommand) or event.text

    def _received(self, tag: bytes, name: str) -> None:
        status = self._status(tag)
        # The BAD that ends these two comes later, and from the session.
        allowed = ("OK", "NO", "BAD") if name in ("AUTHENTICATE", "IDLE") else ("OK", "NO")
        assert status in allowed, f"{self.where}: {tag.decode()} {name} is well-formed"
        if name == "AUTHENTICATE" and self._next_is_challenge(tag):
            self.open.append((tag, name))
            self.machine.challenge(b"")
            self.machine.take_output()
        elif name == "IDLE":
            self.open.append((tag, name))
        else:
            self.machine.finish(name, ok=status == "OK")

    def _next_is_challenge(self, tag: bytes) -> bool:
        before = self.expected[: self._index(tag)]
        return any(step.text.startswith("+") for step in before[-1:])

    def _index(self, tag: bytes) -> int:
        prefix = tag.decode() + " "
        for index, step in enumerate(self.expected):
            if step.text.startswith(prefix):
                return index
        raise AssertionError(f"{self.where}: no answer to {prefix}in the transcript")

    def _status(self, tag: bytes) -> str:
        words = self.expected[self._index(tag)].text.split(" ")
        return words[1]

    def check(self) -> None:
        """Everything the machine said is in the transcript, and so is every BAD of the latter."""
        lines = [step for step in self.expected if step.kind != "*"]
        for said in self.said:
            found = next((step for step in lines if step.match(said, {})), None)
            assert found is not None, f"{self.where}: {said!r} is not in the transcript"
            lines.remove(found)
        owed = [step.text for step in lines if " BAD Error" in step.text or step.text == "+ OK"]
        assert owed == [], f"{self.where}: not said by the machine"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_level_1(path: Path) -> None:
    transcript = load(path)
    start = STATES["".join(transcript.values("state"))]
    connections: dict[int, Level1] = {}
    for step in transcript.steps:
        if isinstance(step, Action):
            continue
        number = step.connection
        if number not in connections:
            state = start if number == 1 else State.NOT_AUTHENTICATED
            connections[number] = Level1(transcript, number, state)
        if isinstance(step, Send):
            connections[number].send(step.octets(_Ones()))
    for connection in connections.values():
        connection.check()


class _Ones(dict[str, str]):
    """Any variable is 1: what the server would say is not known on this level."""

    def __missing__(self, name: str) -> str:
        return "1"


def test_there_are_transcripts() -> None:
    assert len(FILES) >= 15
