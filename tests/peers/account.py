"""A user of a server under test."""

import contextlib
import imaplib
from dataclasses import dataclass, field

from tests.peers.config import PASSWORD
from tests.peers.imap_reply import flags_by_uid, ok
from tests.peers.server import Server
from tests.peers.snapshot import StoreState, take_snapshot


@dataclass(frozen=True, slots=True)
class Account:
    """A user with the server it lives on."""

    server: Server
    user: str
    _clients: list[imaplib.IMAP4] = field(default_factory=list[imaplib.IMAP4])

    @property
    def password(self) -> str:
        """The user's password."""
        return PASSWORD

    def imap(self) -> imaplib.IMAP4:
        """A new session, logged in; `close` ends it where the test does not."""
        client = self.connect()
        ok(client.login(self.user, self.password))
        return client

    def connect(self, *, tls: bool = False) -> imaplib.IMAP4:
        """A new session before its login."""
        client = self.server.connect(tls=tls)
        self._clients.append(client)
        return client

    def close(self) -> None:
        """End all sessions that are still open, without a word to the server."""
        for client in self._clients:
            # A session that has been logged out has no socket to shut down any more.
            with contextlib.suppress(OSError):
                client.shutdown()

    def selected(self, mailbox: str = "INBOX") -> imaplib.IMAP4:
        """A new session with a mailbox selected."""
        client = self.imap()
        ok(client.select(mailbox))
        return client

    def deliver(self, *mails: bytes) -> None:
        """Deliver over LMTP, one after the other."""
        for mail in mails:
            self.server.deliver(self.user, mail)

    def append(self, *mails: bytes, mailbox: str = "INBOX", flags: str = "") -> None:
        """Save over IMAP, exactly these bytes."""
        client = self.imap()
        for mail in mails:
            ok(client.append(mailbox, flags, "", mail))
        client.logout()

    def flags(self, mailbox: str = "INBOX") -> dict[int, frozenset[str]]:
        r"""Flags and keywords by UID, without \Recent."""
        client = self.selected(mailbox)
        try:
            return flags_by_uid(client)
        finally:
            client.logout()

    def snapshot(self) -> StoreState:
        """All of the user's mail."""
        return take_snapshot(self.server, self.user)
