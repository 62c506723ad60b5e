"""Starting programs, and ending them with all they started."""

import os
import sys
from pathlib import Path

import pytest
from tests.peers.ports import free_ports
from tests.peers.process import PeerFailed, Process, answers, run
from tests.peers.process_tree import cpu_seconds, descendants, memory_kib, stat

LISTEN = """
import signal, socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
"""
WITH_CHILDREN = """
import os, signal, socket, sys
if os.fork() == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.fork()
else:
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
signal.pause()
"""


def start(program: str, tmp_path: Path) -> tuple[Process, int]:
    (port,) = free_ports(1)
    return Process([sys.executable, "-c", program, str(port)], tmp_path / "output"), port


def test_it_is_waited_for_until_it_listens(tmp_path: Path) -> None:
    process, port = start(LISTEN + "signal.pause()", tmp_path)
    with process:
        process.wait_for([port])
        assert answers(port)
        assert process.running()
    assert not answers(port)
    assert not process.running()


def test_one_that_ends_early_is_reported_with_its_output(tmp_path: Path) -> None:
    process, port = start("print('no such setting'); raise SystemExit(89)", tmp_path)
    with pytest.raises(PeerFailed, match=r"ended with 89 before it listened(.|\n)*no such setting"):
        process.wait_for([port])


def test_one_that_never_listens_is_reported(tmp_path: Path) -> None:
    process, port = start("import signal; signal.pause()", tmp_path)
    with process, pytest.raises(PeerFailed, match=rf"does not answer on \[{port}\]"):
        process.wait_for([port], seconds=0.1)


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_children_end_with_it(tmp_path: Path, how: str) -> None:
    process, port = start(WITH_CHILDREN, tmp_path)
    process.wait_for([port])
    tree = descendants(process.pid)
    assert len(tree) >= 2
    getattr(process, how)()
    assert [entry for entry in tree if _alive(entry.pid)] == []


def _alive(pid: int) -> bool:
    """Whether it runs: an orphan that nobody has awaited yet has a state, but no memory."""
    return stat(pid) is not None and memory_kib(pid) > 0


def test_one_that_ignores_sigterm_is_killed_and_reported(tmp_path: Path) -> None:
    program = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + LISTEN
    process, port = start(program + "signal.pause()", tmp_path)
    process.wait_for([port])
    with pytest.raises(PeerFailed, match="did not end within"):
        process.stop(seconds=0.1)
    assert not process.running()


def test_run_gives_output_and_status() -> None:
    words = [sys.executable, "-c", "import sys; print(sys.stdin.read()); sys.exit(3)"]
    done = run(words, stdin=b"hello", check=False)
    assert (done.returncode, done.stdout.strip()) == (3, "hello")
    with pytest.raises(PeerFailed, match=r"ended with 3:\nhello"):
        run(words, stdin=b"hello")
    with pytest.raises(PeerFailed, match=r"ran for 0\.1 s"):
        run([sys.executable, "-c", "import signal; signal.pause()"], seconds=0.1)


def test_the_tree_knows_this_process() -> None:
    mine = stat(os.getpid())
    assert mine
    assert mine.parent == os.getppid()
    assert descendants(os.getpid())[0].pid == mine.pid
    assert memory_kib(os.getpid()) > 1000
    assert cpu_seconds(os.getpid()) > 0
    assert descendants(2**22 + 1) == []
