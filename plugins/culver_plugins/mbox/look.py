"""Look at the file and find out what others did."""

from __future__ import annotations

import os
import time
import zlib
from typing import Final

from culver.errors import Refused, Unavailable
from culver.index.uidvalidity import next_uid_validity
from culver.mail.storage import Found
from culver.mail.uids import UidSet
from culver_plugins.mbox.box import COST_SHARE, MboxBox, stamp_of
from culver_plugins.mbox.digest import guid_of
from culver_plugins.mbox.entry import Entry, Span
from culver_plugins.mbox.fileview import FileView
from culver_plugins.mbox.fromline import FromLine
from culver_plugins.mbox.metadata import Base, Metadata, read_metadata
from culver_plugins.mbox.split import NotAnMbox, from_at, header_end, split

_LAST_WORD: Final = "Mailbox isn't a valid mbox file"


def look(box: MboxBox, fd: int, *, whole: bool = False) -> Found:
    """Bring ``box`` up to date with the open, locked file.

    Afterwards ``stale`` entries are those whose headers must be written: mails of others that have
    no UID yet.  With ``whole`` nothing is put off that mbox_dirty_syncs allows to put off.
    """
    info = os.fstat(fd)
    due = bool(box.check_at) and time.time_ns() >= box.check_at
    if stamp_of(info) == box.stamp and not due and not whole:
        return Found()
    grown = info.st_ino == box.stamp[1] and info.st_size > box.stamp[2]
    whole = whole or due or not _may_wait(box, grown=grown)
    began = time.time_ns()
    found = _Look(box, FileView.of(fd, info.st_size)).run(whole=whole)
    if whole:
        box.looked_at = time.time_ns()
        box.look_cost = box.looked_at - began
    box.note(info, looked=whole)
    if not whole and box.settings.very_dirty_syncs:
        box.check_at = 0
    return found


def _may_wait(box: MboxBox, *, grown: bool) -> bool:
    """Whether mails that are known need not be looked at now."""
    if not box.entries:
        return False
    if box.settings.very_dirty_syncs:
        return True
    cheap = time.time_ns() - box.looked_at > COST_SHARE * box.look_cost
    return grown and box.settings.dirty_syncs and not cheap


