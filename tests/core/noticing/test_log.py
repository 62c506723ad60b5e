"""Log lines: Dovecot's words, JSON, logfmt, the live view, and which events are lines at all."""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from culver.bus import Bus
from culver.noticing import mail_log
from culver.noticing.live import LiveRenderer, LiveSink
from culver.noticing.log import LogSink
from culver.noticing.renderers import DovecotRenderer, JsonRenderer, LogfmtRenderer
from culver.noticing.target import Target
from culver_events import auth, connection, delivery, login, mail, server, session
from culver_events.event import Event, FieldValue
from culver_events.filter import compile_filter
from culver_events.imap import ImapCommandFinished
from culver_events.registry import default_registry
from culver_events.scope import Scope

REGISTRY = default_registry()
NOW = 1_700_000_000_000_000
PID = os.getpid()

PRE_LOGIN: dict[str, FieldValue] = {
    "protocol": "imap",
    "remote_ip": "1.2.3.4",
    "local_ip": "5.6.7.8",
    "session": "abc",
}
LOGGED_IN = {**PRE_LOGIN, "user": "alice"}
LMTP: dict[str, FieldValue] = {"protocol": "lmtp", "remote_ip": "9.9.9.9"}

# What is emitted, in which scope, and Dovecot's line without its timestamp.
LINES: list[tuple[Event, dict[str, FieldValue], str]] = [
    (
        login.LoginSucceeded(mail_pid=99),
        {**LOGGED_IN, "mechanism": "PLAIN", "transport": "TLS"},
        "imap-login: Info: Login: user=<alice>, method=PLAIN, rip=1.2.3.4, lip=5.6.7.8, mpid=99, "
        "TLS, session=<abc>",
    ),
    (
        login.LoginSucceeded(),
        {**LOGGED_IN, "protocol": "sieve", "transport": "secured"},
        "managesieve-login: Info: Login: user=<alice>, rip=1.2.3.4, lip=5.6.7.8, secured, "
        "session=<abc>",
    ),
    (
        login.LoginAborted(
            reason="no_auth_attempts",
            disconnect="Inactivity",
            connected_usecs=179_900_000,
            error="SSL_accept() failed",
        ),
        {**PRE_LOGIN, "transport": "TLS"},
        "imap-login: Info: Disconnected: Inactivity (no auth attempts in 179 secs): user=<>, "
        "rip=1.2.3.4, lip=5.6.7.8, TLS handshaking: SSL_accept() failed, session=<abc>",
    ),
    (
        login.LoginAborted(reason="auth_failed", auth_attempts=3, auth_usecs=8_000_000),
        {**LOGGED_IN, "protocol": "pop3", "mechanism": "PLAIN"},
        "pop3-login: Info: Aborted login (auth failed, 3 attempts in 8 secs): user=<alice>, "
        "method=PLAIN, rip=1.2.3.4, lip=5.6.7.8, session=<abc>",
    ),
    (
        login.LoginAborted(reason="something new"),
        PRE_LOGIN,
        "imap-login: Info: Aborted login (something new): user=<>, rip=1.2.3.4, lip=5.6.7.8, "
        "session=<abc>",
    ),
    (
        session.MailUserSessionFinished(net_in_bytes=10, net_out_bytes=200),
        LOGGED_IN,
        f"imap(alice)<{PID}><abc>: Info: Disconnected: Logged out in=10 out=200",
    ),
    (
        session.MailUserSessionFinished(
            net_in_bytes=1, net_out_bytes=2, reason="Inactivity", statistics="top=0/0, retr=1/100"
        ),
        {**LOGGED_IN, "protocol": "pop3"},
        f"pop3(alice)<{PID}><abc>: Info: Disconnected: Inactivity top=0/0, retr=1/100",
    ),
    (connection.ClientConnectionConnected(), LMTP, "lmtp: Info: Connect from 9.9.9.9"),
    (
        connection.ClientConnectionDisconnected(
            net_in_bytes=1, net_out_bytes=2, reason="Logged out (state=READY)"
        ),
        {"protocol": "lmtp"},
        "lmtp: Info: Disconnect from local: Logged out (state=READY)",
    ),
    (
        delivery.MailDeliveryFinished(mailbox="INBOX"),
        {**LMTP, "user": "alice", "session": "s:1", "message_id": "<m@x>"},
        f"lmtp(alice)<{PID}><s:1>: Info: msgid=<m@x>: saved mail to INBOX",
    ),
    (
        delivery.MailDeliveryFinished(mailbox="Spam", error="Quota exceeded"),
        {**LMTP, "user": "alice", "session": "s:1"},
        f"lmtp(alice)<{PID}><s:1>: Info: msgid=unspecified: save failed to Spam: Quota exceeded",
    ),
    (
        auth.AuthPassdbRequestFinished(result="user_unknown"),
        {**LOGGED_IN, "passdb_driver": "passwd-file"},
        "auth: Debug: passwd-file(alice,1.2.3.4,<abc>): unknown user",
    ),
    (
        server.WorkerDied(worker="auth", pid=7, signal="SIGKILL"),
        {},
        "master: Error: service(auth): child 7 killed with signal SIGKILL",
    ),
    (
        server.WorkerDied(worker="auth", pid=7, exit_status=89),
        {},
        "master: Error: service(auth): child 7 exited 89",
    ),
    (
        server.PluginFailed(plugin="p", part="x", doing="y", error="E: z", error_location="f.py:1"),
        {},
        "master: Error: plugin p: x failed on y: E: z at f.py:1 (1 failures)",
    ),
    (server.LogMessage(level="warning", text="Odd"), {}, "master: Warning: Odd"),
    (
        server.LogMessage(level="error", text="Odd"),
        LOGGED_IN,
        f"imap(alice)<{PID}><abc>: Error: Odd",
    ),
    (
        server.ConfigWarning(text="Unused", config_location="a.conf:3"),
        {},
        "master: Warning: a.conf:3: Unused",
    ),
    (server.ConfigWarning(text="Unused"), {}, "master: Warning: Unused"),
    (server.ServerReloaded(), {}, "master: Info: Configuration reloaded"),
    (
        server.ServerReloaded(error="syntax"),
        {},
        "master: Error: Configuration not reloaded: syntax",
    ),
    (
        server.ServerStarted(version="1", protocols=["imap", "lmtp"]),
        {},
        "master: Info: culver 1 starting for imap lmtp",
    ),
    (server.ServerStopping(reason="SIGTERM"), {}, "master: Info: Stopping: SIGTERM"),
    (
        server.ListenerFailed(listener="imap", address="*:143", error="in use"),
        {},
        "master: Error: listen(*:143) failed: in use",
    ),
    (
        login.ProxySessionFinished(disconnect_side="client", idle_usecs=2_000_000, net_in_bytes=3),
        LOGGED_IN,
        f"imap(alice)<{PID}><abc>: Info: Disconnected by client (2s idle, in=3, out=0): "
        "user=<alice>, rip=1.2.3.4, lip=5.6.7.8, session=<abc>",
    ),
    (
        mail.MailExpunged(uid=5, message_id="<a b>"),
        LOGGED_IN,
        f'imap(alice)<{PID}><abc>: Info: mail_expunged uid=5 message_id="<a b>"',
    ),
    (
        server.LogMessage(level="info", text="a\r\nimap-login: Login: user=<root>\x1b[2J"),
        {},
        "master: Info: a??imap-login: Login: user=<root>?[2J",
    ),
]


