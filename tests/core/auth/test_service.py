"""Whole exchanges through :class:`LocalAuth`."""

from __future__ import annotations

import time
from typing import Any

import pytest
import trio

from culver.auth.client import Challenge, Failure, Success
from culver.auth.local import LocalAuth
from culver.auth.username import UsernameSettings
from culver.errors import Unavailable

USERS = """\
# the house
bob:{PLAIN}bobpass:1001:1002::/home/bob::userdb_mail=maildir:~/m nice=1
carl:{PLAIN}carlpass:1001:1002::/home/carl::nologin reason=Closed
dora:{PLAIN}dorapass:1:1::/home/dora::nodelay
"""


def plain(user: str, password: str, authzid: str = "") -> bytes:
    return f"{authzid}\0{user}\0{password}".encode()


@pytest.fixture
def auth(build: Any, users: Any) -> LocalAuth:
    path = users(USERS)
    return LocalAuth(
        build(
            [{"driver": "passwd-file", "args": path}],
            [{"driver": "passwd-file", "args": path}],
        )
    )


async def test_plain_with_initial_response_then_the_users_record(
    auth: LocalAuth, connection: Any
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


async def test_plain_without_initial_response(auth: LocalAuth, connection: Any) -> None:
    exchange = auth.begin("imap", "PLAIN", connection)
    assert await exchange.step(None) == Challenge(b"")
    assert isinstance(await exchange.step(plain("bob", "bobpass")), Success)
    assert isinstance(await exchange.step(plain("bob", "bobpass")), Failure)


@pytest.mark.parametrize("first", [None, b"", b"bob"])
async def test_login(auth: LocalAuth, connection: Any, first: bytes | None) -> None:
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
    auth: LocalAuth, connection: Any, autojump_clock: Any, response: bytes
) -> None:
    began = trio.current_time()
    outcome = await auth.begin("imap", "PLAIN", connection).step(response)
    assert outcome == Failure(code="failed")
    assert trio.current_time() - began == pytest.approx(2.0)


async def test_failures_wait_together(
    auth: LocalAuth, connection: Any, autojump_clock: Any
) -> None:
    async with trio.open_nursery() as nursery:
        for _ in range(1000):
            exchange = auth.begin("imap", "PLAIN", connection)
            nursery.start_soon(exchange.step, plain("bob", "wrong"))
    assert trio.current_time() == pytest.approx(2.0)


async def test_nodelay(auth: LocalAuth, connection: Any, autojump_clock: Any) -> None:
    outcome = await auth.begin("imap", "PLAIN", connection).step(plain("dora", "wrong"))
    assert isinstance(outcome, Failure)
    assert trio.current_time() == 0


async def test_nologin_is_told_with_its_reason(auth: LocalAuth, connection: Any) -> None:
    outcome = await auth.begin("imap", "PLAIN", connection).step(plain("carl", "carlpass"))
    assert isinstance(outcome, Success)
    assert outcome.fields == {"nologin": "", "reason": "Closed"}


async def test_passwords_need_a_safe_connection(build: Any, make_connection: Any) -> None:
    service = build([{"driver": "static", "args": "nopassword=y"}])
    open_connection = make_connection(security="")
    strict = LocalAuth(service)
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


async def test_unknown_mechanism(auth: LocalAuth, connection: Any) -> None:
    outcome = await auth.begin("imap", "KERBEROS_V4", connection).step(None)
    assert outcome == Failure(code="unsupported_mechanism")


async def test_unreadable_file_is_temporary_and_named(
    build: Any, notes: Any, connection: Any, autojump_clock: Any
) -> None:
    auth = LocalAuth(build([{"driver": "passwd-file", "args": "/nowhere/users"}]))
    outcome = await auth.begin("imap", "PLAIN", connection).step(plain("bob", "x"))
    assert outcome == Failure(code="temporary")
    assert notes.said("/nowhere/users")
    assert notes.finished == [(False, "internal_failure", "temp_fail")]


async def test_disabled_expired_and_master(
    build: Any, connection: Any, users: Any, autojump_clock: Any
) -> None:
    deny = {"driver": "passwd-file", "args": users("eve\n"), "deny": True}
    boss = {"driver": "static", "args": "password=boss", "master": True, "pass_": True}
    real = {"driver": "passwd-file", "args": users("eve:{PLAIN}e\nbob:{PLAIN}b\n")}
    service = build([deny, boss, real], usernames=UsernameSettings(master_user_separator="*"))
    auth = LocalAuth(service)
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


async def test_abort_is_told_once(auth: LocalAuth, connection: Any, notes: Any) -> None:
    exchange = auth.begin("imap", "PLAIN", connection)
    await exchange.step(None)
    await exchange.abort()
    await exchange.abort()
    assert notes.finished == [(False, "aborted", "aborted")]


async def test_lookup_without_login(auth: LocalAuth, connection: Any) -> None:
    record = await auth.lookup("lmtp", "BOB", connection)
    assert record is not None
    assert record.name == "bob"
    assert await auth.lookup("lmtp", "nobody", connection) is None
    assert await auth.lookup("lmtp", "bad name", connection) is None


async def test_lookup_pass_and_list(auth: LocalAuth) -> None:
    from culver.auth.request import AuthRequest

    service = auth.service
    assert await service.lookup_pass(AuthRequest(service="lmtp"), "bob") == {
        "user": "bob",
        "nice": "1",
    }
    assert await service.lookup_pass(AuthRequest(service="lmtp"), "nobody") is None
    names = [name async for name in service.list_users(AuthRequest(service="lmtp"))]
    assert names == ["bob", "carl", "dora"]


def test_bench_prints_the_price_of_a_login(
    auth: LocalAuth, connection: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """No assertion on time: it is printed by ``pytest -s``."""

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