class _Look:
    """One pass over the file."""

    def __init__(self, box: MboxBox, view: FileView) -> None:
        self.box = box
        self.view = view
        self.entries: list[Entry] = []
        self.changed: list[int] = []
        self.last_uid = 0
        """The highest that X-IMAPbase allows to be there."""
        self.next_uid = box.uid_next
        self.previous = 0
        self.based = False
        """Whether the first mail says whose UIDs these are."""

    def run(self, *, whole: bool) -> Found:
        try:
            at = self._known(whole=whole)
            for span, header, line in split(self.view, at):
                self._take(span, header, line)
        except NotAnMbox as error:
            why = f"{self.box.file}: {error}"
            raise Unavailable("CORRUPTION", _LAST_WORD, why) from None
        self._check_base()
        return self._compare()

    def _known(self, *, whole: bool) -> int:
        """Take over known mails that are where they were.  Returns where the others begin."""
        known = self.box.entries
        last = len(known) - 1
        for place, entry in enumerate(known):
            if (whole or place in (0, last)) and not self._is_same(entry):
                again = self._again(entry, first=not place)
                if again is None:
                    return self._from(entry)
                entry = again
            elif not place:
                self.based, self.last_uid = True, self.box.uid_next - 1
            self._add(entry)
        return self._behind(known[last]) if known else 0

    def _is_same(self, entry: Entry) -> bool:
        return zlib.crc32(self.view.read(entry.start, entry.body)) == entry.check

    def _again(self, old: Entry, *, first: bool) -> Entry | None:
        """The same mail with other flags, if it is that."""
        line = from_at(self.view, old.start)
        if line is None or header_end(self.view, old.header) != (old.ends, old.body):
            return None
        said = read_metadata(self.view.read(old.header, old.ends))
        if (said.uid or 0) != old.uid or said.pseudo != (not old.uid):
            return None
        if first:
            if said.base is None:
                return None
            self._take_base(said.base)
        entry = self._entry(old, said, old.uid, line.received, old.guid)
        entry.size = old.size
        if (entry.flags, entry.keywords) != (old.flags, old.keywords):
            self.changed.append(old.uid)
        return entry

    def _from(self, entry: Entry) -> int:
        """Where to go on when a mail isn't where it was."""
        if from_at(self.view, entry.start) is not None:
            return entry.start
        self.entries, self.changed, self.previous, self.based = [], [], 0, False
        return 0

    def _behind(self, last: Entry) -> int:
        """Where new mails begin; the last one is taken again if its end isn't one any more."""
        rest = self.view.read(last.end, last.end + 7)
        skip = 1 if rest[:1] == b"\n" else 2 if rest[:2] == b"\r\n" else 0
        at = last.end + skip
        if at == self.view.size or (skip and from_at(self.view, at) is not None):
            return at
        del self.entries[-1]
        self.previous = self.entries[-1].uid if self.entries else 0
        return last.start

    def _add(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.previous = entry.uid
        self.next_uid = max(self.next_uid, entry.uid + 1)

    def _take(self, span: Span, header: bytes, line: FromLine) -> None:
        said = read_metadata(header)
        if not self.entries and said.base is not None:
            self._take_base(said.base)
            if said.pseudo:
                self._add(self._entry(span, said, 0, line.received, ""))
                return
        good = said.uid is not None and self._is_good(said.uid)
        uid = said.uid if good and said.uid else self.next_uid
        guid = guid_of(header, self.box.settings.md5)
        entry = self._entry(span, said, uid, line.received, guid)
        entry.stale = not good
        old = self.box.by_uid.get(uid)
        if old is not None and (entry.flags, entry.keywords) != (old.flags, old.keywords):
            self.changed.append(uid)
        self._add(entry)

    def _is_good(self, uid: int) -> bool:
        """Whether an X-UID was written by a server.  Senders can write one too, so a UID must be
        one that was given out and not one that this box knows as gone."""
        if uid <= self.previous or not (self.based or self.box.uid_validity):
            return False
        if uid in self.box.by_uid or uid == self.next_uid:
            return True
        return self.box.highest_told < uid <= self.last_uid

    def _take_base(self, base: Base) -> None:
        box = self.box
        if box.uid_validity and base.uid_validity != box.uid_validity:
            raise Refused("NONEXISTENT", "UIDVALIDITY changed", box.file)
        box.uid_validity = base.uid_validity
        self.based = True
        self.last_uid = base.last_uid
        self.next_uid = max(self.next_uid, base.last_uid + 1)
        room = box.max_keywords - len(box.keywords)
        known = {name.lower() for name in box.keywords}
        box.keywords += [name for name in base.keywords if name.lower() not in known][:room]

    def _entry(self, span: Span, said: Metadata, uid: int, received: int, guid: str) -> Entry:
        return Entry(
            span.start,
            span.header,
            span.ends,
            span.body,
            span.end,
            uid=uid,
            flags=said.flags if uid else 0,
            keywords=self.box.mask(said.keywords) if said.keywords else 0,
            recent=bool(uid) and not said.old,
            received=received,
            guid=guid,
            check=zlib.crc32(self.view.read(span.start, span.body)),
        )

    def _check_base(self) -> None:
        """Without an X-IMAPbase the first mail must get one."""
        box = self.box
        if not box.uid_validity and box.fallback:
            box.uid_validity = box.fallback
        elif not box.uid_validity:
            os.makedirs(box.uid_validities, mode=0o700, exist_ok=True)
            box.uid_validity = next_uid_validity(box.uid_validities, time.time)
        if not self.based and self.entries:
            self.entries[0].stale = True

    def _compare(self) -> Found:
        box = self.box
        old = box.by_uid
        box.set_entries(self.entries)
        new = box.by_uid
        box.uid_next = self.next_uid
        appeared = [uid for uid in new if uid not in old]
        gone = UidSet(uid for uid in old if uid not in new)
        if self.entries and (appeared or not self.based) and any(e.stale for e in self.entries):
            self.entries[0].stale = True  # the last UID is said there
        box.recent = UidSet(e.uid for e in self.entries if e.recent) - box.claimed
        if appeared:
            box.highest_told = max(box.highest_told, appeared[-1])
        changed = [uid for uid in self.changed if uid in old and uid in new]
        return Found(appeared=box.rows(appeared), changed=box.rows(sorted(changed)), expunged=gone)
