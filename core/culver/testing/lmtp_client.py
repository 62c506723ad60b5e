"""A small LMTP client for tests (RFC 2033)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from culver.testing.imap_client import RECEIVE_SIZE, ConnectionEnded

if TYPE_CHECKING:
    import trio

_ENHANCED = re.compile(r"(\d\.\d{1,3}\.\d{1,3}) (.*)", re.DOTALL)


class LmtpReply(msgspec.Struct, frozen=True):
    """One reply, its lines joined."""

    status: int
    enhanced: str
    """``2.0.0``; empty when there is none."""
    text: str

    @property
    def ok(self) -> bool:
        """Not refused."""
        return self.status < 400


class NotDelivered(Exception):
    """A mail that a test relied on was refused; ``reply`` says why."""

    def __init__(self, reply: LmtpReply) -> None:
        super().__init__(f"{reply.status} {reply.enhanced} {reply.text}")
        self.reply = reply


def dot_stuffed(mail: bytes) -> bytes:
    """A mail as DATA wants it, the end included (RFC 5321 4.5.2)."""
    if mail.startswith(b"."):
        mail = b"." + mail
    mail = mail.replace(b"\r\n.", b"\r\n..")
    return mail + (b".\r\n" if mail.endswith(b"\r\n") else b"\r\n.\r\n")


class LmtpClient:
    """Speaks over any trio stream."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self.stream = stream
        self._buffer = bytearray()

    async def read_line(self) -> bytes:
        """The next line without CRLF.  Raises ConnectionEnded."""
        while (end := self._buffer.find(b"\r\n")) < 0:
            data = await self.stream.receive_some(RECEIVE_SIZE)
            if not data:
                raise ConnectionEnded(())
            self._buffer += data
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    async def reply(self) -> LmtpReply:
        """The next reply."""
        texts: list[str] = []
        enhanced = ""
        while True:
            line = (await self.read_line()).decode()
            text = line[4:]
            if found := _ENHANCED.fullmatch(text):
                enhanced, text = found[1], found[2]
            texts.append(text)
            if line[3:4] != "-":
                return LmtpReply(int(line[:3]), enhanced, "\n".join(texts))

    async def send(self, data: bytes) -> None:
        """Send exactly this."""
        await self.stream.send_all(data)

    async def command(self, line: str) -> LmtpReply:
        """Send a line and read its reply."""
        await self.send(line.encode() + b"\r\n")
        return await self.reply()

    async def lhlo(self, name: str = "test.example") -> LmtpReply:
        """LHLO; the text's lines are our name and the extensions."""
        return await self.command(f"LHLO {name}")

    async def mail(self, sender: str, parameters: str = "") -> LmtpReply:
        """MAIL FROM."""
        return await self.command(f"MAIL FROM:<{sender}> {parameters}".rstrip())

    async def rcpt(self, recipient: str) -> LmtpReply:
        """RCPT TO."""
        return await self.command(f"RCPT TO:<{recipient}>")

    async def data(self, mail: bytes, recipients: int = 1) -> list[LmtpReply]:
        """DATA; one reply per accepted recipient, or the one that refuses DATA."""
        start = await self.command("DATA")
        if not start.ok:
            return [start]
        await self.send(dot_stuffed(mail))
        return [await self.reply() for _ in range(recipients)]

    async def deliver(
        self, recipients: list[str], mail: bytes, sender: str = "sender@example.org"
    ) -> list[LmtpReply]:
        """A whole transaction: one reply per recipient."""
        begun = await self.mail(sender)
        if not begun.ok:
            return [begun] * len(recipients)
        accepted = [await self.rcpt(recipient) for recipient in recipients]
        count = sum(reply.ok for reply in accepted)
        if not count:
            await self.command("RSET")
            return accepted
        results = iter(await self.data(mail, count))
        return [next(results) if reply.ok else reply for reply in accepted]

    async def quit(self) -> LmtpReply:
        """QUIT."""
        return await self.command("QUIT")

    async def aclose(self) -> None:
        """Hang up without a word."""
        await self.stream.aclose()
