"""What happens where a peer is missing."""

import sys
from pathlib import Path

import pytest
from tests.peers.need import PEERS, SCRIPT, Peer, need
from tests.peers.process import run

ROOT = Path(__file__).parent.parent.parent

CONFTEST = """
import sys
sys.path.insert(0, {root!r})
from tests.peers.need import PEERS, Peer
from tests.peers.pytest_hooks import *
PEERS["curl"] = Peer(program="no-such-program", package="curl")
"""
TESTS = """
from tests.peers.need import need, require

@need("curl")
def test_marked(): pass

def test_in_the_middle(): require("curl")

def test_of_a_server(server_kind): assert server_kind == "dovecot"
"""


def run_suite(folder: Path, ci: str, *options: str) -> str:
    (folder / "conftest.py").write_text(CONFTEST.format(root=str(ROOT)))
    (folder / "test_it.py").write_text(TESTS)
    words: list[str | Path] = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        *options,
        folder,
    ]
    return run(words, cwd=folder, env={"CI": ci}, check=False).stdout


def test_tests_are_skipped_and_the_summary_says_why(tmp_path: Path) -> None:
    text = run_suite(tmp_path, "", "--servers", "dovecot")
    assert "1 passed, 2 skipped" in text
    assert "peers missing on this machine" in text
    assert f"peer missing: curl ({SCRIPT} installs it): 2 tests" in text


def test_in_ci_they_fail(tmp_path: Path) -> None:
    text = run_suite(tmp_path, "true", "--servers", "dovecot")
    assert "1 passed" in text
    assert "skipped" not in text
    assert "CI is set, so it has to be there" in text


def test_an_unknown_server_is_refused(tmp_path: Path) -> None:
    text = run_suite(tmp_path, "", "--servers", "dovecot,exim")
    assert "allowed are dovecot, culver" in text


def test_presence() -> None:
    assert Peer(program="sh").present()
    assert not Peer(program="no-such-program").present()
    assert Peer(module="pytest").present()
    assert not Peer(module="no_such_module.below").present()


def test_an_unknown_name_is_an_error_where_it_is_written() -> None:
    with pytest.raises(KeyError):
        need("no-such-peer")


def test_the_script_installs_what_the_tests_name() -> None:
    listed = run(["sh", ROOT / SCRIPT, "--list"]).stdout.split()
    assert set(listed) == {peer.package for peer in PEERS.values() if peer.package}
    refused = run(["sh", ROOT / SCRIPT, "--nonsense"], check=False)
    assert refused.returncode == 2
    assert "allowed are --list and --check" in refused.stderr
