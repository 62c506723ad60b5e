"""Every command: what it reads, and what it refuses."""

from collections.abc import Callable

import pytest

from culver_plugins.imap.wire.authenticate import Authenticate, decode_response
from culver_plugins.imap.wire.capability import Capability
from culver_plugins.imap.wire.check import Check
from culver_plugins.imap.wire.close import Close
from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.copy import Copy
from culver_plugins.imap.wire.create import Create
from culver_plugins.imap.wire.delete import Delete
from culver_plugins.imap.wire.enable import Enable
from culver_plugins.imap.wire.errors import ParseError
from culver_plugins.imap.wire.examine import Examine
from culver_plugins.imap.wire.expunge import Expunge
from culver_plugins.imap.wire.flags import FlagList
from culver_plugins.imap.wire.id import Id
from culver_plugins.imap.wire.idle import Idle
from culver_plugins.imap.wire.list import List
from culver_plugins.imap.wire.login import Login
from culver_plugins.imap.wire.logout import Logout
from culver_plugins.imap.wire.lsub import Lsub
from culver_plugins.imap.wire.move import Move
from culver_plugins.imap.wire.namespace import Namespace
from culver_plugins.imap.wire.noop import Noop
from culver_plugins.imap.wire.rename import Rename
from culver_plugins.imap.wire.select import Qresync, Select
from culver_plugins.imap.wire.starttls import StartTls
from culver_plugins.imap.wire.status import Status
from culver_plugins.imap.wire.store import Store
from culver_plugins.imap.wire.subscribe import Subscribe
from culver_plugins.imap.wire.unselect import Unselect
from culver_plugins.imap.wire.unsubscribe import Unsubscribe
from culver_plugins.imap.wire.xlist import Xlist

Parse = Callable[..., Command]
SEEN = FlagList(8)

