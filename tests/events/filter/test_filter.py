"""The filter language: what passes, what each class can do, and what is refused how."""

from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver_events.auth import AuthRequestFinished
from culver_events.connection import ClientConnectionDisconnected
from culver_events.event import Event, doc, event
from culver_events.filter import Filter, FilterError, compile_filter
from culver_events.imap import ImapClientHibernated, ImapCommandFinished
from culver_events.mail import MailExpunged, MailFlagsChanged
from culver_events.record import Record
from culver_events.registry import EventRegistry, default_registry
from culver_events.scope import Scope
from culver_events.server import LogMessage, WorkerDied

REGISTRY = default_registry()
SCOPE = Scope(
    categories=("service:imap", "maildir"),
    clock=lambda: 1_000_000,
    user="Alice",
    remote_ip="192.168.5.7",
    protocol="imap",
    cmd_name="UID FETCH",
    reason_code=["imap:cmd_uid_fetch", "imap:fetch_body"],
    id_param_name="mutt",
)


def record(event: Event, scope: Scope = SCOPE, time: int = 3_000_000) -> Record:
    return Record(event, scope, time, "fetch.py:42")


COMMAND = record(
    ImapCommandFinished(tagged_reply_state="OK", tagged_reply="OK Done.", net_out_bytes=2048)
)
FAILED = record(AuthRequestFinished(success=False, error="", policy_penalty=120))
FLAGS = record(MailFlagsChanged(uid=7, flags=["\\Seen", "$Work"], added=[]))
WARNING = record(LogMessage(level="warning", text="odd"))
DROPPED = record(
    ClientConnectionDisconnected(net_in_bytes=1, net_out_bytes=2, reason='say "hi" * \\'),
    SCOPE.child(remote_ip="fe80::1%eth0"),
)

