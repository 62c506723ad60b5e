"""Connections of the load generator: they parse no more than where an answer ends."""

import socket
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from tests.peers.ports import HOST

_CHUNK = 1 << 18
_SECONDS = 120


class BadAnswer(Exception):
    """The server did not do what was asked: a figure of it would mean nothing."""


class Link:
    """A TCP connection to the loopback address with a buffer."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""

    def line(self) -> bytes:
        """The next line, with its end; BadAnswer where the connection ends instead."""
        while b"\n" not in self._buffer:
            self._buffer += self.receive()
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line + b"\n"

    def receive(self) -> bytes:
        """Whatever has come, at least a byte; BadAnswer where the connection ends instead."""
        chunk = self.socket.recv(_CHUNK)
        if not chunk:
            raise BadAnswer(f"the server hung up after {self._buffer!r}")
        return chunk

    def take_buffer(self) -> bytes:
        """What has been received and not been looked at."""
        taken, self._buffer = self._buffer, b""
        return taken

    def close(self) -> None:
        """End the connection without a word."""
        self.socket.close()

    @contextmanager
    def _closed_on_error(self) -> Generator[None]:
        try:
            yield
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class ImapLink(Link):
    """IMAP: a command at a time, its whole answer counted and, where asked for, kept."""

    def __init__(self, port: int, user: str, password: str) -> None:
        super().__init__(port)
        self._count = 0
        with self._closed_on_error():
            self.line()
            self.command(f"LOGIN {user} {password}")

    def command(self, command: str) -> int:
        """Bytes of the answer to a command without literals; BadAnswer where that is not OK."""
        return sum(map(len, self.answer(command)))

    def answer(self, command: str) -> Sequence[bytes]:
        """The same answer in the pieces in which it came."""
        tag = self._tag()
        self.socket.sendall(tag + command.encode() + b"\r\n")
        return self._until(tag, command)

    def append(self, mailbox: str, mail: bytes) -> None:
        """APPEND with a non-synchronising literal (RFC 7888): one round trip."""
        tag = self._tag()
        head = f"APPEND {mailbox} {{{len(mail)}+}}\r\n".encode()
        self.socket.sendall(tag + head + mail + b"\r\n")
        self._until(tag, "APPEND")

    def idle(self) -> None:
        """Begin IDLE (RFC 2177)."""
        self.socket.sendall(self._tag() + b"IDLE\r\n")
        while not self.line().startswith(b"+"):
            pass

    def done(self) -> None:
        """End IDLE."""
        self.socket.sendall(b"DONE\r\n")
        self._until(self._current(), "IDLE")

    def logout(self) -> None:
        """LOGOUT, and wait until the server has closed the connection."""
        self.command("LOGOUT")
        while self.socket.recv(_CHUNK):
            pass
        self.close()

    def _tag(self) -> bytes:
        self._count += 1
        return self._current()

    def _current(self) -> bytes:
        return b"bench%d " % self._count

    def _until(self, tag: bytes, command: str) -> Sequence[bytes]:
        """Pieces up to the tagged line; only the end of what has come is looked at.

        That is enough here: no mail of the load has a line that begins with such a tag.
        """
        mark = b"\r\n" + tag
        pieces = [self.take_buffer()]
        end = b"\r\n" + pieces[0][-500:]
        while (at := end.rfind(mark)) < 0 or not end.endswith(b"\r\n"):
            pieces.append(self.receive())
            end = (end + pieces[-1])[-500:]
        if not end.startswith(b"OK", at + len(mark)):
            raise BadAnswer(f"{command}: {end[at:]!r}")
        return pieces


class LmtpLink(Link):
    """LMTP (RFC 2033) with pipelining (RFC 2920)."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        with self._closed_on_error():
            self._expect(b"220")
            self.socket.sendall(b"LHLO bench.example.com\r\n")
            self._expect(b"250")

    def deliver(self, user: str, mail: bytes) -> None:
        """One mail to one recipient; returns when the server has taken it."""
        envelope = f"MAIL FROM:<bench@example.com>\r\nRCPT TO:<{user}>\r\nDATA\r\n"
        self.socket.sendall(envelope.encode())
        for code in (b"250", b"250", b"354"):
            self._expect(code)
        self.socket.sendall(mail.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        self._expect(b"250")

    def _expect(self, code: bytes) -> None:
        line = self.line()
        while line.startswith(code + b"-"):
            line = self.line()
        if not line.startswith(code):
            raise BadAnswer(f"LMTP: {code.decode()} expected, got {line!r}")