GOOD: list[tuple[bytes, Command]] = [
    (b"CAPABILITY", Capability()),
    (b"NOOP", Noop()),
    (b"noop  ", Noop()),
    (b"LOGOUT", Logout()),
    (b"STARTTLS", StartTls()),
    (b"CHECK", Check()),
    (b"CLOSE", Close()),
    (b"UNSELECT", Unselect()),
    (b"IDLE", Idle()),
    (b"NAMESPACE", Namespace()),
    (b"EXPUNGE", Expunge()),
    (b"UID EXPUNGE 3000:3002", Expunge(((3000, 3002),))),
    (b"LOGIN alice secret", Login("alice", b"secret")),
    ('LOGIN "älice" "se\\"cret"'.encode(), Login("älice", b'se"cret')),
    (b'LOGIN alice ""', Login("alice", b"")),
    (b"AUTHENTICATE PLAIN", Authenticate("PLAIN")),
    (b"AUTHENTICATE plain AGFsaWNlAHNlY3JldA==",
     Authenticate("PLAIN", b"\0alice\0secret")),
    (b"AUTHENTICATE EXTERNAL =", Authenticate("EXTERNAL", b"")),
    (b"ENABLE CONDSTORE x-good-idea", Enable(("CONDSTORE", "X-GOOD-IDEA"))),
    (b"ID NIL", Id(None)),
    (b"ID ()", Id(())),
    (b'ID ("Name" "sodr" "version" NIL)', Id((("name", "sodr"), ("version", None)))),
    (b"SELECT inbox", Select("INBOX")),
    (b"EXAMINE blurdybloop", Examine("blurdybloop")),
    (b"EXAMINE x (CONDSTORE)", Examine("x", condstore=True)),
    (b"SELECT x (QRESYNC (67890007 20050715194045000))",
     Select("x", qresync=Qresync(67890007, 20050715194045000))),
    (b"SELECT x (QRESYNC (67890007 90060115194045000 41,43:211,214:541))",
     Select("x", qresync=Qresync(67890007, 90060115194045000, ((41, 41), (43, 211), (214, 541))))),
    (b"SELECT x (condstore QRESYNC (1 2 41:211 (1,3 41,43)))",
     Select("x", True, Qresync(1, 2, ((41, 211),), ((1, 1), (3, 3)), ((41, 41), (43, 43))))),
    (b"SELECT x (QRESYNC (1 2 (1 41)))",
     Select("x", False, Qresync(1, 2, None, ((1, 1),), ((41, 41),)))),
    (b"CREATE owatagusiam/blurdybloop/", Create("owatagusiam/blurdybloop/")),
    (b"CREATE x (USE (\\Sent \\Drafts))", Create("x", ("\\Sent", "\\Drafts"))),
    (b"CREATE x (USE ())", Create("x")),
    (b"DELETE blurdybloop", Delete("blurdybloop")),
    (b"RENAME foo zowie", Rename("foo", "zowie")),
    (b'SUBSCRIBE "#news.comp.mail.mime"', Subscribe("#news.comp.mail.mime")),
    (b"UNSUBSCRIBE #news.comp.mail.mime", Unsubscribe("#news.comp.mail.mime")),
    (b'LSUB "#news." "comp.mail.*"', Lsub("#news.", "comp.mail.*")),
    (b'XLIST "" %', Xlist("", "%")),
    (b"STATUS blurdybloop (UIDNEXT messages UIDNEXT)",
     Status("blurdybloop", ("UIDNEXT", "MESSAGES"))),
    (b'LIST "" ""', List("", ("",))),
    (b"LIST ~/Mail/ %", List("~/Mail/", ("%",))),
    (b'LIST "" *', List("", ("*",))),
    (b'LIST "" ("INBOX" "Drafts" "Sent/%")',
     List("", ("INBOX", "Drafts", "Sent/%"), extended=True)),
    (b'LIST () "" *', List("", ("*",), extended=True)),
    (b'LIST (SUBSCRIBED remote RECURSIVEMATCH) "" "*"',
     List("", ("*",), frozenset({"SUBSCRIBED", "REMOTE", "RECURSIVEMATCH"}), extended=True)),
    (b'LIST (SPECIAL-USE) "" "*" RETURN (CHILDREN SUBSCRIBED)',
     List("", ("*",), frozenset({"SPECIAL-USE"}), frozenset({"CHILDREN", "SUBSCRIBED"}),
          extended=True)),
    (b'LIST "" % RETURN (STATUS (MESSAGES UNSEEN) SPECIAL-USE)',
     List("", ("%",), frozenset(), frozenset({"STATUS", "SPECIAL-USE"}), ("MESSAGES", "UNSEEN"),
          extended=True)),
    (b'LIST "" % RETURN ()', List("", ("%",), extended=True)),
    (b"COPY 2:4 MEETING", Copy(((2, 4),), "MEETING")),
    (b"UID COPY * inbox", Copy(((1 << 32, 1 << 32),), "INBOX", uid=True)),
    (b"MOVE $ x", Move(((0, 0),), "x")),
    (b"UID MOVE 42:69 foo", Move(((42, 69),), "foo", uid=True)),
    (b"STORE 2:4 +FLAGS (\\Seen)", Store(((2, 4),), "add", SEEN)),
    (b"STORE 1 flags.silent \\Seen", Store(((1, 1),), "replace", SEEN, silent=True)),
    (b"UID STORE 1 -FLAGS.SILENT ()",
     Store(((1, 1),), "remove", FlagList(), silent=True, uid=True)),
    (b"STORE 7,5 (UNCHANGEDSINCE 320162338) +FLAGS.SILENT (\\Seen a)",
     Store(((5, 5), (7, 7)), "add", FlagList(8, ("a",)), True, 320162338)),
]  # fmt: skip


@pytest.mark.parametrize(("line", "command"), GOOD, ids=[line.decode() for line, _ in GOOD])
def test_good(parse: Parse, line: bytes, command: Command) -> None:
    assert parse(line) == command


