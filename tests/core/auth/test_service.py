"""Whole exchanges through :class:`LocalAuth`."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import trio
import trio.testing

from culver.auth.client import AuthClient, Challenge, Failure, Success
from culver.auth.gate import never
from culver.auth.local import LocalAuth
from culver.auth.master_server import MasterConnection
from culver.auth.remote import Open, RemoteAuth
from culver.auth.request import AuthRequest
from culver.auth.server import ClientConnection
from culver.auth.username import UsernameSettings
from culver.errors import Unavailable

if TYPE_CHECKING:
    from pathlib import Path

    from trio.abc import Stream

    from culver.auth.service import AuthService

USERS = """\
# the house
bob:{PLAIN}bobpass:1001:1002::/home/bob::userdb_mail=maildir:~/m nice=1
carl:{PLAIN}carlpass:1001:1002::/home/carl::nologin reason=Closed
dora:{PLAIN}dorapass:1:1::/home/dora::nodelay
"""


def plain(user: str, password: str, authzid: str = "") -> bytes:
    return f"{authzid}\0{user}\0{password}".encode()


Connect = Callable[..., Awaitable[AuthClient]]


@pytest.fixture
def service(build: Any, users: Any) -> AuthService:
    path = users(USERS)
    block = {"driver": "passwd-file", "args": path}
    made: AuthService = build([block], [block])
    return made


async def serve(listener: trio.SocketListener, handle: Callable[[Stream], Awaitable[None]]) -> None:
    await trio.serve_listeners(handle, [listener])


@pytest.fixture(params=["local", "memory", "unix"])
def connect(request: Any, nursery: trio.Nursery, tmp_path: Path) -> Connect:
    """An AuthClient of each kind, talking to a service."""

    def handlers(service: AuthService) -> list[Callable[[Stream], Awaitable[None]]]:
        return [
            lambda stream: ClientConnection(service, stream, logins=True).serve(),
            lambda stream: MasterConnection(service, stream).serve(),
        ]

    async def memory(service: AuthService) -> list[Open]:
        def opener(handle: Callable[[Stream], Awaitable[None]]) -> Open:
            async def open_stream() -> Stream:
                ours, theirs = trio.testing.memory_stream_pair()
                nursery.start_soon(handle, theirs)
                return ours

            return open_stream

        return [opener(handle) for handle in handlers(service)]

    async def unix(service: AuthService) -> list[Open]:
        openers: list[Open] = []
        for name, handle in zip(("client", "master"), handlers(service), strict=True):
            path = str(tmp_path / name)
            sock = trio.socket.socket(trio.socket.AF_UNIX)
            await sock.bind(path)
            sock.listen()
            nursery.start_soon(serve, trio.SocketListener(sock), handle)
            openers.append(partial(trio.open_unix_socket, path))
        return openers

    async def make(service: AuthService, allowed: Any = never) -> AuthClient:
        if request.param == "local":
            return LocalAuth(service, allowed)
        client, master = await (memory if request.param == "memory" else unix)(service)
        remote = RemoteAuth(nursery, client, master, allowed)
        await remote.connect()
        return remote

    return make


@pytest.fixture
async def auth(service: AuthService, connect: Connect) -> AuthClient:
    return await connect(service)


async def test_plain_with_initial_response_then_the_users_record(
    auth: AuthClient, connection: Any
) -> None:
    success = await auth.begin("imap", "plain", connection).step(plain("Bob", "bobpass"))
    assert isinstance(success, Success)
    assert (success.user, success.original_user, success.mechanism) == ("bob", "Bob", "PLAIN")
    assert success.fields == {"nice": "1", "original_user": "Bob"}
    record = await auth.lookup("imap", success.user, connection, login=success)
    assert record is not None
    assert record.fields == {
        "auth_mech": "PLAIN",
        "auth_user": "Bob",
        "mail": "maildir:~/m",
        "uid": "1001",
        "gid": "1002",
        "home": "/home/bob",
    }
    with pytest.raises(Unavailable):  # a ticket is good once
        await auth.lookup("imap", success.user, connection, login=success)


async def test_plain_without_initial_response(auth: AuthClient, connection: Any) -> None:
    exchange = auth.begin("imap", "PLAIN", connection)
    assert await exchange.step(None) == Challenge(b"")
    assert isinstance(await exchange.step(plain("bob", "bobpass")), Success)
    assert isinstance(await exchange.step(plain("bob", "bobpass")), Failure)


@pytest.mark.parametrize("first", [None, b"", b"bob"])
async def test_login(auth: AuthClient, connection: Any, first: bytes | None) -> None:
    exchange = auth.begin("imap", "LOGIN", connection)
    outcome = await exchange.step(first)
    if not first:
        assert outcome == Challenge(b"Username:")
        outcome = await exchange.step(b"bob")
    assert outcome == Challenge(b"Password:")
    assert isinstance(await exchange.step(b"bobpass"), Success)


@pytest.mark.parametrize(
    "response",
    [
        plain("bob", "wrong"),
        plain("nobody", "wrong"),
        plain("b\xf6b", "wrong"),
        plain("", ""),
        b"",
        b"\0bob",
        b"\0bob\0bobpass\0",
        b"bob\0boss\0x",
        b"\0\xff\xfe\0\xff",
    ],
)
async def test_failures_look_alike(
    auth: AuthClient, connection: Any, autojump_clock: Any, response: bytes
) -> None:
    began = trio.current_time()
    outcome = await auth.begin("imap", "PLAIN", connection).step(response)
    assert outcome == Failure(code="failed")
    assert trio.current_time() - began == pytest.approx(2.0)


async def test_failures_wait_together(
    auth: AuthClient, connection: Any, autojump_clock: Any
) -> None:
    async with trio.open_nursery() as nursery:
        for _ in range(1000):
            exchange = auth.begin("imap", "PLAIN", connection)
            nursery.start_soon(exchange.step, plain("bob", "wrong"))
    assert trio.current_time() == pytest.approx(2.0)


async def test_nodelay(auth: AuthClient, connection: Any, autojump_clock: Any) -> None:
    outcome = await auth.begin("imap", "PLAIN", connection).step(plain("dora", "wrong"))
    assert isinstance(outcome, Failure)
    assert trio.current_time() == 0


async def test_nologin_is_told_with_its_reason(auth: AuthClient, connection: Any) -> None:
    outcome = await auth.begin("imap", "PLAIN", connection).step(plain("carl", "carlpass"))
    assert isinstance(outcome, Success)
    assert outcome.fields == {"nologin": "", "reason": "Closed"}


async def test_passwords_need_a_safe_connection(
    build: Any, connect: Connect, make_connection: Any
) -> None:
    service = build([{"driver": "static", "args": "nopassword=y"}])
    open_connection = make_connection(security="")
    strict = await connect(service)
    outcome = await strict.begin("imap", "PLAIN", open_connection).step(plain("bob", "x"))
    assert outcome == Failure(code="privacy_required")
    assert strict.offered("imap", open_connection) == ()
    assert [m.name for m in strict.offered("imap", make_connection(security="tls"))] == [
        "PLAIN",
        "LOGIN",
    ]
    lax = LocalAuth(service, lambda service, connection: service == "imap")
    assert isinstance(
        await lax.begin("imap", "PLAIN", open_connection).step(plain("bob", "x")), Success
    )
    assert lax.offered("pop3", open_connection) == ()


async def test_unknown_mechanism(auth: AuthClient, connection: Any) -> None:
    outcome = await auth.begin("imap", "KERBEROS_V4", connection).step(None)
    assert outcome == Failure(code="unsupported_mechanism")


async def test_unreadable_file_is_temporary_and_named(
    build: Any, connect: Connect, notes: Any, connection: Any, autojump_clock: Any
) -> None:
    auth = await connect(build([{"driver": "passwd-file", "args": "/nowhere/users"}]))
    outcome = await auth.begin("imap", "PLAIN", connection).step(plain("bob", "x"))
    assert outcome == Failure(code="temporary")
    assert notes.said("/nowhere/users")
    assert notes.finished == [(False, "internal_failure", "temp_fail")]


async def test_disabled_expired_and_master(
    build: Any, connect: Connect, connection: Any, users: Any, autojump_clock: Any
) -> None:
    deny = {"driver": "passwd-file", "args": users("eve\n"), "deny": True}
    boss = {"driver": "static", "args": "password=boss", "master": True, "pass_": True}
    real = {"driver": "passwd-file", "args": users("eve:{PLAIN}e\nbob:{PLAIN}b\n")}
    service = build([deny, boss, real], usernames=UsernameSettings(master_user_separator="*"))
    auth = await connect(service)
    rows = [
        (plain("eve", "e"), "disabled"),
        (plain("nobody*root", "boss"), "unauthorized"),
        (plain("root", "boss", "nobody"), "unauthorized"),
        (plain("bob*root", "wrong"), "failed"),
        (plain("*root", "boss"), "failed"),
    ]
    for response, code in rows:
        outcome = await auth.begin("imap", "PLAIN", connection).step(response)
        assert isinstance(outcome, Failure)
        assert outcome.code == code, response
    for response in (plain("bob*root", "boss"), plain("root", "boss", "bob")):
        outcome = await auth.begin("imap", "PLAIN", connection).step(response)
        assert isinstance(outcome, Success)
        assert outcome.user == "bob"
        assert outcome.fields["auth_user"] == "root"


async def test_abort_is_told_once(auth: AuthClient, connection: Any, notes: Any) -> None:
    exchange = auth.begin("imap", "PLAIN", connection)
    await exchange.step(None)
    await exchange.abort()
    await exchange.abort()
    assert isinstance(
        await auth.begin("imap", "PLAIN", connection).step(plain("bob", "bobpass")), Success
    )
    assert notes.finished == [(False, "aborted", "aborted"), (True, "", "")]


async def test_lookup_without_login(auth: AuthClient, connection: Any) -> None:
    record = await auth.lookup("lmtp", "BOB", connection)
    assert record is not None
    assert record.name == "bob"
    assert await auth.lookup("lmtp", "nobody", connection) is None
    assert await auth.lookup("lmtp", "bad name", connection) is None


async def test_lookup_pass_and_list(service: AuthService) -> None:
    assert await service.lookup_pass(AuthRequest(service="lmtp"), "bob") == {
        "user": "bob",
        "nice": "1",
    }
    assert await service.lookup_pass(AuthRequest(service="lmtp"), "nobody") is None
    names = [name async for name in service.list_users(AuthRequest(service="lmtp"))]
    assert names == ["bob", "carl", "dora"]


def test_bench_prints_the_price_of_a_login(
    service: AuthService, connection: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """No assertion on time: it is only printed."""
    auth = LocalAuth(service)

    async def many() -> int:
        count = 300
        for _ in range(count):
            outcome = await auth.begin("imap", "PLAIN", connection).step(plain("bob", "bobpass"))
            assert isinstance(outcome, Success)
        return count

    began = time.perf_counter()
    count = trio.run(many)
    with capsys.disabled():
        print(f"\nlogin: {(time.perf_counter() - began) / count * 1e6:.0f} us")
