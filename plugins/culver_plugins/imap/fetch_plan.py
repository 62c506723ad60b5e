"""What a FETCH needs of each message, found out once per command."""

from __future__ import annotations

from collections.abc import Sequence

from culver.plugin import Wanted
from culver_plugins.imap.catenating import mime_section
from culver_plugins.imap.wire.fetch import BodyPart, FetchItem, Preview
from culver_plugins.imap.wire.section import Section

# Items that are columns of the cache, ready to be sent.
CACHED = {
    "ENVELOPE": "imap.envelope",
    "BODY": "imap.body",
    "BODYSTRUCTURE": "imap.bodystructure",
}
PREVIEW = "body.snippet"
# The elder names of body sections: what they are called in the answer stays (RFC 3501 6.4.5).
ELDER = {
    "RFC822": BodyPart(Section()),
    "RFC822.HEADER": BodyPart(Section(text="HEADER"), peek=True),
    "RFC822.TEXT": BodyPart(Section(text="TEXT")),
}


class Body:
    """One body section: its label in the answer, and where to find it."""

    __slots__ = ("label", "partial", "section", "whole")

    def __init__(self, label: bytes, part: BodyPart) -> None:
        self.label = label
        self.partial = part.partial
        self.section = mime_section(part.section)
        self.whole = not part.section.part and not part.section.text
        """BODY[]: needs no look at the structure."""


class Binary:
    """One part without its transfer encoding (RFC 3516), or only its size."""

    __slots__ = ("label", "partial", "path", "size_only")

    def __init__(self, item: BodyPart) -> None:
        self.path = item.section.part
        self.partial = item.partial
        self.size_only = item.kind == "BINARY.SIZE"
        self.label = b"%b[%b]" % (item.kind.encode(), item.section.wire())
        if item.partial is not None:
            self.label += b"<%d>" % item.partial[0]


Item = str | Body | Binary | Preview


class Plan:
    """The items in order, and the columns that they need."""

    __slots__ = ("add_flags", "bodies", "items", "wanted")

    def __init__(
        self,
        items: Sequence[FetchItem],
        *,
        read_only: bool,
        modseqs: bool,
        uid: bool,
        changed_since: bool,
    ) -> None:
        self.items: list[Item] = [_item(item) for item in items]
        if changed_since and "MODSEQ" not in self.items:
            self.items.append("MODSEQ")  # RFC 7162 3.1.4.1: CHANGEDSINCE implies it
        bodies = [item for item in self.items if isinstance(item, Body)]
        binary = any(isinstance(item, Binary) for item in self.items)
        names = {item for item in self.items if isinstance(item, str)}
        self.add_flags = "FLAGS" not in names
        """Tell FLAGS too when fetching a body set \\Seen."""
        seen = not read_only and any(_sets_seen(item) for item in items)
        structure = binary or any(not body.whole for body in bodies)
        cached = [CACHED[name] for name in CACHED if name in names]
        if any(isinstance(item, Preview) for item in self.items):
            cached.append(PREVIEW)
        self.wanted = Wanted(
            modseqs="MODSEQ" in names or (seen and modseqs),
            received="INTERNALDATE" in names,
            sizes="RFC822.SIZE" in names or any(body.whole for body in bodies),
            guids=bool(names & {"X-GUID", "EMAILID"}),
            saved=bool(names & {"X-SAVEDATE", "SAVEDATE"}),
            cached=tuple(cached),
            bodies=binary or bool(bodies),
            parts=structure,
            seen=seen,
        )


def _item(item: FetchItem) -> Item:
    if isinstance(item, str):
        return Body(item.encode(), ELDER[item]) if item in ELDER else item
    if isinstance(item, Preview):
        return item
    if item.kind != "BODY":
        return Binary(item)
    label = b"BODY[%b]" % item.section.wire()
    if item.partial is not None:
        label += b"<%d>" % item.partial[0]
    return Body(label, item)


def _sets_seen(item: FetchItem) -> bool:
    part = ELDER.get(item) if isinstance(item, str) else item
    return isinstance(part, BodyPart) and not part.peek
