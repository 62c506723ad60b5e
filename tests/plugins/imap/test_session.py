"""IMAP sessions over memory streams: bad input, bad clients, bad plugins."""

from __future__ import annotations

import pytest
import trio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from culver.plugin import MailboxLayer, MailboxStatus, Refused, Registry, View, hookimpl
from culver.testing.imap_client import ConnectionEnded, ImapClient
from culver.testing.mails import mail
from culver.testing.pytest_plugin import StartServer
from culver.testing.server import run_server
from culver_events.connection import ClientConnectionDisconnected
from culver_events.imap import ImapCommandFinished, ImapIdReceived
from culver_events.login import LoginAborted
from culver_events.server import LogMessage
from culver_events.session import MailUserSessionFinished


async def test_a_line_over_the_limit(culver: StartServer) -> None:
    async with culver(config="protocol imap {\n imap_max_line_length = 1k\n}\n") as server:
        alice = await server.imap("alice")
        answer = await alice.command("CREATE " + "x" * 2000)
        assert (answer.status, answer.text) == (
            "BAD", "Error in IMAP command CREATE: IMAP command line too large",
        )  # fmt: skip
        assert (await alice.command("NOOP")).ok


@pytest.mark.parametrize("announced", ["{99999}", "{99999+}"])
async def test_a_literal_over_the_limit(culver: StartServer, announced: str) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.send(f"a CREATE {announced}\r\n".encode())
        if "+" in announced:
            await alice.send(b"x" * 99999 + b"\r\n")
        assert (await alice.answer(b"a")).status == "BAD"
        assert (await alice.command("NOOP")).ok


@pytest.mark.parametrize(
    "line",
    [b"a NOOP \0", b"a \0", b"\0", b'a CREATE "\xff"', b'a CREATE "a\0b"', b"a FETCH", b"{5}"],
)
async def test_bad_lines_leave_the_connection_in_step(culver: StartServer, line: bytes) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.send(line + b"\r\n")
        said = await alice.read_line()
        assert said.split()[1] in (b"BAD", b"NO")
        assert (await alice.command("NOOP")).ok


