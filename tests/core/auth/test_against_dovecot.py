"""The real Dovecot, with the same users and the same blocks, decides the same."""

from __future__ import annotations

import getpass
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from culver.auth.client import Failure, Success, UserRecord
from culver.auth.local import LocalAuth
from culver.auth.username import UsernameSettings
from culver.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOVECOT, DOVEADM = shutil.which("dovecot"), shutil.which("doveadm")
pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        not (DOVECOT and DOVEADM), reason="dovecot (Debian: dovecot-core) is not installed"
    ),
]

USERS = """\
# comment
plain:{PLAIN}secret:1001:1002::/home/plain:
crypt:$1$3azHgidD$AL5P1n/E5AdIhCWu87wcI0:1001:1002::/home/crypt:
hash:{SHA256.HEX}2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824:1001:1002::/h:
nets:{PLAIN}secret:1001:1002::/home/nets::allow_nets=10.0.0.0/8,192.0.2.7
othernets:{PLAIN}secret:1001:1002::/home/o::allow_nets=10.0.0.0/8
localnets:{PLAIN}secret:1001:1002::/home/o::allow_nets=local
closed:{PLAIN}secret:1001:1002::/home/closed::nologin reason=Closed
renamed:{PLAIN}secret:1001:1002::/home/r::user=plain extra=1
moved:{PLAIN}secret:1001:1002::/home/m::domain=example.org
open::1001:1002::/home/open::nopassword
failing:{PLAIN}secret:1001:1002::/home/f::fail
denied:{PLAIN}secret:1001:1002::/home/denied:
fields:{PLAIN}secret:1001:1002::/f::userdb_mail=maildir:~/%d userdb_quota_rule=*:bytes=1M a=b
bob@example.org:{PLAIN}secret:1001:1002::/home/bob:
passonly:{PLAIN}secret
noids:{PLAIN}secret:::::
rootid:{PLAIN}secret:0:0::/root:
marked:5d41402abc4b2a76b9719d911017c592[34]:1001:1002::/home/marked:
UPPER:{PLAIN}secret:1001:1002::/home/UPPER:
"""
LOGINS = [
    ("plain", "secret"),
    ("PLAIN", "secret"),
    ("plain", "wrong"),
    ("plain", ""),
    ("crypt", "hello"),
    ("hash", "hello"),
    ("nets", "secret"),
    ("othernets", "secret"),
    ("localnets", "secret"),
    ("closed", "secret"),
    ("renamed", "secret"),
    ("moved", "secret"),
    ("open", "anything"),
    ("failing", "secret"),
    ("denied", "secret"),
    ("fields", "secret"),
    ("bob@example.org", "secret"),
    ("bob", "secret"),
    ("passonly", "secret"),
    ("marked", "hello"),
    ("upper", "secret"),
    ("UPPER", "secret"),
    ("nobody", "secret"),
    ("bad name", "secret"),
    ("plain*master", "boss"),
    ("nobody*master", "boss"),
    ("plain*master", "wrong"),
    ("#", "x"),
]
LOOKUPS = sorted({user for user, _ in LOGINS if "*" not in user} | {"noids", "rootid"})

# The blocks as Dovecot reads them, and the same as ours.
Blocks = tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, str]]


def variants(users: str, deny: str) -> dict[str, Blocks]:
    file = {"driver": "passwd-file", "args": users}
    denied = {"driver": "passwd-file", "args": deny, "deny": True}
    master = {
        "driver": "static",
        "args": "password=boss",
        "master": True,
        "result_success": "continue",
        "username_filter": ["master"],
    }
    static = {"driver": "static", "args": "uid=1001 gid=1002 home=/srv/%d/%n"}
    static_all = {**static, "args": "uid=1001 gid=1002 home=/srv/%Lu allow_all_users=yes"}
    return {
        "plain": ([file], [file], {}),
        "deny and master": ([denied, master, file], [file], {"master_user_separator": "*"}),
        "username_format": ([{**file, "args": f"username_format=%n {users}"}], [static], {}),
        "default realm": ([file], [static], {"default_realm": "example.org"}),
        "no lower case": ([file], [static_all], {"username_format": "%u"}),
        "prefetch": ([file], [{"driver": "prefetch"}, file], {}),
        "fields": (
            [{**file, "default_fields": "a=1 b=%u", "override_fields": "a=over userdb_home=/o/%n"}],
            [{"driver": "prefetch"},
             {**file, "default_fields": "home=/d", "override_fields": "x=%d"}],
            {},
        ),
        "continue-ok": (
            [{**file, "result_success": "continue-ok"},
             {"driver": "static", "args": "password=other c=1", "skip": "unauthenticated"}],
            [{**file, "result_success": "continue-ok"}, {**static, "skip": "notfound"}],
            {},
        ),
        "return-fail": ([{**file, "result_failure": "return-fail"}, file], [file], {}),
    }  # fmt: skip


NAMES = list(variants("", ""))


