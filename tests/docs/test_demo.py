"""The commands that the demo prints work when they are pasted into a shell."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.peers.need import need

pytestmark = [pytest.mark.interop, pytest.mark.slow, need("curl", "mbsync", "swaks")]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A demo whose samples are delivered: its directory, and what it has printed until then."""
    folder = tmp_path_factory.mktemp("demo") / "culver-demo"
    command = [sys.executable, "-m", "culver", "demo", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if line.endswith("sample mails are delivered.\n"):
                break
        # Whatever is printed from now on has to go somewhere: a full pipe would stop the demo.
        drain = subprocess.Popen(["cat"], stdin=process.stdout, stdout=subprocess.DEVNULL)
        try:
            yield folder, "".join(lines)
        finally:
            process.terminate()
            process.wait(30)
            drain.wait(30)


def pasted(text: str, word: str) -> str:
    """The commands of the greeting's paragraph that has the word in it."""
    found = re.search(rf"^  # [^\n]*{word}.*?(?=\n\n)", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[0]


def shell(text: str) -> str:
    done = subprocess.run(["sh", "-ec", text], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_the_demo_prints_how_many_samples_there_are(demo: tuple[Path, str]) -> None:
    assert "12 sample mails are delivered." in demo[1]


def test_curl_shows_mailboxes_and_a_mail(demo: tuple[Path, str]) -> None:
    printed = shell(pasted(demo[1], "mailboxes"))

    assert '"/" INBOX' in printed
    assert "Subject: Welcome to culver" in printed


def test_mbsync_copies_all_mail_and_then_nothing(demo: tuple[Path, str]) -> None:
    commands = pasted(demo[1], "a copy of all mail")
    shell(commands)
    folder = demo[0] / "copy" / "INBOX"
    copied = sorted(path.name for part in ("new", "cur") for path in (folder / part).iterdir())
    shell(commands)

    assert len(copied) == 12
    assert copied == sorted(p.name for part in ("new", "cur") for p in (folder / part).iterdir())


def test_swaks_delivers(demo: tuple[Path, str]) -> None:
    assert "Saved" in shell(pasted(demo[1], "through LMTP"))
