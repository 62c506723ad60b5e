"""Messages put together of texts and of parts of messages that are there (RFC 4469)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from culver.plugin import (
    Buffer,
    CulverError,
    Mailbox,
    Spool,
    UidSet,
    Wanted,
    closing,
    mime_sections,
)
from culver_plugins.imap.wire.append import CatPart, CatText
from culver_plugins.imap.wire.section import Section
from culver_plugins.imap.wire.url import ImapUrl, parse_url

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


class BadUrl(Exception):
    """A URL that names nothing on this server: NO [BADURL url]."""

    def __init__(self, url: bytes) -> None:
        super().__init__(url)
        # It comes back inside a response code, which nothing in it may end.
        self.code = "BADURL " + url.decode("ascii", "replace").replace("]", "%5D")


async def write_parts(
    session: Session, parts: Sequence[CatPart], streamed: Iterator[Buffer], spool: Spool
) -> None:
    """Write the parts one behind the other.  Raises BadUrl, OSError when the disk is full."""
    for part in parts:
        if isinstance(part, CatText):
            data = next(streamed) if part.data is None else part.data
            for start in range(0, len(data), 1 << 20):
                spool.write(data[start : start + (1 << 20)])
        else:
            spool.write(await _fetched(session, part.url))


async def _fetched(session: Session, url: bytes) -> bytes:
    """What a URL names, as FETCH BODY.PEEK would give it."""
    try:
        where = parse_url(url)
        if where.mailbox is None:
            return await _of_selected(session, where)
        mailbox = await session.open(where.mailbox)
        try:
            return await _of_mailbox(mailbox, where)
        finally:
            await mailbox.close()
    except (ValueError, CulverError) as error:
        raise BadUrl(url) from error


async def _of_selected(session: Session, where: ImapUrl) -> bytes:
    if session.selected is None:
        raise ValueError("no mailbox is selected")
    return await _of_mailbox(session.selected.mailbox, where)


async def _of_mailbox(mailbox: Mailbox, where: ImapUrl) -> bytes:
    status = await mailbox.status()
    if where.uid_validity not in (None, status.uid_validity):
        raise ValueError("another UIDVALIDITY")
    view = await mailbox.open_view(read_only=True)
    wanted = Wanted(bodies=True, parts=True)
    async with closing(mailbox.fetch(view, UidSet([where.uid]), wanted)) as batches:
        async for batch in batches:
            for body, root in zip(batch.bodies, batch.parts, strict=True):
                section = mime_section(where.section)
                if mime_sections.find_part(root, section.path) is None:
                    raise ValueError("no such part")
                return mime_sections.section_bytes(body, root, section, where.first, where.size)
    raise ValueError("no such message")


def mime_section(section: Section) -> mime_sections.Section:
    """The section as the MIME side has it."""
    return mime_sections.Section(
        section.part, mime_sections.Want(section.text.encode()), section.fields
    )