TABLE = [
    # empty, names, case
    ("", COMMAND, True),
    ("   ", COMMAND, True),
    ("event=imap_command_finished", COMMAND, True),
    ("event = imap_command_finished", COMMAND, True),
    ('"event"="imap_command_finished"', COMMAND, True),
    ("event=imap_*", COMMAND, True),
    ("event=imap_command_finishe?", COMMAND, True),
    ("event=imap_?d_received OR event=mail_*", COMMAND, False),
    ("event=auth_request_finished", COMMAND, False),
    # logic: AND and OR bind equally, from the left; NOT binds tighter
    ("user=alice AND cmd_name=noop", COMMAND, False),
    ("user=alice or cmd_name=noop", COMMAND, True),
    ("user=alice OR user=bob AND cmd_name=noop", COMMAND, False),
    ("user=alice OR (user=bob AND cmd_name=noop)", COMMAND, True),
    ("cmd_name=noop AND user=bob OR user=alice", COMMAND, True),
    ("NOT user=bob AND user=alice", COMMAND, True),
    ("not (user=bob or user=alice)", COMMAND, False),
    ("NOT NOT user=alice", COMMAND, True),
    ("user=a* AND user=*e AND user=?lic? AND user=alice AND NOT user=al", COMMAND, True),
    ("user=x OR user=y OR user=z OR user=alice", COMMAND, True),
    # strings: case-insensitive, wildcards, escapes; keywords are plain values
    ("user=ALICE", COMMAND, True),
    ('cmd_name="uid fetch"', COMMAND, True),
    ("cmd_name=uid?fetch", COMMAND, True),
    ('reason="say \\"hi\\" \\* \\\\"', DROPPED, True),
    ('reason="say \\"hi\\" \\?*"', DROPPED, False),
    ('reason="say *hi*"', DROPPED, True),
    ("user=and", COMMAND, False),
    ("NOT user=not", COMMAND, True),
    # absent fields and empty ones
    ('mailbox=""', COMMAND, True),
    ("mailbox=*", COMMAND, False),
    ('user=""', COMMAND, False),
    ('error=""', FAILED, True),
    ("error=*", FAILED, False),
    ("uid=1", COMMAND, False),
    # numbers, sizes, times, both generations' names
    ("net_out_bytes=2048", COMMAND, True),
    ("bytes_out=2KB", COMMAND, True),
    ("bytes_out=2kib AND bytes_out=2K", COMMAND, True),
    ("net_out_bytes>2KB", COMMAND, False),
    ("net_out_bytes>=2KB", COMMAND, True),
    ("net_out_bytes<1MB", COMMAND, True),
    ("net_out_bytes <= 2047B", COMMAND, False),
    ("net_out_bytes<1GB AND net_out_bytes<1TB", COMMAND, True),
    ("net_out_bytes=20*", COMMAND, True),
    ("net_out_bytes=20?8", COMMAND, True),
    ("net_out_bytes=21*", COMMAND, False),
    ("net_in_bytes>-1", COMMAND, True),
    ("duration=2secs", COMMAND, True),
    ("duration>=2000msecs", COMMAND, True),
    ("duration<1mins", COMMAND, True),
    ("duration>1hours OR duration>1days OR duration>1weeks", COMMAND, False),
    ("policy_penalty=2mins", FAILED, True),
    ("policy_penalty=120", FAILED, True),
    # yes and no
    ("success=no", FAILED, True),
    ("success=YES", FAILED, False),
    ("success=0", FAILED, True),
    # addresses
    ("remote_ip=192.168.5.7", COMMAND, True),
    ("remote_ip=192.168.0.0/16", COMMAND, True),
    ("remote_ip=192.168.5.7/24", COMMAND, True),
    ("remote_ip=10.0.0.0/8", COMMAND, False),
    ("remote_ip=::/0", COMMAND, False),
    ("remote_ip=192.168.*", COMMAND, True),
    ("remote_ip=fe80::/10", DROPPED, True),
    ("remote_ip=fe80::1%eth0", DROPPED, True),
    ("remote_ip=fe80::1%eth1", DROPPED, False),
    ("remote_ip=10.0.0.0/8", record(COMMAND.event, SCOPE.child(remote_ip="socket")), False),
    ("remote_ip=10.0.0.0/8", record(COMMAND.event, SCOPE.child(remote_ip="::ffff:10.1.2.3")), True),
    # lists
    ("reason_code=imap:fetch_body", COMMAND, True),
    ("reason_code=imap:cmd_*", COMMAND, True),
    ("reason_code=pop3:*", COMMAND, False),
    ('flags="\\\\\\\\Seen"', FLAGS, False),
    ('flags="\\\\seen"', FLAGS, True),
    ('added=""', FLAGS, True),
    ('removed=""', FLAGS, True),
    ('flags=""', FLAGS, False),
    # categories: parents match, levels count, the scope's count
    ("category=imap", COMMAND, True),
    ("category=service:imap", COMMAND, True),
    ("category=storage", COMMAND, True),
    ("category=maildir", COMMAND, True),
    ("category=mbox", COMMAND, False),
    ("category=mailbox", FLAGS, True),
    ("category=storage AND category=mail", FLAGS, True),
    ("category=push_notification", COMMAND, False),
    ("category=debug", COMMAND, True),
    ("category=warning", WARNING, True),
    ("category=info", WARNING, False),
    # inherited, aliased and open-ended names; where it came from
    ("service=imap", COMMAND, True),
    ("protocol=imap", COMMAND, True),
    ("id_param_name=mutt", COMMAND, True),
    ("source_location=fetch.py", COMMAND, True),
    ("source_location=fetch.py:42", COMMAND, True),
    ("source_location=fetch.py:4", COMMAND, False),
]


@pytest.mark.parametrize(("text", "what", "expected"), TABLE)
def test_what_passes(text: str, what: Record, expected: bool) -> None:
    compiled = compile_filter(text, REGISTRY)

    assert compiled(what) is expected
    # A class that can't match never matches: what `bus.wants` relies on.
    assert compiled.can_match(type(what.event)) or not expected


