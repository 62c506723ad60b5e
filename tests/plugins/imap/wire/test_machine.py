"""The machine: dialogues at every split, limits, states, and garbage."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver_plugins.imap.wire.append import Append, AppendMessage
from culver_plugins.imap.wire.capability import Capability
from culver_plugins.imap.wire.command import Command, CommandSpec
from culver_plugins.imap.wire.events import (
    CLOSED,
    NEED_DATA,
    PAUSED,
    AuthResponse,
    BadCommand,
    CommandReceived,
    IdleDone,
    LiteralStart,
)
from culver_plugins.imap.wire.flags import FlagList
from culver_plugins.imap.wire.fragments import Literal, LiteralChunk, LiteralEnd
from culver_plugins.imap.wire.lexer import Lexer
from culver_plugins.imap.wire.limits import Limits
from culver_plugins.imap.wire.login import Login
from culver_plugins.imap.wire.machine import ImapMachine
from culver_plugins.imap.wire.noop import Noop
from culver_plugins.imap.wire.state import State
from culver_plugins.imap.wire.table import CommandTable

Drive = Callable[[ImapMachine, list[bytes]], list[object]]
TABLE = CommandTable()
LIMITS = Limits(line=300, line_before_login=100, collect=20, message=1000)
BAD_EARLY = b"BAD Error in IMAP command received by server.\r\n"
BYE = b"* BYE Too many invalid IMAP commands.\r\n"


def new(state: State = State.SELECTED, limits: Limits = LIMITS) -> ImapMachine:
    return ImapMachine(TABLE, limits, state)


def bad(name: str, text: str) -> tuple[bytes, BadCommand]:
    """Return the answer to command `a` and its event."""
    full = f"Error in IMAP command {name}: {text}"
    known = TABLE.find(name.encode()) is not None and not text.startswith("Unknown")
    return b"a BAD %b\r\n" % full.encode(), BadCommand(b"a", name if known else "", full)


def received(name: str, command: Command, tag: bytes = b"a") -> CommandReceived:
    entry = TABLE.find(name.encode())
    assert entry is not None
    return CommandReceived(tag, name, command, entry.spec)


def message(size: int, data: bytes | None, flags: int = 0) -> AppendMessage:
    return AppendMessage(size, FlagList(flags), None, False, data)


NOOP_B = received("NOOP", Noop(), b"b")
SMALL = message(3, b"abc")
DIALOGUES: list[tuple[str, State, bytes, list[object]]] = [
    ("two commands", State.SELECTED, b"a CAPABILITY\r\nb NOOP\r\n",
     [received("CAPABILITY", Capability()), NOOP_B]),
    ("literals", State.NOT_AUTHENTICATED, b"a LOGIN {5}\r\nalice {6+}\r\nsecret\r\n",
     [b"+ OK\r\n", received("LOGIN", Login("alice", b"secret"))]),
    ("state moves on", State.NOT_AUTHENTICATED, b"a LOGIN x y\r\na LOGIN x y\r\n",
     [received("LOGIN", Login("x", b"y")), *bad("LOGIN", "Unknown command.")]),
    ("no mailbox", State.AUTHENTICATED, b"a EXPUNGE\r\n",
     [b"a BAD No mailbox selected.\r\n", BadCommand(b"a", "", "No mailbox selected.")]),
    ("unknown", State.SELECTED, b"a FOO x\r\nb NOOP\r\n",
     [*bad("FOO", "Unknown command."), NOOP_B]),
    ("unknown with a literal", State.SELECTED, b"a FOO {3}\r\nb NOOP\r\n",
     [*bad("FOO", "Unknown command."), NOOP_B]),
    ("unknown with a literal that is sent", State.SELECTED,
     b"a FOO {13+}\r\nx EXPUNGE\r\nxx {2+}\r\n\r\n {9}\r\nb NOOP\r\n",
     [*bad("FOO", "Unknown command."), NOOP_B]),
    ("uid of nothing", State.SELECTED, b"a UID NOOP\r\n", [*bad("UID NOOP", "Unknown command.")]),
    ("uid alone", State.SELECTED, b"a UID\r\n", [*bad("UID", "Unknown command.")]),
    ("bad arguments", State.SELECTED, b"a FETCH x\r\nb NOOP\r\n",
     [*bad("FETCH", "Expected sequence set, found 'x' at 8."), NOOP_B]),
    ("arguments too many", State.SELECTED, b"a NOOP x\r\n",
     [*bad("NOOP", "Expected end of line, found a space at 6.")]),
    ("NUL", State.SELECTED, b"a NOOP \0\r\n", [*bad("NOOP", "NULs not allowed in commands.")]),
    ("bad tag", State.SELECTED, b"* NOOP\r\nb NOOP\r\n",
     [b"* BAD Error in IMAP tag: Invalid tag.\r\n",
      BadCommand(b"*", "", "Error in IMAP tag: Invalid tag."), NOOP_B]),
    ("a browser", State.NOT_AUTHENTICATED, b"\r\nGET\r\n<x>{ HTTP/1.1\r\n",
     [b"* " + BAD_EARLY, BadCommand(b"*", "", BAD_EARLY[4:-2].decode()),
      b"GET " + BAD_EARLY, BadCommand(b"GET", "", BAD_EARLY[4:-2].decode()),
      BYE, BadCommand(b"*", "", BYE[6:-2].decode()), CLOSED]),
    ("no tag", State.NOT_AUTHENTICATED, b"LOGIN alice secret\r\n",
     [b"LOGIN BAD First parameter in line is IMAP's command tag, not the command name. "
      b"Add that before the command, like: a login user pass\r\n",
      BadCommand(b"LOGIN", "", "First parameter in line is IMAP's command tag, not the command "
      "name. Add that before the command, like: a login user pass")]),
    ("bad name of a mailbox", State.SELECTED, b"a DELETE &\r\n",
     [b"a NO Mailbox name is not valid mUTF-7\r\n",
      BadCommand(b"a", "DELETE", "Mailbox name is not valid mUTF-7")]),
    ("bad charset", State.SELECTED, b"a SEARCH CHARSET X ALL\r\n",
     [b"a NO [BADCHARSET (UTF-8 US-ASCII)] Unknown charset\r\n",
      BadCommand(b"a", "SEARCH", "Unknown charset")]),
    ("line too long", State.SELECTED, b"a FETCH " + b"1," * 200 + b"1 ALL\r\nb NOOP\r\n",
     [*bad("FETCH", "IMAP command line too large"), NOOP_B]),
    ("line too long before login", State.NOT_AUTHENTICATED,
     b"a LOGIN " + b"x" * 100 + b"\r\nb NOOP\r\n",
     [b"a " + BAD_EARLY, BadCommand(b"a", "LOGIN", BAD_EARLY[4:-2].decode()), NOOP_B]),
    ("argument too long", State.SELECTED, b"a DELETE {301}\r\nb NOOP\r\n",
     [*bad("DELETE", "Literal size too large."), NOOP_B]),
    ("argument too long, sent", State.SELECTED,
     b"a DELETE {301+}\r\n" + b"\nx LOGOUT\r\n" * 27 + b"xxxx\r\nb NOOP\r\n",
     [*bad("DELETE", "Literal size too large."), NOOP_B]),
    ("line too long behind a literal", State.SELECTED,
     b"a DELETE {3+}\r\nabc" + b"x" * 300 + b"\r\nb NOOP\r\n",
     [*bad("DELETE", "IMAP command line too large"), NOOP_B]),
    ("append with two dates", State.SELECTED,
     b'a APPEND x "17-Jul-1996 02:44:25 -0700" y {3}\r\nb NOOP\r\n',
     [*bad("APPEND", "Expected message literal, found 'y' at 40."), NOOP_B]),
    ("append", State.SELECTED, b"a APPEND INBOX (\\Seen) {3}\r\nabc\r\n",
     [b"+ OK\r\n", received("APPEND", Append("INBOX", (message(3, b"abc", 8),)))]),
    ("append to a literal, twice", State.SELECTED,
     b"a APPEND {1}\r\nx {3+}\r\nabc (\\Seen) {0+}\r\n\r\n",
     [b"+ OK\r\n", received("APPEND", Append("x", (SMALL, message(0, b"", 8))))]),
    ("append of a stream between small ones", State.SELECTED,
     b"a APPEND x {3+}\r\nabc {21}\r\n" + b"d" * 21 + b" {3+}\r\nabc\r\n",
     [LiteralStart(b"a", "APPEND", Append("x", (SMALL, message(21, None))),
                   Literal(21, True, False)),
      b"+ OK\r\n", LiteralChunk(b"d" * 21), LiteralEnd(),
      received("APPEND", Append("x", (SMALL, message(21, None), SMALL)))]),
    ("append too large", State.SELECTED, b"a APPEND x {1001}\r\nb NOOP\r\n",
     [b"a NO [TOOBIG] Message is too large.\r\n",
      BadCommand(b"a", "APPEND", "Message is too large."), NOOP_B]),
    ("append too large, sent", State.SELECTED,
     b"a APPEND x {1001+}\r\n" + b"q" * 1001 + b"\r\nb NOOP\r\n",
     [b"a NO [TOOBIG] Message is too large.\r\n",
      BadCommand(b"a", "APPEND", "Message is too large."), NOOP_B]),
    ("append of nothing", State.SELECTED, b"a APPEND x\r\n",
     [*bad("APPEND", "Expected message literal, found end of line at 10.")]),
    ("append with a bad end", State.SELECTED, b"a APPEND x {3+}\r\nabc y\r\n",
     [*bad("APPEND", "Expected message literal, found 'y' at 1.")]),
    ("append with bad flags is refused before the message", State.SELECTED,
     b"a APPEND x (\\Recent) {3}\r\nb NOOP\r\n",
     [*bad("APPEND", "Expected flag that a client may set, found \\Recent at 20."), NOOP_B]),
    ("append with a bad date", State.SELECTED, b'a APPEND x "y" {3}\r\nb NOOP\r\n',
     [*bad("APPEND", "Expected date and time such as 07-Feb-1994 22:43:04 +0100, "
           "found another text at 14."), NOOP_B]),
    ("authenticate", State.NOT_AUTHENTICATED, b"a AUTHENTICATE PLAIN\r\nZm9v\r\n",
     [None, b"+ d2hvPw==\r\n", AuthResponse(b"foo")]),
    ("authenticate, given up", State.NOT_AUTHENTICATED,
     b"a AUTHENTICATE PLAIN\r\n*\r\nb NOOP\r\n",
     [None, b"+ d2hvPw==\r\n", AuthResponse(None), NOOP_B]),
    ("authenticate with nonsense", State.NOT_AUTHENTICATED, b"a AUTHENTICATE PLAIN\r\n? {3}\r\n",
     [None, b"+ d2hvPw==\r\n", AuthResponse(None, invalid=True)]),
    ("authenticate at length", State.NOT_AUTHENTICATED,
     b"a AUTHENTICATE PLAIN\r\n" + b"x" * 101 + b"\r\nb NOOP\r\n",
     [None, b"+ d2hvPw==\r\n", AuthResponse(None, invalid=True), NOOP_B]),
    ("idle", State.SELECTED, b"a IDLE\r\nDoNe\r\nb NOOP\r\n",
     [None, IdleDone(b"a", ok=True), NOOP_B]),
    ("idle, ended by something else", State.SELECTED, b"a IDLE\r\nx {9+}\r\nb NOOP\r\n",
     [None, IdleDone(b"a", ok=False), NOOP_B]),
    ("logout", State.SELECTED, b"a LOGOUT\r\nb NOOP\r\n", [None, CLOSED]),
]  # fmt: skip


def check(got: list[object], expected: list[object]) -> None:
    """Compare; None stands for a CommandReceived that is not looked into."""
    shown = [
        None if want is None and isinstance(have, CommandReceived) else have
        for have, want in zip(got, [*expected, *got], strict=False)
    ]
    assert shown == expected


@pytest.mark.parametrize(
    ("state", "stream", "expected"),
    [pytest.param(*rest, id=name) for name, *rest in DIALOGUES],
)
def test_dialogues_at_every_split(
    drive: Drive, state: State, stream: bytes, expected: list[object]
) -> None:
    check(drive(new(state), [stream]), expected)
    check(drive(new(state), [stream[i : i + 1] for i in range(len(stream))]), expected)
    for cut in range(1, len(stream)):
        check(drive(new(state), [stream[:cut], stream[cut:]]), expected)


def test_bad_commands_before_login_end_in_bye(drive: Drive) -> None:
    log = drive(
        new(State.NOT_AUTHENTICATED), [b"a X\r\nb NOOP\r\nc X\r\nd NOOP\r\ne X\r\nf NOOP\r\n"]
    )

    assert log[-3:] == [BYE, BadCommand(b"e", "", BYE[6:-2].decode()), CLOSED]


def test_bad_commands_in_a_row_after_login_end_in_bye(drive: Drive) -> None:
    log = drive(new(), [b"a X\r\n" * 20 + b"b NOOP\r\n"])

    said = b"".join(item for item in log if isinstance(item, bytes))
    assert said.count(b"a BAD") == 20
    assert said.endswith(BYE)
    assert log[-1] == CLOSED


def test_a_good_command_forgives_after_login(drive: Drive) -> None:
    log = drive(new(), [(b"a X\r\n" * 19 + b"b NOOP\r\n") * 3])

    assert log[-1] == NOOP_B


def test_commands_that_fail_while_they_run_count_too() -> None:
    machine = new()
    for _ in range(20):
        assert machine.next_event() is NEED_DATA
        machine.receive(b"a NOOP\r\n")
        assert isinstance(machine.next_event(), CommandReceived)
        machine.bad(b"a", "NOOP", "Invalid messageset.")

    assert machine.next_event() is CLOSED
    assert machine.take_output().endswith(
        b"a BAD Error in IMAP command NOOP: Invalid messageset.\r\n" + BYE
    )


def test_what_came_before_the_handshake_is_dropped() -> None:
    machine = new(State.NOT_AUTHENTICATED)
    machine.receive(b"a STARTTLS\r\nb LOGIN mallory secret\r\nc NO")

    assert isinstance(machine.next_event(), CommandReceived)
    assert machine.next_event() is PAUSED
    machine.finish("STARTTLS")
    assert machine.next_event() is NEED_DATA
    machine.receive(b"d NOOP\r\n")
    assert machine.next_event() == received("NOOP", Noop(), b"d")


def test_a_refused_starttls_drops_nothing() -> None:
    machine = new(State.NOT_AUTHENTICATED)
    machine.receive(b"a STARTTLS\r\nb NOOP\r\n")
    machine.next_event()
    machine.finish("STARTTLS", ok=False)

    assert machine.next_event() == NOOP_B


@pytest.mark.parametrize(
    ("line", "ok", "before", "after"),
    [
        (b"a LOGIN x y", True, State.NOT_AUTHENTICATED, State.AUTHENTICATED),
        (b"a LOGIN x y", False, State.NOT_AUTHENTICATED, State.NOT_AUTHENTICATED),
        (b"a AUTHENTICATE X", True, State.NOT_AUTHENTICATED, State.AUTHENTICATED),
        (b"a SELECT x", True, State.AUTHENTICATED, State.SELECTED),
        (b"a SELECT x", False, State.AUTHENTICATED, State.AUTHENTICATED),
        (b"a EXAMINE x", True, State.SELECTED, State.SELECTED),
        (b"a EXAMINE x", False, State.SELECTED, State.AUTHENTICATED),
        (b"a CLOSE", True, State.SELECTED, State.AUTHENTICATED),
        (b"a UNSELECT", True, State.SELECTED, State.AUTHENTICATED),
        (b"a LOGOUT", True, State.SELECTED, State.LOGOUT),
    ],
)
def test_states(line: bytes, ok: bool, before: State, after: State) -> None:
    machine = new(before)
    machine.receive(line + b"\r\nz NOOP\r\n")
    event = machine.next_event()
    assert isinstance(event, CommandReceived)

    assert machine.next_event() is PAUSED
    machine.finish(event.name, ok=ok)
    assert machine.state is after
    assert machine.next_event() == (
        CLOSED if after is State.LOGOUT else received("NOOP", Noop(), b"z")
    )


def test_the_session_may_refuse_a_message() -> None:
    machine = new()
    machine.receive(b"a APPEND x {500+}\r\n" + b"q" * 400)

    assert isinstance(machine.next_event(), LiteralStart)
    assert machine.next_event() is PAUSED
    machine.refuse_literal("Quota exceeded", b"OVERQUOTA")
    assert machine.take_output() == b"a NO [OVERQUOTA] Quota exceeded\r\n"
    machine.receive(b"q" * 100 + b"\r\nb NOOP\r\n")
    assert machine.next_event() == NOOP_B


def test_too_many_messages_in_one_command(drive: Drive) -> None:
    machine = new(limits=Limits(messages=2))

    log = drive(machine, [b"a APPEND x" + b" {0+}\r\n" * 5 + b"\r\nb NOOP\r\n"])

    assert log[0] == b"a NO [LIMIT] Too many messages in one command.\r\n"
    assert log[-1] == NOOP_B


def test_literal_minus(drive: Drive) -> None:
    limits = Limits(literal_minus=True)
    stream = b"a APPEND x {4097+}\r\n" + b"q" * 4097 + b"\r\nb NOOP\r\n"

    log = drive(new(limits=limits), [stream])

    assert log == [b"a NO [TOOBIG] Message is too large.\r\n",
                   BadCommand(b"a", "APPEND", "Message is too large."), NOOP_B]  # fmt: skip
    assert drive(new(limits=limits), [b"a DELETE {4097+}\r\n" + b"q" * 4097 + b"\r\n"])[0] == (
        b"a BAD Error in IMAP command DELETE: Non-synchronizing literal size too large.\r\n"
    )


def test_sasl_data_does_not_print() -> None:
    assert "secret!" not in repr(AuthResponse(b"secret!"))
    assert repr(AuthResponse(None)) == "AuthResponse(data=None, invalid=False)"


def test_answers_at_the_wrong_time_are_our_bug() -> None:
    machine = new()
    for call in (machine.accept_literal, lambda: machine.refuse_literal("x"),
                 lambda: machine.challenge(b"")):  # fmt: skip
        with pytest.raises(RuntimeError):
            call()


def test_close_says_bye_and_hears_nothing() -> None:
    machine = new()
    machine.close(b"Disconnected for inactivity.")
    machine.receive(b"a NOOP\r\n")

    assert machine.take_output() == b"* BYE Disconnected for inactivity.\r\n"
    assert machine.take_output() == b""
    assert machine.next_event() is CLOSED
    assert machine.rest() == b""


class Greet(Command, frozen=True):
    """A plugin's command."""

    whom: bytes

    @classmethod
    def parse(cls, lexer: Lexer) -> "Greet":
        lexer.sp()
        return cls(lexer.astring())


