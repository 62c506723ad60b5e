"""The served protocol, line by line, as Postfix, Exim and login processes see it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
import trio
import trio.testing

from culver.auth.master_server import MasterConnection
from culver.auth.protocol import MAX_LINE
from culver.auth.server import ClientConnection

if TYPE_CHECKING:
    from collections.abc import Callable

    from culver.auth.service import AuthService

USERS = "bob:{PLAIN}pass:1001:1002::/home/bob::a=1 userdb_x=2\neve:{PLAIN}e:1003:1003::/home/eve\n"
HELLO = b"VERSION\t1\t2\nCPID\t7\n"


def b64(data: bytes) -> bytes:
    return base64.b64encode(data)


@pytest.fixture
def service(build: Any, users: Any) -> AuthService:
    block = {"driver": "passwd-file", "args": users(USERS)}
    made: AuthService = build([block], [block])
    return made


async def talk(
    serve: Callable[[trio.abc.Stream], ClientConnection | MasterConnection], data: bytes
) -> list[bytes]:
    """Send everything, wait for the delay of failures, close, give the lines of the reply."""
    ours, theirs = trio.testing.memory_stream_pair()
    got = bytearray()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve(theirs).serve)
        await ours.send_all(data)
        await trio.sleep(3)
        await ours.send_eof()
        async for chunk in ours:
            got += chunk
    return bytes(got).split(b"\n")[:-1]


@pytest.fixture
def client(service: AuthService) -> Callable[[bytes], Any]:
    async def run(data: bytes) -> list[bytes]:
        lines = await talk(lambda s: ClientConnection(service, s, logins=False), data)
        assert lines[0] == b"VERSION\t1\t2"
        return lines[lines.index(b"DONE") + 1 :]

    return run


@pytest.fixture
def master(service: AuthService) -> Callable[..., Any]:
    async def run(data: bytes, **options: Any) -> list[bytes]:
        lines = await talk(
            lambda s: MasterConnection(service, s, **options), b"VERSION\t1\t0\n" + data
        )
        assert lines[0] == b"VERSION\t1\t1"
        assert lines[1].startswith(b"SPID\t")
        return lines[2:]

    return run


async def test_handshake(service: AuthService, autojump_clock: Any) -> None:
    lines = await talk(lambda s: ClientConnection(service, s, logins=False), HELLO)
    assert lines[1:3] == [b"MECH\tPLAIN\tplaintext", b"MECH\tLOGIN\tplaintext"]
    assert [line.split(b"\t")[0] for line in lines[3:]] == [b"SPID", b"CUID", b"COOKIE", b"DONE"]
    assert len(lines[5].split(b"\t")[1]) == 32


GOOD = b"resp=" + b64(b"\0bob\0pass")
CLIENT = [
    ("ok", b"AUTH\t1\tPLAIN\tservice=smtp\tnologin\tlip=::1\t" + GOOD, [b"OK\t1\tuser=bob\ta=1"]),
    ("lower case", b"AUTH\t1\tplain\tservice=smtp\t" + GOOD, [b"OK\t1\tuser=bob\ta=1"]),
    ("wrong", b"AUTH\t1\tPLAIN\tservice=smtp\tresp=" + b64(b"\0bob\0x"), [b"FAIL\t1\tuser=bob"]),
    ("prompt", b"AUTH\t1\tLOGIN\tservice=smtp", [b"CONT\t1\t" + b64(b"Username:")]),
    ("empty response", b"AUTH\t1\tPLAIN\tservice=smtp\tresp=", [b"FAIL\t1"]),
    (
        "bad base64",
        b"AUTH\t1\tPLAIN\tservice=smtp\tresp=*",
        [b"FAIL\t1\tcode=invalid_base64\treason=Invalid base64 data"],
    ),
    (
        "continuation of nothing",
        b"CONT\t9\t",
        [b"FAIL\t9\treason=Authentication request timed out"],
    ),
    ("cancel of nothing", b"CANCEL\t9", []),
    ("no service", b"AUTH\t1\tPLAIN\t" + GOOD, []),
    ("resp is not last", b"AUTH\t1\tPLAIN\t" + GOOD + b"\tservice=smtp", []),
    ("unknown mechanism", b"AUTH\t1\tFOO\tservice=smtp", []),
    ("unknown command", b"FOO\t1", []),
    ("id zero", b"AUTH\t0\tPLAIN\tservice=smtp", []),
    ("a long line", b"x" * (MAX_LINE + 1), []),
]


@pytest.mark.parametrize(("line", "reply"), [c[1:] for c in CLIENT], ids=[c[0] for c in CLIENT])
async def test_client(client: Any, autojump_clock: Any, line: bytes, reply: list[bytes]) -> None:
    assert await client(HELLO + line + b"\n") == reply


async def test_cancel_in_the_same_breath_gives_no_reply(client: Any, autojump_clock: Any) -> None:
    begin = b"AUTH\t1\tPLAIN\tservice=smtp\tresp=" + b64(b"\0bob\0wrong") + b"\n"
    assert await client(HELLO + begin + b"CANCEL\t1\n") == []


async def test_exim_sends_an_empty_response_for_none(client: Any, autojump_clock: Any) -> None:
    lines = await client(b"VERSION\t1\t1\nCPID\t7\nAUTH\t1\tPLAIN\tservice=smtp\tresp=\n")
    assert lines == [b"CONT\t1\t"]


@pytest.mark.parametrize("bad", [b"VERSION\t2\t0\n", b"CPID\t7\n", b"VERSION\t1\t2\nAUTH\t1\n"])
async def test_bad_handshakes_end_it(client: Any, autojump_clock: Any, bad: bytes) -> None:
    assert await client(bad + b"AUTH\t1\tPLAIN\tservice=smtp\t" + GOOD + b"\n") == []


async def test_dialog_at_every_split(service: AuthService, autojump_clock: Any) -> None:
    data = HELLO + b"AUTH\t1\tPLAIN\tservice=smtp\t" + GOOD + b"\nAUTH\t2\tLOGIN\tservice=smtp\n"
    for at in range(len(data)):
        ours, theirs = trio.testing.memory_stream_pair()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ClientConnection(service, theirs, logins=False).serve)
            await ours.send_all(data[:at])
            await trio.testing.wait_all_tasks_blocked()
            await ours.send_all(data[at:])
            await trio.testing.wait_all_tasks_blocked()
            await ours.send_eof()
            got = b"".join([bytes(chunk) async for chunk in ours])
        # Exchanges run side by side: replies come in any order.
        assert sorted(got.split(b"DONE\n")[1].splitlines()) == [
            b"CONT\t2\tVXNlcm5hbWU6",
            b"OK\t1\tuser=bob\ta=1",
        ]


MASTER = [
    (
        b"USER\t1\tbob\tservice=lmtp",
        [b"USER\t1\tbob\tuid=1001\tgid=1002\thome=/home/bob\tx=2"],
    ),
    (b"USER\t1\tnobody\tservice=lmtp", [b"NOTFOUND\t1"]),
    (b"USER\t1\tb b\tservice=lmtp", [b"NOTFOUND\t1"]),
    (b"PASS\t1\tbob\tservice=lmtp", [b"PASS\t1\tuser=bob\ta=1"]),
    (b"PASS\t1\tnobody\tservice=lmtp", [b"NOTFOUND\t1"]),
    (b"LIST\t1\tservice=lmtp", [b"LIST\t1\tbob", b"LIST\t1\teve", b"DONE\t1\t"]),
    (b"REQUEST\t1\t7\t1\t00", [b"FAIL\t1"]),
    (b"REQUEST\t1\t7", []),
    (b"CACHE-FLUSH\t1", [b"OK\t1\t0"]),
    (b"USER\t1\tbob", []),
    (b"FOO\t1", []),
]


@pytest.mark.parametrize(("line", "reply"), MASTER)
async def test_master(master: Any, autojump_clock: Any, line: bytes, reply: list[bytes]) -> None:
    assert await master(line + b"\n") == reply


async def test_restricted_peers_see_only_themselves(master: Any, autojump_clock: Any) -> None:
    asked = b"USER\t1\teve\tservice=x\nUSER\t2\tbob\tservice=x\nPASS\t3\tbob\tservice=x\nLIST\t4\n"
    lines = await master(asked, restricted_uid=1001)
    assert sorted(line[:6] for line in lines) == [b"DONE\t4", b"FAIL\t1", b"FAIL\t3", b"USER\t2"]
    assert await master(b"REQUEST\t1\t7\t1\t00\n", userdb_only=True) == []