CLASSES: list[tuple[str, set[str]]] = [
    ("event=imap_command_finished", {"imap_command_finished"}),
    ("event=imap_command_finished AND user=x", {"imap_command_finished"}),
    ("event=mailbox_*ed AND NOT event=*scribed", {
        "mailbox_created", "mailbox_deleted", "mailbox_renamed",
    }),
    ("success=no", {"auth_request_finished"}),
    ("success=no OR event=worker_died", {"auth_request_finished", "worker_died"}),
    ("category=error", {"worker_died", "listener_failed", "plugin_failed", "log_message"}),
    ("event=worker_died AND category=debug", set()),
    ("event=worker_died AND NOT category=error", set()),
    ("event=imap_client_hibernated AND category=imap", {"imap_client_hibernated"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "names"), CLASSES)
def test_which_classes_can_match(text: str, names: set[str]) -> None:
    classes = compile_filter(text, REGISTRY).classes()

    assert {cls.__event_info__.name for cls in classes} == names


def test_an_inherited_field_may_be_on_any_class() -> None:
    assert len(compile_filter("user=alice", REGISTRY).classes()) == len(REGISTRY)
    assert len(compile_filter("success=*", EventRegistryWithText()).classes()) == 3


class EventRegistryWithText(EventRegistry):
    """Two events use the name `success`, once as a truth value and once as text."""

    def __init__(self) -> None:
        super().__init__()

        @event()
        class Told(Event):
            """Somebody told."""

            success: Annotated[str, doc("In words")]

        @event()
        class Half(Event):
            """Half of it."""

            success: Annotated[float, doc("In parts")]

        self.told, self.half = Told, Half
        self.register(AuthRequestFinished, Told, Half)

    def both(self) -> list[Record]:
        return [record(e) for e in (FAILED.event, self.told(success="no"), self.half(success=0.5))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("success=no", [True, True, False]),
        ("success=half", [False, False, False]),
        ("success=0.5", [False, False, True]),
        ("success<0.7", [False, False, True]),
    ],
)
def test_a_name_with_several_kinds_compares_by_the_value(text: str, expected: list[bool]) -> None:
    registry = EventRegistryWithText()

    assert [compile_filter(text, registry)(one) for one in registry.both()] == expected


REFUSED: list[tuple[str, int, str, str | None]] = [
    (
        "event=imap_comand_finished",
        6,
        "no event is 'imap_comand_finished'",
        "imap_command_finished",
    ),
    ("event=nothing_*", 6, "no event matches 'nothing_*'", None),
    ("event>x", 0, "event > makes no sense", None),
    ("category=imapp", 9, "no category is 'imapp'", "imap"),
    ("source_location>x", 0, "source_location > makes no sense", None),
    ("usr=alice", 0, "no event has a field 'usr'", "user"),
    ("user=a AND bytes_oot=1", 11, "no event has a field 'bytes_oot'", "bytes_out"),
    ("user>a", 5, "user is text: > can't compare it", None),
    ("net_out_bytes=many", 14, "net_out_bytes is a number, 'many' isn't", None),
    ("duration=5M", 9, "duration is a number, '5M' isn't", None),
    ("duration=5parsecs", 9, "duration is a number", None),
    ("duration<5*", 9, "duration is compared with a wildcard: < can't", None),
    ("success>no", 8, "success is yes or no: > can't", None),
    ("success=maybe", 8, "success is never 'maybe'", None),
    ("level=loud", 6, "level is never 'loud'", None),
    ("remote_ip=host", 10, "remote_ip is an IP address, 'host' isn't", None),
    ("remote_ip<10.0.0.1", 10, "remote_ip is an IP address: <", None),
    ("flags<a", 6, "flags is a list: < can't", None),
    ("user", 4, "it ends too early", None),
    ("user=", 5, "it ends too early", None),
    ("(user=a", 7, "it ends too early", None),
    ("user=a)", 6, "unexpected ')'", None),
    ("user=a b", 7, "unexpected 'b'", None),
    ("AND user=a", 0, "unexpected 'AND'", None),
    ("user=a AND", 10, "it ends too early", None),
    ("=a", 0, "unexpected '='", None),
    ("user==a", 5, "unexpected '='", None),
    ('user="a', 5, "the string never ends", None),
    ("user=a\\b", 6, "unexpected '\\\\'", None),
    ("(" * 100 + "user=a" + ")" * 100, 61, "nested too deeply", None),
    ("NOT " * 100 + "user=a", 244, "nested too deeply", None),
    ("user=" + "a" * 70_000, 65_536, "longer than", None),
]


