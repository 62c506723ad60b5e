"""A mail server under test, whoever wrote it."""

import imaplib
import re
import signal
import smtplib
import ssl
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.peers.config import PASSWORD, ServerConfig
from tests.peers.ports import HOST
from tests.peers.process import Process

CLIENT_SECONDS = 30
"""How long a client waits for an answer before it gives up."""

_EXPECTED = re.compile(
    r"master: Warning: Killed with signal 15 \(by pid=\d+ uid=\d+ code=kill\)"
    r"|master: Warning: .*: is not used yet and has no effect"
    r"|Error: conn unix:stats-writer .*: Timeout waiting for handshake response"
)
"""What Dovecot's master says of the SIGTERM that `Server.stop` sends, and culver of the settings of
Dovecot's that it does not need yet; and what Dovecot's processes say of its own statistics when
the machine is busy."""


class Server(ABC):
    """Started and ended as a context manager; may be started again on the same store."""

    kind: str
    """Its id in the tests' names."""

    def __init__(self, config: ServerConfig) -> None:
        self.config = config
        self.ports = config.ports
        self.site = config.site
        self._process: Process | None = None

    @abstractmethod
    def argv(self, config_file: Path) -> Sequence[str]:
        """The command that serves in the foreground with this configuration."""

    @property
    def process(self) -> Process:
        """The running server; RuntimeError where it is not started."""
        if self._process is None:
            raise RuntimeError(f"{self.kind} is not started")
        return self._process

    @property
    def config_file(self) -> Path:
        """Where the configuration lies once the server has been started."""
        return self.config.folder / "dovecot.conf"

    def start(self) -> Self:
        """Write the configuration, start, return when all ports answer; PeerFailed otherwise."""
        folder = self.config.folder
        folder.mkdir(parents=True, exist_ok=True)
        self.config_file.write_text(self.config.text())
        process = Process(self.argv(self.config_file), folder / "output")
        try:
            process.wait_for(self.ports.of(self.config.protocols))
        except BaseException:
            process.kill()
            raise
        self._process = process
        return self

    def stop(self) -> None:
        """End it and its children; nothing where it is not started."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def kill(self) -> None:
        """End it and its children as a crash would."""
        self.process.kill()
        self._process = None

    def reload(self, extra: str) -> None:
        """Write the configuration anew, with other settings at its end, and send SIGHUP.

        Returns at once: what has changed shows in new connections sooner or later.
        """
        self.config_file.write_text(replace(self.config, extra=extra).text())
        self.process.signal(signal.SIGHUP)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def log(self) -> str:
        """Everything it has logged or printed since the first start."""
        files = (self.config.folder / "output", self.config.log)
        return "".join(file.read_text(errors="replace") for file in files if file.exists())

    def complaints(self) -> list[str]:
        """The log's lines of the levels warning and above: a sound store gives rise to none."""
        levels = ("Warning: ", "Error: ", "Fatal: ", "Panic: ", "Traceback ")
        return [
            line
            for line in self.log().splitlines()
            if any(level in line for level in levels) and not _EXPECTED.search(line)
        ]

    def tls(self) -> ssl.SSLContext:
        """A client's context that trusts this server's certificate only."""
        return ssl.create_default_context(cafile=self.site.certificate.authority)

    def imap(self, user: str) -> imaplib.IMAP4:
        """A session of Python's own client, logged in."""
        client = self.connect()
        try:
            client.login(user, PASSWORD)
        except BaseException:
            client.shutdown()
            raise
        return client

    def connect(self, *, tls: bool = False) -> imaplib.IMAP4:
        """A session before its login, on the port of IMAP or of IMAP over TLS."""
        if tls:
            return imaplib.IMAP4_SSL(
                HOST, self.ports.imaps, ssl_context=self.tls(), timeout=CLIENT_SECONDS
            )
        return imaplib.IMAP4(HOST, self.ports.imap, timeout=CLIENT_SECONDS)

    def deliver(self, user: str, mail: bytes, sender: str = "sender@example.com") -> None:
        """Deliver over LMTP; SMTPResponseException or SMTPRecipientsRefused where refused."""
        with smtplib.LMTP(HOST, self.ports.lmtp) as client:
            client.sendmail(sender, [user], mail)

    def home(self, user: str) -> Path:
        """Where the user's mail lies."""
        return self.site.mail / user
