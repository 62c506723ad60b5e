"""Where a copy finds its mail in another mbox."""

from __future__ import annotations

import os
import zlib

from culver.errors import Refused
from culver.mail.newmail import Link
from culver_plugins.mbox.box import MboxBox
from culver_plugins.mbox.entry import Span
from culver_plugins.mbox.fileview import FileView
from culver_plugins.mbox.metadata import read_metadata, visible
from culver_plugins.mbox.split import NotAnMbox, split


class MboxLink(Link):
    """A mail in an mbox of this process.  Mails in one file can't be linked: it is read."""

    def __init__(self, box: MboxBox, uid: int) -> None:
        self.box = box
        self.uid = uid

    @property
    def size(self) -> int:
        """Bytes as they lie on the disk, metadata left out."""
        return len(self.read())

    def read(self) -> bytes:
        """The mail.  Only looks, and so may run beside what a session does with the box: its lock
        is the file's."""
        with self.box.opened(write=False) as fd:
            view = FileView.of(fd, os.fstat(fd).st_size)
            span = self._find(view)
            if span is None:
                raise Refused("EXPUNGEISSUED", "Some of the messages no longer exist")
            return mail_of(view, span)

    def _find(self, view: FileView) -> Span | None:
        entry = self.box.by_uid.get(self.uid)
        if entry is not None and zlib.crc32(view.read(entry.start, entry.body)) == entry.check:
            return entry
        try:
            for span, header, _ in split(view):
                if read_metadata(header).uid == self.uid:
                    return span
        except NotAnMbox:
            return None
        return None


def mail_of(view: FileView, span: Span) -> bytes:
    """A mail without its metadata."""
    text = view.read(span.header, span.end)
    ends = span.ends - span.header
    return visible(text[:ends]) + text[ends:]
