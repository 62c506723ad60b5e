"""The drivers' arguments; what they do in a chain is in tests/core/auth."""

from __future__ import annotations

import pytest

from culver.auth.driver import DriverEnv, DriverError
from culver.auth.request import AuthRequest
from culver.auth.result import PassdbResult, UserdbResult
from culver.auth.rules import PassdbRules, UserdbRules
from culver.auth.schemes import SchemeSet
from culver.config.variables import template
from culver_plugins.static.passdb import StaticPassdb
from culver_plugins.static.prefetch import PrefetchUserdb
from culver_plugins.static.userdb import StaticUserdb


def env(**more: bool) -> DriverEnv:
    return DriverEnv(schemes=SchemeSet([]), template=template, lone_userdb=more.get("lone", False))


def test_bad_args_are_named() -> None:
    with pytest.raises(DriverError, match="passdb static"):
        StaticPassdb("=x", PassdbRules(), env())
    with pytest.raises(DriverError, match="userdb static"):
        StaticUserdb("=x", UserdbRules(), env())


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ("uid=1 home=/h/%n allow_all_users=yes", {"uid": "1", "home": "/h/bob"}),
        ("home=/h/%d allow_all_users", {"home": "/h/example.org"}),
        ("a= b allow_all_users=yes", {"a": "", "b": ""}),
    ],
)
async def test_fields(args: str, expected: dict[str, str]) -> None:
    request = AuthRequest(service="imap", user="bob@example.org")
    assert await StaticUserdb(args, UserdbRules(), env()).lookup(request) is UserdbResult.OK
    assert request.userdb.visible() == expected


async def test_without_passdb_nobody_can_tell_who_exists() -> None:
    request = AuthRequest(service="imap", user="bob")
    userdb = StaticUserdb("uid=1", UserdbRules(), env())
    assert await userdb.lookup(request) is UserdbResult.INTERNAL_FAILURE


async def test_unknown_variables_are_internal_failures() -> None:
    request = AuthRequest(service="imap", user="bob")
    userdb = StaticUserdb("a=%{what} allow_all_users=yes", UserdbRules(), env())
    assert await userdb.lookup(request) is UserdbResult.INTERNAL_FAILURE
    passdb = StaticPassdb("password=%{what}", PassdbRules(), env())
    assert await passdb.lookup(request) is PassdbResult.INTERNAL_FAILURE


@pytest.mark.parametrize(
    ("lone", "prefetched", "expected"),
    [
        (True, True, UserdbResult.OK),
        (False, True, UserdbResult.OK),
        (True, False, UserdbResult.INTERNAL_FAILURE),
        (False, False, UserdbResult.USER_UNKNOWN),
    ],
)
async def test_prefetch(lone: bool, prefetched: bool, expected: UserdbResult) -> None:
    request = AuthRequest(service="imap", user="bob", prefetched=prefetched)
    userdb = PrefetchUserdb("", UserdbRules(), env(lone=lone))
    assert await userdb.lookup(request) is expected
