"""COMPRESS (RFC 4978)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer, no
from culver_plugins.imap.deflate import Deflate
from culver_plugins.imap.wire.compress import Compress

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session

CAPABILITIES = ("COMPRESS=DEFLATE",)


async def run(session: Session, command: Compress) -> Answer:
    """Agree; the answer is the last line in the clear."""
    if session.deflate is not None:
        return no("COMPRESSION=DEFLATE already enabled.", "COMPRESSIONACTIVE")
    if command.mechanism != "DEFLATE":
        return no("Unknown compression mechanism.")
    return Answer(b"Begin compression.")


async def after(session: Session, answer: Answer) -> None:
    """Compress.  What came in behind the command is compressed already (RFC 4978 3)."""
    if answer.status == b"OK":
        await session.flush()
        level = session.settings.compress_deflate_level
        session.deflate = Deflate(level, session.machine.rest())
