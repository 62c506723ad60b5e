"""The chain of passdbs, as a table of blocks and outcomes."""

from __future__ import annotations

from typing import Any

import pytest

from culver.auth.request import AuthRequest
from culver.auth.result import PassdbResult

R = PassdbResult
GOOD = {"driver": "static", "args": "password=good"}
BAD = {"driver": "static", "args": "password=other"}
BROKEN = {"driver": "passwd-file", "args": "/nowhere/at/all"}
LAST = {"driver": "static", "args": "password=never"}


def rule(block: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**block, **more}


CHAINS: list[tuple[str, list[dict[str, Any]], PassdbResult]] = [
    ("one right", [GOOD], R.OK),
    ("one wrong", [BAD], R.PASSWORD_MISMATCH),
    ("second right", [BAD, GOOD], R.OK),
    ("first right ends it", [GOOD, LAST], R.OK),
    ("broken then right", [BROKEN, GOOD], R.OK),
    ("broken then wrong: it might have known", [BROKEN, BAD], R.INTERNAL_FAILURE),
    ("broken alone", [BROKEN], R.INTERNAL_FAILURE),
    ("broken, return-fail", [rule(BROKEN, result_internalfail="return-fail"), GOOD],
     R.INTERNAL_FAILURE),
    ("success return-fail", [rule(GOOD, result_success="return-fail")], R.PASSWORD_MISMATCH),
    ("success return without anybody's ok", [rule(GOOD, result_success="return")],
     R.PASSWORD_MISMATCH),
    ("continue: later ones need not check", [rule(GOOD, result_success="continue"), BAD], R.OK),
    ("pass is continue", [rule(GOOD, pass_=True), BAD], R.OK),
    ("continue-ok and then a broken one", [rule(GOOD, result_success="continue-ok"), BROKEN],
     R.OK),
    ("continue-fail and then right", [rule(GOOD, result_success="continue-fail"), GOOD], R.OK),
    ("continue-fail and then wrong", [rule(GOOD, result_success="continue-fail"), BAD],
     R.PASSWORD_MISMATCH),
    ("failure return-ok lets in", [rule(BAD, result_failure="return-ok")], R.OK),
    ("failure return", [rule(BAD, result_failure="return"), GOOD], R.PASSWORD_MISMATCH),
    ("failure continue-ok", [rule(BAD, result_failure="continue-ok"), BAD], R.OK),
    ("deny", [rule(GOOD, deny=True), GOOD], R.USER_DISABLED),
    ("broken deny", [rule(BROKEN, deny=True), GOOD], R.INTERNAL_FAILURE),
    ("skip when authenticated",
     [rule(GOOD, result_success="continue-ok"), rule(BROKEN, skip="authenticated")], R.OK),
    ("skip when unauthenticated", [rule(LAST, skip="unauthenticated"), GOOD], R.OK),
    ("all skipped", [rule(GOOD, skip="unauthenticated")], R.INTERNAL_FAILURE),
    ("mechanism listed", [rule(GOOD, mechanisms=["plain"])], R.OK),
    ("mechanism not listed", [rule(GOOD, mechanisms=["login"]), BAD], R.PASSWORD_MISMATCH),
    ("filter in", [rule(GOOD, username_filter=["*@example.org"])], R.OK),
    ("filter out", [rule(GOOD, username_filter=["*", "!bob@*"]), BAD], R.PASSWORD_MISMATCH),
    ("noauthenticate last",
     [{"driver": "static", "args": "noauthenticate=y"}], R.INTERNAL_FAILURE),
    ("noauthenticate first", [{"driver": "static", "args": "noauthenticate=y"}, GOOD], R.OK),
    ("nopassword", [{"driver": "static", "args": "nopassword=y"}], R.OK),
    ("fail", [{"driver": "static", "args": "password=good fail=y"}], R.USER_UNKNOWN),
    ("fail, next decides", [{"driver": "static", "args": "password=good fail=y"}, GOOD], R.OK),
    ("no password, no nopassword", [{"driver": "static", "args": "a=b"}], R.PASSWORD_MISMATCH),
    ("unknown scheme", [{"driver": "static", "args": "password={FOO}x"}], R.INTERNAL_FAILURE),
    ("bad default_fields", [rule(GOOD, default_fields="a=%{what}")], R.INTERNAL_FAILURE),
    ("bad override_fields", [rule(GOOD, override_fields="a=%{what}")], R.INTERNAL_FAILURE),
]  # fmt: skip


