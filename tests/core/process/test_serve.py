"""``culver serve`` from the outside: what stops it from starting, and what it survives."""

from __future__ import annotations

import contextlib
import imaplib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.peers.ports import free_ports
from tests.peers.process_tree import descendants

from culver.demo.certificate import make_certificate

SERVE = [sys.executable, "-m", "culver", "serve"]
PATIENCE = 20.0
"""Seconds for what takes a fraction of one on a quiet machine."""

CONFIG = """\
protocols = imap
listen = 127.0.0.1
base_dir = {root}/run
log_path = /dev/stderr
mail_location = maildir:~/Maildir
disable_plaintext_auth = no
first_valid_uid = 0
ssl = no
passdb {{
  driver = static
  args = password=pass
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail/%u allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
}}
{extra}
"""


def write_config(root: Path, port: int, extra: str = "") -> Path:
    path = root / "culver.conf"
    (root / "mail").mkdir(exist_ok=True)
    text = CONFIG.format(root=root, uid=os.getuid(), gid=os.getgid(), port=port, extra=extra)
    path.write_text(text)
    return path


def refused(config: Path, *options: str) -> str:
    """What is said on stderr; the exit code is that of a configuration that can't be used."""
    done = subprocess.run(
        [*SERVE, "-c", str(config), *options], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 89, done.stderr
    return done.stderr


FORMS = pytest.mark.parametrize("options", [(), ("--single",)], ids=["multi", "single"])


@FORMS
def test_a_port_in_use(tmp_path: Path, options: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = refused(write_config(tmp_path, port), *options)
    assert f"imap: can't listen on 127.0.0.1:{port} (imap): Address already in use" in said
    assert "another program listens there" in said


@FORMS
def test_a_certificate_that_is_none(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "cert.pem").write_text("no certificate\n")
    make_certificate(tmp_path / "other.pem", tmp_path / "key.pem")
    extra = f"ssl = yes\nssl_cert = <{tmp_path}/cert.pem\nssl_key = <{tmp_path}/key.pem\n"
    said = refused(write_config(tmp_path, free_ports(1)[0], extra), *options)
    assert "ssl_cert and ssl_key can't be used together" in said


def test_a_certificate_that_is_not_there(tmp_path: Path) -> None:
    extra = f"ssl = yes\nssl_cert = <{tmp_path}/none.pem\nssl_key = <{tmp_path}/none.pem\n"
    config = write_config(tmp_path, free_ports(1)[0], extra)
    said = refused(config)
    line = 1 + config.read_text().splitlines().index(f"ssl_cert = <{tmp_path}/none.pem")
    assert f"{config} line {line}: ssl_cert: Can't open file {tmp_path}/none.pem" in said


def test_all_errors_of_a_configuration_at_once(tmp_path: Path) -> None:
    extra = (
        "imap_max_line_lenght = 1k\nmail_fsync = sometimes\nlogin_trusted_networks = nowhere/8\n"
    )
    said = refused(write_config(tmp_path, 1, extra))
    assert "imap_max_line_lenght" in said
    assert "imap_max_line_length" in said, "the nearest known name"
    assert "mail_fsync: Invalid value: sometimes (allowed: optimized, never, always)" in said
    assert "login_trusted_networks" in said


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ("auth_mechanisms = plain gssapi\n", "mechanism 'gssapi' is unknown; allowed: "),
        ("mail_plugins = quotta\n", "there is no plugin 'quotta'; did you mean quota?"),
        ("passdb {\n  driver = oracle\n}\n", "passdb driver 'oracle' is unknown; allowed: "),
        (
            "metric m {\n  filter = event=imap_comand_finished\n}\n",
            "imap_command_finished",
        ),
        (
            "metric m {\n  filter = event=login_succeeded\n  exporter = nowhere\n}\n",
            "exporter = nowhere: no such event_exporter",
        ),
    ],
)
def test_what_plugins_and_events_refuse(tmp_path: Path, extra: str, said: str) -> None:
    assert said in refused(write_config(tmp_path, free_ports(1)[0], extra))


class Running:
    """A server with its log."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self.log = log
        self.clients: list[imaplib.IMAP4] = []

    def imap(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=PATIENCE)
        self.clients.append(client)
        client.login("alice", "pass")
        return client

    def children(self) -> set[int]:
        """Its processes but the first."""
        return {each.pid for each in descendants(self.process.pid)} - {self.process.pid}

    def until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.02)

    def answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5):
            return True
        return False


@pytest.fixture
def running(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Running]:
    port = free_ports(1)[0]
    log = tmp_path / "log"
    options = getattr(request, "param", ("--workers", "2"))
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*SERVE, "-c", str(write_config(tmp_path, port)), *options], stderr=file
        )
    server = Running(process, port, log)
    try:
        server.until(server.answers)
        yield server
    finally:
        for client in server.clients:
            with contextlib.suppress(OSError):
                client.shutdown()
        process.terminate()
        assert process.wait(PATIENCE) == 0


def test_a_killed_worker_is_replaced_and_the_port_keeps_answering(running: Running) -> None:
    running.imap().logout()
    workers = running.children()
    assert len(workers) == 4, "auth, monitor and two workers"
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
        client = running.imap()
        assert client.select()[0] == "OK"
        client.logout()
    running.until(lambda: len(running.children() - workers) == 4)
    assert running.log.read_text().count("killed with signal SIGKILL") == 4


def test_workers_end_with_their_master(running: Running) -> None:
    workers = running.children()
    running.process.kill()
    running.process.wait(PATIENCE)
    deadline = time.monotonic() + PATIENCE
    while any(Path(f"/proc/{pid}").exists() for pid in workers):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    running.process.returncode = 0  # the fixture's last word is for servers that were asked


BOTH = pytest.mark.parametrize(
    "running", [("--workers", "2"), ("--single",)], ids=["multi", "single"], indirect=True
)


@BOTH
def test_a_reload_keeps_sessions_and_refuses_what_is_wrong(running: Running) -> None:
    client = running.imap()
    client.select()
    config = running.log.parent / "culver.conf"
    good = config.read_text()
    config.write_text(good + "login_greeting = changed\n")
    running.process.send_signal(signal.SIGHUP)

    def greeted() -> bool:
        with socket.create_connection(("127.0.0.1", running.port), 5) as sock:
            return b"changed" in sock.recv(1000)

    running.until(greeted)
    assert client.noop()[0] == "OK"
    config.write_text(good + "nonsense = 1\n")
    running.process.send_signal(signal.SIGHUP)
    running.until(lambda: "Configuration not reloaded" in running.log.read_text())
    assert greeted()
    assert client.logout()[0] == "BYE"


@BOTH
def test_a_stop_says_goodbye(running: Running) -> None:
    client = running.imap()
    client.select()
    running.process.terminate()
    assert running.process.wait(PATIENCE) == 0
    assert b"BYE" in client.readline()


@BOTH
def test_idle_hears_of_a_delivery_by_another_process(running: Running) -> None:
    """The other session may be in another worker: only the file system is between them."""
    idle, other = running.imap(), running.imap()
    idle.select()
    idle.send(b"i IDLE\r\n")
    assert idle.readline().startswith(b"+")
    for number in (1, 2):
        other.append("INBOX", "", "", b"Subject: x\r\n\r\nbody\r\n")
        lines = [idle.readline(), idle.readline()]
        assert lines == [b"* %d EXISTS\r\n" % number, b"* %d RECENT\r\n" % number]
    idle.send(b"DONE\r\n")