def dovecot_conf(base: Path, blocks: Blocks) -> str:
    def section(kind: str, block: dict[str, Any]) -> str:
        words = {True: "yes", False: "no"}
        lines = [
            f"  {k} = {' '.join(v) if isinstance(v, list) else words.get(v, v)}"
            for k, v in block.items()
        ]
        return f"{kind} {{\n" + "\n".join(lines) + "\n}\n"

    me = getpass.getuser()
    settings = "".join(f"auth_{name} = {value}\n" for name, value in blocks[2].items())
    return (
        f"base_dir = {base}/run\nstate_dir = {base}/state\nlog_path = {base}/log\nssl = no\n"
        f"protocols =\nlisten = 127.0.0.1\nauth_failure_delay = 0\n{settings}"
        f"default_internal_user = {me}\ndefault_login_user = {me}\ndefault_internal_group = root\n"
        "service anvil {\n chroot =\n unix_listener anvil-auth-penalty {\n  mode = 0\n }\n}\n"
        "service stats {\n chroot =\n}\n"
        + "".join(section("passdb", block) for block in blocks[0])
        + "".join(section("userdb", block) for block in blocks[1])
    )


class RealDovecot:
    """A running Dovecot with one configuration, asked through doveadm."""

    def __init__(self, base: Path, blocks: Blocks) -> None:
        self.conf = base / "dovecot.conf"
        self.conf.write_text(dovecot_conf(base, blocks))
        self._process = subprocess.Popen([str(DOVECOT), "-F", "-c", str(self.conf)])
        deadline = time.monotonic() + 20
        while not (base / "run" / "auth-userdb").exists():
            assert time.monotonic() < deadline, (base / "log").read_text()
            assert self._process.poll() is None, (base / "log").read_text()
            time.sleep(0.02)  # another program starts: nothing of ours to wait on

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(20)

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(DOVEADM), "-c", str(self.conf), *words], capture_output=True, text=True
        )

    def login(self, user: str, password: str) -> tuple[bool, dict[str, str]]:
        done = self._run(
            "auth", "test", "-x", "service=imap", "-x", "rip=192.0.2.7", "-x", "lip=192.0.2.1",
            user, password,
        )  # fmt: skip
        fields = [line.strip() for line in done.stdout.split("extra fields:")[-1].splitlines()]
        pairs = (field.partition("=") for field in fields if field)
        return done.returncode == 0, {name: value for name, _, value in pairs}

    def user(self, user: str) -> tuple[str, dict[str, str]]:
        done = self._run("user", "-x", "service=imap", "-x", "rip=192.0.2.7", user)
        if done.returncode == 67:
            return "unknown", {}
        if done.returncode != 0:
            return "failed", {}
        rows = [line.split("\t") for line in done.stdout.splitlines()[1:] if "\t" in line]
        return "found", {row[0]: row[1] for row in rows}


def comparable(result: str, fields: dict[str, str]) -> tuple[str, dict[str, str]]:
    """doveadm prints ids, home and mail even when the userdb has none."""
    return result, {name: value for name, value in fields.items() if value and name != "mail"}


@pytest.fixture(scope="module", params=NAMES)
def pair(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Any]:
    base: Path = tmp_path_factory.mktemp("auth")
    (base / "users").write_text(USERS)
    (base / "deny").write_text("denied\n")
    blocks = variants(f"{base}/users", f"{base}/deny")[request.param]
    real = RealDovecot(base, blocks)
    yield real, blocks
    real.close()


@pytest.fixture
def ours(pair: Any, build: Any) -> LocalAuth:
    passdbs, userdbs, settings = pair[1]
    return LocalAuth(
        build(passdbs, userdbs, usernames=UsernameSettings(**settings), failure_delay=0.0)
    )


async def test_logins(pair: Any, ours: LocalAuth, connection: Any) -> None:
    differences = []
    # doveadm waits for Dovecot's failed logins: ask about many users at once.
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda login: pair[0].login(*login), LOGINS))
    for (user, password), (ok, fields) in zip(LOGINS, answers, strict=True):
        outcome = await ours.begin("imap", "PLAIN", connection).step(
            f"\0{user}\0{password}".encode()
        )
        if isinstance(outcome, Failure):
            mine: tuple[bool, dict[str, str]] = (False, {})
            fields = {}
        else:
            assert isinstance(outcome, Success)
            mine = (True, {"user": outcome.user, **outcome.fields})
        if (ok, fields) != mine:
            differences.append((user, password, (ok, fields), mine))
    assert not differences, "\n".join(map(str, differences))


async def test_users(pair: Any, ours: LocalAuth, connection: Any, notes: Any) -> None:
    differences = []
    for user in LOOKUPS:
        theirs = pair[0].user(user)
        try:
            found: UserRecord | None = await ours.lookup("imap", user, connection)
        except Unavailable:
            mine: tuple[str, dict[str, str]] = ("failed", {})
        else:
            mine = ("found", dict(found.fields)) if found else ("unknown", {})
            if found and found.name != user:
                mine[1]["user"] = found.name  # as doveadm shows it
        theirs, mine = (comparable(*answer) for answer in (theirs, mine))
        if theirs != mine:
            differences.append((user, theirs, mine))
    assert not differences, "\n".join(map(str, differences))