class Desk:
    """A bus whose log goes to a file."""

    def __init__(self, path: Path, renderer: object, **options: object) -> None:
        self.path = path
        self.bus = Bus(REGISTRY)
        self.target = Target(path)
        self.log = LogSink(renderer, self.target, **options)  # type: ignore[arg-type]
        self.bus.subscribe(self.log.hear, self.log)

    def emit(self, event: Event, **fields: FieldValue) -> None:
        Scope(emitter=self.bus, clock=lambda: NOW, **fields).emit(event)  # type: ignore[arg-type]

    def lines(self) -> list[str]:
        return self.path.read_text().splitlines()


Make = Callable[..., Desk]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes desks whose files are in `tmp_path`, and closes them."""
    desks: list[Desk] = []

    def one(name: str, renderer: object, **options: object) -> Desk:
        desks.append(Desk(tmp_path / name, renderer, **options))
        return desks[-1]

    yield one
    for desk in desks:
        desk.target.close()


@pytest.mark.parametrize(("event", "fields", "line"), LINES)
def test_dovecots_lines(make: Make, event: Event, fields: dict[str, FieldValue], line: str) -> None:
    desk = make("log", DovecotRenderer(timestamp="%Y "), verbose_auth=True)
    desk.emit(event, **fields)

    assert desk.lines() == [f"2023 {line}"]


def test_the_default_timestamp_is_dovecots(make: Make) -> None:
    desk = make("log", DovecotRenderer())
    desk.emit(server.ServerReloaded())

    assert re.fullmatch(r"Nov 1[45] \d\d:\d\d:20 master: Info: .*", desk.lines()[0])


def test_fail2bans_expression_finds_the_host(make: Make) -> None:
    desk = make("log", DovecotRenderer())
    desk.emit(login.LoginAborted(reason="auth_failed", auth_attempts=1), **PRE_LOGIN)
    expression = r"(?:pop3-login|imap-login): .*(?:Aborted login|Disconnected).* rip=(\S+),"

    assert re.search(expression, desk.lines()[0])


def test_what_is_no_line(make: Make) -> None:
    desk = make("log", DovecotRenderer(), verbose_auth=True)
    desk.emit(connection.ClientConnectionConnected(), **PRE_LOGIN)
    desk.emit(auth.AuthPassdbRequestFinished(result="ok"))
    desk.emit(server.LogMessage(level="debug", text="noise"))
    desk.emit(delivery.MailDeliveryStarted())

    assert desk.lines() == []


def test_debug_events_are_made_only_when_asked_for(make: Make) -> None:
    done = ImapCommandFinished(tagged_reply_state="OK", tagged_reply="OK")
    quiet = make("quiet", DovecotRenderer())
    chatty = make(
        "chatty",
        DovecotRenderer(),
        debug=compile_filter("category=imap OR category=debug AND user=alice", REGISTRY),
    )
    for desk in (quiet, chatty):
        desk.emit(done, user="alice")
        desk.emit(server.LogMessage(level="debug", text="noise"), user="alice")

    assert not quiet.bus.wants(ImapCommandFinished)
    assert not quiet.bus.wants(auth.AuthPassdbRequestFinished)
    assert quiet.lines() == []
    assert len(chatty.lines()) == 2


def test_a_given_prefix_counts(make: Make) -> None:
    desk = make("log", DovecotRenderer(timestamp=""))
    scope = Scope(emitter=desk.bus, prefix="doveadm(alice)<1><>: ")
    scope.emit(server.LogMessage(level="info", text="Hello"))

    assert desk.lines() == ["doveadm(alice)<1><>: Info: Hello"]


MAIL_LOG: list[tuple[Event, str]] = [
    (
        mail.MailExpunged(uid=5, size=9, message_id="<m>"),
        "expunge: box=B, uid=5, msgid=<m>, size=9",
    ),
    (mail.MailAppended(uid=5, size=9), "save: box=B, uid=5, msgid=, size=9"),
    (
        mail.MailCopied(uid=5, source_mailbox="A", source_uid=1),
        "copy from A: box=B, uid=5, msgid=, size=",
    ),
    (
        mail.MailFlagsChanged(uid=5, flags=["\\Seen", "x"]),
        "flag_change: box=B, uid=5, msgid=, size=, flags=(\\Seen x)",
    ),
    (
        mail.MailFlagsChanged(uid=5, flags=["\\Deleted"], added=["\\Deleted"]),
        "delete: box=B, uid=5, msgid=, size=",
    ),
    (
        mail.MailFlagsChanged(uid=5, flags=[], removed=["\\Deleted"]),
        "undelete: box=B, uid=5, msgid=, size=",
    ),
    (mail.MailboxCreated(), "Mailbox created: B"),
    (mail.MailboxDeleted(), "Mailbox deleted: B"),
    (mail.MailboxRenamed(new_mailbox="C"), "Mailbox renamed: B -> C"),
]


@pytest.mark.parametrize(("event", "line"), MAIL_LOG)
def test_mail_logs_lines(make: Make, event: Event, line: str) -> None:
    fields = mail_log.DEFAULT_FIELDS + (("flags",) if "flags" in line else ())
    words = mail_log.wordings(tuple(mail_log.EVENTS), fields)
    desk = make("log", DovecotRenderer("", words))
    desk.emit(event, **LOGGED_IN, mailbox="B")

    assert desk.lines() == [f"imap(alice)<{PID}><abc>: Info: {line}"]


@pytest.mark.parametrize(("events", "fields"), [(("forget",), ()), ((), ("colour",))])
def test_mail_log_refuses_unknown_names(events: tuple[str, ...], fields: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"mail_log knows no (forget|colour): allowed are"):
        mail_log.wordings(events, fields)


def test_a_change_that_mail_log_was_not_told_to_log_is_no_line(make: Make) -> None:
    words = mail_log.wordings(mail_log.DEFAULT_EVENTS, mail_log.FIELDS)
    desk = make("log", DovecotRenderer("", words))
    desk.emit(mail.MailFlagsChanged(uid=5, flags=["\\Seen"], added=["\\Seen"]))
    desk.emit(mail.MailExpunged(uid=5), message_vsize=7)

    assert [line.partition("Info: ")[2] for line in desk.lines()] == [
        "expunge: box=, uid=5, msgid=, size=, vsize=7, from=, subject=, flags=()"
    ]


def test_json_lines(make: Make) -> None:
    desk = make("log", JsonRenderer(hidden={"user"}))
    desk.emit(mail.MailFlagsChanged(uid=5, flags=["\\Seen"]), user="alice", session="a\nb")

    assert [json.loads(line) for line in desk.lines()] == [
        {
            "time": "2023-11-14T22:13:20.000000Z",
            "level": "info",
            "event": "mail_flags_changed",
            "session": "a\nb",
            "uid": 5,
            "flags": ["\\Seen"],
        }
    ]


def test_logfmt_lines(make: Make) -> None:
    desk = make("log", LogfmtRenderer())
    desk.emit(auth.AuthRequestFinished(success=False, error='a "b"\\\n'), user="alice", session="")

    assert desk.lines() == [
        "time=2023-11-14T22:13:20.000000Z level=info event=auth_request_finished user=alice "
        'success=no error="a \\"b\\"\\\\?"'
    ]


def test_the_log_follows_rotation(make: Make, tmp_path: Path) -> None:
    desk = make("log", DovecotRenderer(""))
    desk.emit(server.ServerReloaded())
    (tmp_path / "log").rename(tmp_path / "log.1")
    desk.emit(server.ServerStopping(reason="x"))
    desk.log.reopen()
    desk.emit(server.ServerReloaded(error="y"))

    assert (tmp_path / "log.1").read_text().count("\n") == 2
    assert desk.lines() == ["master: Error: Configuration not reloaded: y"]


def test_a_failed_reopen_keeps_the_old_file(make: Make, tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    desk = make("logs/log", DovecotRenderer(""))
    folder.rename(tmp_path / "gone")
    with pytest.raises(FileNotFoundError):
        desk.log.reopen()
    desk.emit(server.ServerReloaded())

    assert (tmp_path / "gone" / "log").read_text() == "master: Info: Configuration reloaded\n"


def test_stderr_is_a_target(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    target = Target("/dev/stderr")
    target.reopen()
    target.write(b"one line\n")
    target.flush()

    assert capfdbinary.readouterr().err == b"one line\n"


def test_the_live_view() -> None:
    printed: list[str] = []
    bus = Bus(REGISTRY)
    for renderer in (LiveRenderer(), LiveRenderer(colour=True, width=40)):
        bus.subscribe(LiveSink(renderer, printed.append).hear)
    scope = Scope(emitter=bus, clock=lambda: NOW, **LOGGED_IN)  # type: ignore[arg-type]
    scope.emit(mail.MailExpunged(uid=5, message_id="<m>"))
    plain, coloured = printed

    assert re.fullmatch(
        r"\d\d:\d\d:20 imap alice           mail_expunged remote_ip=1.2.3.4 uid=5 "
        r"message_id=<m>\n",
        plain,
    )
    assert re.fullmatch(r"\x1b\[36m.{39}…\x1b\[0m\n", coloured)
