"""Files that change, vanish, or are named by users."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import trio

from culver.auth.driver import DriverEnv, DriverError
from culver.auth.request import AuthRequest
from culver.auth.schemes import SchemeSet
from culver.config.variables import template
from culver_plugins.passwd_file.args import Args, parse_args
from culver_plugins.passwd_file.source import PasswdFileError, PasswdFiles

if TYPE_CHECKING:
    from pathlib import Path

ENV = DriverEnv(schemes=SchemeSet([]), template=template)


async def names(files: PasswdFiles, user: str = "bob@example.org") -> list[str] | None:
    await trio.sleep(1)  # jumps: a file is believed for a moment
    users = await files.users(AuthRequest(service="imap", user=user))
    return None if users is None else list(users)


async def test_changes_are_seen(tmp_path: Path, autojump_clock: Any) -> None:
    path = tmp_path / "users"
    files = PasswdFiles(str(path), ENV)
    with pytest.raises(PasswdFileError, match=str(path)):
        await names(files)
    path.write_text("a:x\n")
    assert await names(files) == ["a"]
    path.write_text("a:x\nb:y\n")
    assert await names(files) == ["a", "b"]
    other = tmp_path / "new"
    other.write_text("a:x\nc:y\n")
    os.replace(other, path)  # same size, perhaps the same time
    assert await names(files) == ["a", "c"]
    path.unlink()
    with pytest.raises(PasswdFileError, match="No such file"):
        await names(files)


async def test_large_files_are_read_too(tmp_path: Path, autojump_clock: Any) -> None:
    path = tmp_path / "users"
    path.write_text("".join(f"user{i}:{{PLAIN}}x\n" for i in range(20000)))
    assert len(await names(PasswdFiles(str(path), ENV)) or ()) == 20000


async def test_paths_with_variables(tmp_path: Path, autojump_clock: Any) -> None:
    (tmp_path / "example.org").write_text("bob:x\n")
    files = PasswdFiles(f"{tmp_path}/%d", ENV)
    assert await names(files) == ["bob"]
    assert await names(files, "bob@example.org/../x") == ["bob"]
    for user in ("bob@nowhere", "bob@..", "bob@."):
        assert await names(files, user) is None
    assert files.variable


async def test_doubled_percents_are_no_variables(tmp_path: Path, autojump_clock: Any) -> None:
    (tmp_path / "100%").write_text("bob:x\n")
    assert await names(PasswdFiles(f"{tmp_path}/100%%", ENV)) == ["bob"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/etc/users", Args("/etc/users", "CRYPT", "%u")),
        ("scheme=plain /etc/users", Args("/etc/users", "plain", "%u")),
        ("scheme=plain username_format=%n /a b", Args("/a b", "plain", "%n")),
    ],
)
def test_args(text: str, expected: Args) -> None:
    assert parse_args(text, "passdb", ("scheme", "username_format")) == expected


@pytest.mark.parametrize("text", ["", "scheme=plain", "what=x /etc/users", "users"])
def test_bad_args(text: str) -> None:
    with pytest.raises(DriverError, match="passdb passwd-file: args"):
        parse_args(text, "passdb", ("scheme", "username_format"))