async def test_twenty_mistakes_end_a_session(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        for _ in range(19):
            assert (await alice.command("FOO")).status == "BAD"
        assert (await alice.command("FOO")).status == "BAD"
        assert (await alice.read_line()).startswith(b"* BYE Too many")
        assert len(server.events(MailUserSessionFinished)) == 1


async def test_mistakes_that_only_the_session_can_see_count_too(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.select()
        with pytest.raises(ConnectionEnded):
            await _fetch_until_the_end(alice)
        assert len(server.events(ImapCommandFinished)) < 30


async def _fetch_until_the_end(alice: ImapClient) -> None:
    for _ in range(30):
        assert (await alice.fetch(5, "FLAGS")).status == "BAD"


async def test_garbage_before_login(culver: StartServer) -> None:
    async with culver() as server:
        client = await server.imap()
        await client.send(b"\x16\x03\x01\x02\0\x01" + bytes(range(256)) * 4 + b"\r\n" * 5)
        with pytest.raises(ConnectionEnded):
            await _read_all(client)
        (aborted,) = server.events(LoginAborted)
        assert aborted.auth_attempts == 0
        assert server.events(LogMessage) == []


async def test_half_a_command_and_silence(culver: StartServer, autojump_clock: MockClock) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.send(b"a CREA")
        began = trio.current_time()
        assert await alice.read_line() == b"* BYE Disconnected for inactivity."
        assert trio.current_time() - began == 1800
        (finished,) = server.events(MailUserSessionFinished)
        assert finished.reason == "Inactivity"


async def test_a_client_that_stops_reading(culver: StartServer, autojump_clock: MockClock) -> None:
    async with culver() as server:
        client = ImapClient(server.connect("imap", lockstep=True))
        await client.greet()
        await client.login("alice")
        await client.append("INBOX", mail("x", "y" * 200_000))
        await client.select()
        await client.send(b"a FETCH 1 BODY.PEEK[]\r\n")
        await client.stream.receive_some(10)
        await server.all_ended()
        (ended,) = server.events(ClientConnectionDisconnected)
        assert "read nothing" in ended.reason
        assert len(server.events(MailUserSessionFinished)) == 1


async def test_draining_says_goodbye(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await trio.testing.wait_all_tasks_blocked()
        for connection in list(server.live):
            connection.drain()
        assert await alice.read_line() == b"* BYE [UNAVAILABLE] Server shutting down."
        with pytest.raises(ConnectionEnded):
            await alice.read()


async def test_logout_tells_what_was_done(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", mail())
        await alice.select()
        await alice.fetch(1, "(BODY[] BODY.PEEK[HEADER])")
        await alice.store(1, r"+FLAGS (\Deleted)")
        await alice.command("EXPUNGE")
        answer = await alice.logout()
        assert (answer.ok, answer.untagged) == (True, (b"BYE Logging out",))
        with pytest.raises(ConnectionEnded):
            await alice.read()
        (finished,) = server.events(MailUserSessionFinished)
        assert finished.reason == "Logged out"
        assert "deleted=1 expunged=1" in str(finished.statistics)
        assert "hdr_count=1" in str(finished.statistics)
        assert "body_count=1" in str(finished.statistics)
        assert server.events(LoginAborted) == []


async def test_every_command_is_told(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.command("NOOP")
        await alice.select("nowhere")
        records = server.captured.records_of(ImapCommandFinished)
        told = [(r.get("cmd_name"), r.get("tagged_reply_state"), r.get("user")) for r in records]
        assert told == [
            ("LOGIN", "OK", "alice"), ("NOOP", "OK", "alice"), ("SELECT", "NO", "alice"),
        ]  # fmt: skip
        assert all(secret not in str(r.fields()) for r in records for secret in ("secret",))


async def test_id(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        answer = await alice.command('ID ("name" "test" "version" NIL)')
        assert answer.of("ID") == [b'("name" "culver")']
        assert len(server.events(ImapIdReceived)) == 1


@pytest.mark.parametrize(("setting", "said"), [("", b"NIL"), ("name x support-url *", None)])
async def test_id_as_the_setting_says(
    culver: StartServer, setting: str, said: bytes | None
) -> None:
    async with culver(config=f"imap_id_send = {setting}\n") as server:
        alice = await server.imap("alice")
        assert (await alice.command("ID NIL")).of("ID") == [
            said or b'("name" "x" "support-url" "")'
        ]


async def test_enable(culver: StartServer) -> None:
    async with culver() as server:
        client = await server.imap()
        assert (await client.command("ENABLE CONDSTORE")).of("ENABLED") == []
        await client.login("alice")
        assert (await client.command("ENABLE CONDSTORE X")).of("ENABLED") == [b"CONDSTORE"]
        assert (await client.command("ENABLE CONDSTORE")).of("ENABLED") == [b""]


CAPABILITIES = {
    "IMAP4rev1", "SASL-IR", "ID", "ENABLE", "IDLE", "LITERAL+", "NAMESPACE", "UIDPLUS", "MOVE",
    "CONDSTORE", "QRESYNC", "ESEARCH", "SEARCHRES", "WITHIN", "LIST-EXTENDED", "LIST-STATUS",
    "SPECIAL-USE", "CHILDREN", "UNSELECT", "MULTIAPPEND", "STATUS=SIZE",
}  # fmt: skip


async def test_capabilities(culver: StartServer) -> None:
    async with culver() as server:
        client = await server.imap()
        (before,) = (await client.command("CAPABILITY")).of("CAPABILITY")
        assert "AUTH=PLAIN" in before.decode().split()
        assert "LOGINDISABLED" not in before.decode()
        answer = await client.login("alice")
        assert set(answer.arguments.split()) >= CAPABILITIES
        assert "AUTH=PLAIN" not in answer.arguments


@pytest.mark.parametrize(
    ("setting", "there", "gone"), [("IMAP4rev1 X", "X", "IDLE"), ("+XMORE", "XMORE", "AUTH=PLAIN")]
)
async def test_capabilities_as_the_setting_says(
    culver: StartServer, setting: str, there: str, gone: str
) -> None:
    async with culver(config=f"imap_capability = {setting}\n") as server:
        client = await server.imap()
        words = (await client.login("alice")).arguments.split()
        assert there in words
        assert gone not in words


class Broken(MailboxLayer):
    """Has a bug."""

    async def status(self, *, size: bool = False) -> MailboxStatus:
        raise KeyError("a bug")


class BrokenPlugin:
    """Brings the layer."""

    name = "broken"

    @hookimpl
    def culver_register(self, registry: Registry) -> None:
        registry.mailbox_layer(Broken)


async def test_a_bug_of_a_plugin_ends_no_session(culver: StartServer) -> None:
    async with culver(plugins=[BrokenPlugin()]) as server:
        alice = await server.imap("alice")
        answer = await alice.command("STATUS INBOX (MESSAGES)")
        assert (answer.status, answer.code) == ("NO", "SERVERBUG")
        assert "a bug" not in answer.text
        assert (await alice.command("NOOP")).ok
        (told,) = server.events(LogMessage)
        assert "a bug" in told.text


async def test_starttls_when_there_is_none(culver: StartServer) -> None:
    async with culver() as server:
        client = await server.imap()
        assert (await client.command("STARTTLS")).status == "BAD"
    async with culver(tls=True) as server:
        client = await server.imap()
        assert (await client.command("STARTTLS")).ok
        await server.start_tls(client)
        assert (await client.command("STARTTLS")).status == "BAD"


async def test_implicit_tls(culver: StartServer) -> None:
    async with culver(tls=True) as server:
        client = ImapClient(
            server.connect("imap", tls=True, remote=("192.0.2.2", 1), local=("192.0.2.1", 993))
        )
        await server.start_tls(client)
        await client.greet()
        assert (await client.login("alice")).ok


async def test_a_handshake_that_never_comes(culver: StartServer, autojump_clock: MockClock) -> None:
    async with culver(tls=True) as server:
        stream = server.connect("imap", tls=True)
        await trio.sleep(61)
        assert not server.live
        await stream.aclose()


LINES = st.lists(
    st.one_of(
        st.binary(max_size=30),
        st.sampled_from(
            [b"a SELECT INBOX", b"a FETCH 1 (BODY[])", b"a IDLE", b"DONE", b"a APPEND INBOX {3+}",
             b"a SEARCH ", b"(", b'"', b"{2}", b"a CLOSE",
             b"a LIST \"\" *", b"*", b"a UID ", b"a STORE 1 FLAGS ()"]
        ),
        st.just(b"\r\n"),
    ),
    max_size=25,
)  # fmt: skip


@settings(
    max_examples=25, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(LINES)
def test_garbage_never_breaks_a_session(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]
) -> None:
    async def run() -> None:
        async with run_server(tmp_path_factory.mktemp("garbage")) as server:
            alice = await server.imap("alice")
            await alice.append("INBOX", mail())
            await alice.send(b"".join(pieces))
            assert isinstance(alice.stream, trio.StapledStream)
            await alice.stream.send_stream.aclose()
            with pytest.raises(ConnectionEnded):
                await _read_all(alice)
            await server.all_ended()
            assert server.events(LogMessage) == []

    trio.run(run)


async def _read_all(client: ImapClient) -> None:
    while True:
        await client.read()


async def test_commands_in_one_packet(culver: StartServer) -> None:
    async with culver() as server:
        client = await server.imap()
        await client.send(
            b"a LOGIN alice secret\r\nb SELECT INBOX\r\nc APPEND INBOX {6+}\r\na: b\r\n\r\n"
            b"d FETCH 1 UID\r\ne STORE 1 +FLAGS (\\Deleted)\r\nf EXPUNGE\r\ng LOGOUT\r\n"
        )
        for tag in (b"a", b"b", b"c", b"d", b"e"):
            assert (await client.answer(tag)).ok, tag
        answer = await client.answer(b"f")
        assert answer.numbered("EXPUNGE") == [1]
        assert (await client.answer(b"g")).ok


async def test_a_command_octet_by_octet(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        for octet in b"a APPEND INBOX {6+}\r\na: b\r\n\r\nb NOOP\r\n":
            await alice.send(bytes([octet]))
            await trio.lowlevel.checkpoint()
        assert (await alice.answer(b"a")).ok
        assert (await alice.answer(b"b")).ok


class Refusing(MailboxLayer):
    """Lets nobody read."""

    async def open_view(self, *, read_only: bool) -> View:
        raise Refused("NOPERM", "Not for\r\na2 OK you")


class RefusingPlugin:
    """Brings the layer."""

    name = "refusing"

    @hookimpl
    def culver_register(self, registry: Registry) -> None:
        registry.mailbox_layer(Refusing)


async def test_a_text_can_not_forge_an_answer(culver: StartServer) -> None:
    async with culver(plugins=[RefusingPlugin()]) as server:
        alice = await server.imap("alice")
        answer = await alice.select()
        assert (answer.status, answer.code) == ("NO", "NOPERM")
        assert answer.text == "Not for??a2 OK you"
        assert (await alice.command("CLOSE")).status == "BAD"


async def test_a_mailbox_that_vanishes_while_selected(culver: StartServer) -> None:
    async with culver() as server:
        alice, other = await server.imap("alice"), await server.imap("alice")
        await alice.command("CREATE a")
        await alice.append("a", mail())
        await alice.select("a")
        assert (await other.command("DELETE a")).ok
        answer = await alice.command("NOOP")
        assert answer.status in ("OK", "NO")
        assert (await alice.fetch(1, "BODY.PEEK[]")).status in ("OK", "NO", "BAD")
        assert (await alice.select("INBOX")).ok
        assert server.events(LogMessage) == []
