"""The real ``doveadm pw`` takes what we make, and we take what it makes."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from culver.auth.scheme import DeadScheme
from culver.auth.schemes import split_scheme
from culver_plugins.schemes.plugin import all_schemes

if TYPE_CHECKING:
    from pathlib import Path

    from culver.auth.schemes import SchemeSet

DOVEADM = shutil.which("doveadm")
pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(DOVEADM is None, reason="doveadm (Debian: dovecot-core) is not installed"),
]
NAMES = [
    name
    for scheme in all_schemes()
    if not isinstance(scheme, DeadScheme)
    for name in scheme.names
    if name != "PLAIN-TRUNC"
]
PASSWORD = "tr0ub4dor & täglich {3}"
USER = "bob@example.org"


@pytest.fixture
def pw(tmp_path: Path) -> list[str]:
    config = tmp_path / "dovecot.conf"
    config.write_text(f"base_dir = {tmp_path}\nssl = no\n")
    return [str(DOVEADM), "-c", str(config), "pw"]


@pytest.mark.parametrize("name", [*NAMES, "SHA256.HEX", "SSHA.HEX", "CRAM-MD5.B64", "PLAIN.B64"])
def test_both_ways(schemes: SchemeSet, pw: list[str], name: str) -> None:
    theirs = subprocess.run(
        [*pw, "-s", name, "-p", PASSWORD, "-u", USER], capture_output=True, text=True, check=True
    ).stdout.rstrip("\n")
    scheme, value = split_scheme(theirs)
    assert schemes.verify_sync(PASSWORD, scheme, value, USER)
    assert not schemes.verify_sync("x" + PASSWORD, scheme, value, USER)

    ours = schemes.generate(PASSWORD, name, USER)
    checked = subprocess.run(
        [*pw, "-t", f"{{{name}}}{ours}", "-p", PASSWORD, "-u", USER],
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stderr
    assert "verified" in checked.stdout


@pytest.mark.parametrize("name", ["BLF-CRYPT", "SHA256-CRYPT", "SHA512-CRYPT", "PBKDF2"])
def test_rounds(schemes: SchemeSet, pw: list[str], name: str) -> None:
    rounds = 4 if name == "BLF-CRYPT" else 1234
    theirs = subprocess.run(
        [*pw, "-s", name, "-p", "x", "-r", str(rounds)], capture_output=True, text=True, check=True
    ).stdout.rstrip("\n")
    assert schemes.verify_sync("x", name, split_scheme(theirs)[1], "")
    ours = schemes.generate("x", name, rounds=rounds)
    shape = [len(part) for part in split_scheme(theirs)[1].split("$")]
    assert [len(part) for part in ours.split("$")] == shape