@pytest.mark.parametrize(("chain", "expected"), [c[1:] for c in CHAINS], ids=[c[0] for c in CHAINS])
async def test_chain(build: Any, chain: list[dict[str, Any]], expected: PassdbResult) -> None:
    request = AuthRequest(service="imap", user="bob@example.org", mechanism="PLAIN")
    assert await build(chain).passdbs.verify(request, "good") is expected


async def test_a_failed_lookup_leaves_no_fields(build: Any) -> None:
    service = build(
        [
            {"driver": "static", "args": "password=x a=1 userdb_b=2"},
            {"driver": "static", "args": "password=good c=%{passdb:a:none}"},
        ]
    )
    request = AuthRequest(service="imap", user="bob", mechanism="PLAIN")
    assert await service.passdbs.verify(request, "good") is R.OK
    assert request.passdb.visible() == {"c": "none"}
    assert "b" not in request.userdb
    assert not request.prefetched


async def test_default_and_override_fields(build: Any) -> None:
    service = build(
        [
            {
                "driver": "static",
                "args": "password=good a=driver p:protected=driver",
                "default_fields": "a=default user=%n p=default",
                "override_fields": "b=%u nodelay:remove=",
            }
        ]
    )
    request = AuthRequest(service="imap", user="bob@example.org", mechanism="PLAIN")
    assert await service.passdbs.verify(request, "good") is R.OK
    assert request.user == "bob"
    assert request.passdb.visible() == {"a": "driver", "p": "default", "b": "bob"}


@pytest.mark.parametrize("bad", ["a\tb", "a\nb", "a\rb", "a\1b"])
async def test_passwords_that_would_break_protocols_ask_nobody(
    build: Any, notes: Any, bad: str
) -> None:
    request = AuthRequest(service="imap", user="bob", mechanism="PLAIN")
    assert await build([GOOD]).passdbs.verify(request, bad) is R.USER_UNKNOWN
    assert notes.lookups == []


@pytest.mark.parametrize(
    "blocks",
    [
        [rule(GOOD, pass_=True)],
        [rule(GOOD, master=True, deny=True), GOOD],
        [rule(GOOD, master=True, pass_=True)],
    ],
)
def test_chains_that_can_not_work_are_refused(build: Any, blocks: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match="passdb"):
        build(blocks)


async def test_master_needs_its_own_passdb_and_the_target(build: Any, users: Any) -> None:
    master = {"driver": "static", "args": "password=good", "master": True}
    known = {"driver": "passwd-file", "args": users("bob:{PLAIN}other:1:1::/home/bob\n")}
    for target, blocks, expected in [
        ("bob", [master, known], R.OK),
        ("bob", [rule(master, pass_=True), known], R.OK),
        ("eve", [rule(master, pass_=True), known], R.USER_UNKNOWN),
        ("bob", [known], R.USER_UNKNOWN),
    ]:
        request = AuthRequest(service="imap", user="boss", login_user=target, mechanism="PLAIN")
        assert await build(blocks).passdbs.verify(request, "good") is expected
        if expected is R.OK:
            assert (request.user, request.master_user) == ("bob", "boss")


async def test_credentials_are_converted_from_plain_only(build: Any) -> None:
    rows: list[tuple[str, tuple[str, ...], PassdbResult]] = [
        ("password=good", ("PLAIN",), R.OK),
        ("password=good", ("CLEARTEXT",), R.OK),
        ("password=good", ("PLAIN-TRUNC",), R.OK),
        ("password={PLAIN-TRUNC}4-good", ("PLAIN",), R.SCHEME_NOT_AVAILABLE),
        ("nopassword=y", ("PLAIN",), R.SCHEME_NOT_AVAILABLE),
        ("nopassword=y", (), R.OK),
        ("password=good", ("NOSUCH",), R.SCHEME_NOT_AVAILABLE),
    ]
    for args, schemes, expected in rows:
        service = build([{"driver": "static", "args": args}])
        request = AuthRequest(service="imap", user="bob")
        answer = await service.passdbs.credentials(request, schemes)
        assert answer.result is expected, args
        if answer.result is R.OK and schemes:
            assert answer.raw == b"good"