@pytest.mark.parametrize(("text", "position", "problem", "like"), REFUSED)
def test_what_is_refused(text: str, position: int, problem: str, like: str | None) -> None:
    with pytest.raises(FilterError) as refusal:
        compile_filter(text, REGISTRY)

    error = refusal.value
    assert problem in str(error)
    assert (error.position, error.nearest) == (position, like)
    assert f"column {position + 1}" in str(error)


def test_dovecots_names_that_never_occur_here_are_warnings() -> None:
    compiled = compile_filter("event=dict_lookup_finished AND key_not_found=yes", REGISTRY)

    assert compiled.warnings == (
        "event=dict_lookup_finished is never emitted",
        "field key_not_found is never emitted",
    )
    assert compiled.classes() == frozenset()
    assert not compiled(COMMAND)


def test_a_filter_says_whether_it_needs_the_source() -> None:
    assert compile_filter("source_location=a.py", REGISTRY).uses_source
    assert not compile_filter("user=a", REGISTRY).uses_source
    assert not compile_filter("source_location=a.py", REGISTRY)(Record(COMMAND.event, SCOPE, 1))


def test_repr_shows_the_text() -> None:
    assert repr(compile_filter("user=a", REGISTRY)) == "Filter('user=a')"


def test_a_long_chain_is_fine() -> None:
    text = " OR ".join(f"user=u{n}" for n in range(2000))

    assert not compile_filter(text, REGISTRY)(COMMAND)


def test_stars_do_not_backtrack() -> None:
    scope = SCOPE.child(user="a" * 20_000)
    compiled = compile_filter("user=" + "*a" * 30 + "b", REGISTRY)

    assert not compiled(record(COMMAND.event, scope))


@given(st.text(alphabet='aeuvntcrsipy=<>()"\\ *?12.:ANDORT_', max_size=60))
def test_garbage_is_compiled_or_refused(text: str) -> None:
    assert outcome(text) in range(len(text) + 1)


def outcome(text: str) -> int:
    """Column of the refusal; for a filter that compiles, what it says of a command."""
    try:
        return int(compile_filter(text, REGISTRY)(COMMAND)) if text else 0
    except FilterError as error:
        return error.position


_TERMS = st.sampled_from(
    ["user=alice", "event=imap_*", "success=no", "category=mail", "uid>5", 'error=""', "uid=7"]
)
_FILTERS = st.recursive(
    _TERMS,
    lambda inner: st.one_of(
        inner.map(lambda f: f"NOT ({f})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}) AND ({pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}) OR ({pair[1]})"),
    ),
    max_leaves=8,
)  # fmt: skip


@given(_FILTERS)
def test_not_turns_every_answer_round(text: str) -> None:
    plain, turned = (compile_filter(t, REGISTRY) for t in (text, f"NOT ({text})"))
    for one in (COMMAND, FAILED, FLAGS, WARNING, DROPPED, record(MailExpunged(uid=7))):
        assert plain(one) is not turned(one)
        assert plain.can_match(type(one.event)) or not plain(one)


def test_bind_is_none_for_a_class_that_never_passes() -> None:
    compiled: Filter = compile_filter("event=worker_died", REGISTRY)

    assert compiled.bind(ImapClientHibernated) is None
    test: Any = compiled.bind(WorkerDied)
    assert test(record(WorkerDied(worker="auth", pid=1)))