BAD = [
    b"NOOP x", b"IDLE x", b"LOGIN", b"LOGIN alice", b"LOGIN alice a b", b"LOGIN (a) b",
    b'LOGIN "\xe4" x', b"LOGIN alice \xe4",
    b"AUTHENTICATE", b"AUTHENTICATE PLAIN abc", b"AUTHENTICATE PLAIN ====", b"AUTHENTICATE (",
    b"AUTHENTICATE PLAIN *", b"AUTHENTICATE " + b"x" * 65,
    b"ENABLE", b'ENABLE "x"',
    b"ID", b'ID ("a")', b"ID (a b)", b'ID ("' + b"a" * 31 + b'" "x")',
    b'ID ("a" "' + b"x" * 1025 + b'")', b"ID (" + b" ".join([b'"a" "b"'] * 31) + b")",
    b"SELECT", b"SELECT a b", b"SELECT a ()", b"SELECT a (X)", b"SELECT a (QRESYNC)",
    b"SELECT a (QRESYNC ())", b"SELECT a (QRESYNC (1))", b"SELECT a (QRESYNC (0 1))",
    b"SELECT a (QRESYNC (1 2 *))", b"SELECT a (QRESYNC (1 2 $))",
    b"SELECT a (QRESYNC (1 2 1:2 (1:2)))", b"SELECT a (QRESYNC (1 2 1:2 (1:2 1:3)))",
    b"SELECT a (QRESYNC (1 2 1:2 (1 1) 3))",
    b"CREATE", b"CREATE a b", b"CREATE a (X (\\Sent))", b"CREATE a (USE (Sent))",
    b"CREATE a (USE)", b"DELETE", b"RENAME a", b"SUBSCRIBE", b"LSUB a", b"XLIST",
    b"STATUS a", b"STATUS a ()", b"STATUS a (FOO)", b"STATUS a MESSAGES",
    b"LIST", b'LIST ""', b'LIST "" ()', b'LIST (X) "" *', b'LIST (RECURSIVEMATCH) "" *',
    b'LIST (REMOTE RECURSIVEMATCH) "" *', b'LIST "" * RETURN', b'LIST "" * RETURN (X)',
    b'LIST "" * FOO (CHILDREN)', b'LIST "" * RETURN (STATUS)', b'LIST "" * RETURN (STATUS ())',
    b"UID EXPUNGE", b"UID EXPUNGE x", b"COPY 1", b"COPY x y", b"COPY 0 y", b"MOVE",
    b"STORE 1", b"STORE 1 FLAGS", b"STORE 1 *FLAGS (x)", b"STORE 1 FLAGS.LOUD (x)",
    b"STORE 1 +FLAGS \\Recent", b"STORE 1 () FLAGS x", b"STORE 1 (X 1) FLAGS x",
    b"STORE 1 (UNCHANGEDSINCE) FLAGS x", b"STORE 1 (UNCHANGEDSINCE 1)", b"STORE 1 FLAGS (a",
]  # fmt: skip


@pytest.mark.parametrize("line", BAD, ids=repr)
def test_bad(parse: Parse, line: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        parse(line)

    assert caught.value.status == b"BAD"


def test_names_that_are_not_mutf7_are_a_no(parse: Parse) -> None:
    for line in (b"SELECT &", b'LIST "" &%', b"COPY 1 &AOQ", b"RENAME a &-&"):
        with pytest.raises(ParseError) as caught:
            parse(line)
        assert caught.value.status == b"NO"


def test_literals_are_strings(parse: Parse) -> None:
    line = b"LOGIN {5}\n {6+}\n"

    assert parse(line, b"alice", b's\r\n"\\t') == Login("alice", b's\r\n"\\t')


def test_secrets_do_not_print() -> None:
    assert "secret!" not in repr(Login("alice", b"secret!"))
    assert "secret!" not in repr(Authenticate("PLAIN", b"secret!"))
    assert repr(Authenticate("PLAIN")) == "Authenticate(mechanism='PLAIN', initial=None)"


@pytest.mark.parametrize(
    ("line", "data"),
    [(b"=", b""), (b"Zm9v", b"foo"), (b"Zm9", None), (b"Zm9v Zm9v", None), (b"Zg==Zg==", None)],
)
def test_sasl_responses(line: bytes, data: bytes | None) -> None:
    assert decode_response(line) == data