def test_a_plugin_adds_a_command(drive: Drive) -> None:
    table = CommandTable()
    spec = CommandSpec(parse=Greet.parse, states=frozenset({State.AUTHENTICATED}))
    table.add("X-GREET", spec)

    log = drive(ImapMachine(table, state=State.AUTHENTICATED), [b"a x-greet you\r\n"])

    assert log == [CommandReceived(b"a", "X-GREET", Greet(b"you"), spec)]
    assert "X-GREET" in table.names()
    assert TABLE.find(b"X-GREET") is None
    assert isinstance(drive(ImapMachine(table), [b"a x-greet you\r\n"])[1], BadCommand)


@pytest.mark.parametrize(
    ("name", "spec", "error"),
    [
        ("NOOP", CommandSpec(parse=Noop.parse, states=CommandSpec.ALL_STATES), "exists already"),
        ("x", CommandSpec(parse=Noop.parse, states=CommandSpec.ALL_STATES), "upper case"),
        ("X", CommandSpec(states=CommandSpec.ALL_STATES), "parse or builder"),
        ("X", CommandSpec(parse=Noop.parse), "which states"),
        ("X", CommandSpec(parse=Noop.parse, states=frozenset({State.LOGOUT})), "which states"),
    ],
)
def test_a_command_that_can_not_be_added(name: str, spec: CommandSpec, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        CommandTable().add(name, spec)


def test_every_legal_command_is_known_and_the_other_way_round() -> None:
    legal = {name for row in TABLE.transitions.values() for name in row}

    assert legal == set(TABLE.names())


WORDS = [
    b"a ", b"b ", b"UID ", b"FETCH ", b"1:* ", b"(FLAGS)", b"SEARCH ", b"OR ", b"NOT ", b"(", b")",
    b"APPEND ", b"x ", b"{3}", b"{3+}", b"~{30+}", b"\r\n", b"\n", b"abc", b"LOGIN ", b'"', b"\\",
    b"IDLE", b"DONE", b"AUTHENTICATE PLAIN", b"=", b"*", b"STORE ", b"+FLAGS ", b"LIST ",
    b"RETURN ", b"SELECT ", b"NOOP", b"BODY[HEADER.FIELDS ", b"]<0.1>", b"{9999999+}", b"\0",
]  # fmt: skip


@given(
    st.lists(st.sampled_from(WORDS) | st.binary(max_size=4), max_size=40),
    st.integers(1, 9),
    st.sampled_from([State.NOT_AUTHENTICATED, State.AUTHENTICATED, State.SELECTED]),
)
def test_garbage_gives_events_and_the_split_never_matters(
    drive: Drive, parts: list[bytes], size: int, state: State
) -> None:
    data = b"".join(parts)
    pieces = [data[i : i + size] for i in range(0, len(data), size)]

    log = drive(new(state), pieces)

    assert log == drive(new(state), [data])
    for item in log:
        if isinstance(item, bytes):
            assert item.endswith(b"\r\n")
            assert item.count(b"\n") == item.count(b"\r\n")
            assert b"\0" not in item
