"""Fixtures for the tests of the wire layer."""

from collections.abc import Callable

import pytest

from culver_plugins.imap.wire.command import Command
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
from culver_plugins.imap.wire.fragments import LiteralChunk
from culver_plugins.imap.wire.lexer import Lexer
from culver_plugins.imap.wire.machine import ImapMachine
from culver_plugins.imap.wire.table import CommandTable

Parse = Callable[..., Command]
Drive = Callable[..., list[object]]


@pytest.fixture(scope="session")
def table() -> CommandTable:
    return CommandTable()


@pytest.fixture(scope="session")
def parse(table: CommandTable) -> Parse:
    """Parse `NAME arguments`, with literals as further arguments, and insist on its end."""

    def parse(line: bytes, *literals: bytes) -> Command:
        words = 2 if line.upper().startswith(b"UID ") else 1
        name = b" ".join(line.split(b" ")[:words]).upper()
        entry = table.find(name)
        assert entry is not None, name
        assert entry.spec.parse is not None, name
        lexer = Lexer(line, literals, len(name))
        command = entry.spec.parse(lexer)
        lexer.end()
        return command

    return parse


@pytest.fixture(scope="session")
def drive() -> Drive:
    """Feed octets in pieces, answer as a session that agrees to everything, collect the events.

    Bytes among the results are what the machine said. Chunks of a streamed literal are joined,
    because only they may depend on how the octets arrived.
    """
    return _drive


def _drive(machine: ImapMachine, pieces: list[bytes]) -> list[object]:
    log: list[object] = []
    for piece in pieces:
        machine.receive(piece)
        while not isinstance(event := machine.next_event(), (NeedData, Closed)):
            _note(log, machine.take_output())
            _note(log, event)
            _answer(machine, event)
        _note(log, machine.take_output())
        if isinstance(event, Closed) and (not log or log[-1] != event):
            log.append(event)
    return log


def _note(log: list[object], item: Event | bytes) -> None:
    if item == b"":
        return
    last = log[-1] if log else None
    if isinstance(item, LiteralChunk) and isinstance(last, LiteralChunk):
        log[-1] = LiteralChunk(last.data + item.data)
    elif isinstance(item, bytes) and isinstance(last, bytes):
        log[-1] = last + item
    else:
        log.append(item)


def _answer(machine: ImapMachine, event: Event) -> None:
    match event:
        case CommandReceived(name="AUTHENTICATE"):
            machine.challenge(b"who?")
        case CommandReceived(name="IDLE"):
            pass
        case CommandReceived(name=name):
            machine.finish(name)
        case AuthResponse(data=data):
            machine.finish("AUTHENTICATE", ok=data is not None)
        case IdleDone():
            machine.finish("IDLE")
        case LiteralStart():
            machine.accept_literal()
        case Paused():
            raise AssertionError("the session answers everything, so the machine must go on")
        case BadCommand() | LiteralChunk():
            assert not isinstance(event, LiteralChunk) or event.data
        case _:
            pass
