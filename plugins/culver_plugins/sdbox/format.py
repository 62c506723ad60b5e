"""The storage format ``sdbox`` (inventory 4.4): ``u.<uid>`` files, everything else in the index."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec

from culver.index.engine import MailboxIndex
from culver.index.specs import DBOX_HDR
from culver.mail.engine.flagwrites import Uids
from culver.mail.engine.indexed import commit_expunge
from culver.mail.files import fsync_dir, try_unlink
from culver.mail.newmail import Link, NewMail, Saved
from culver.mail.storage import Bodies, MailboxPath, OpenBox
from culver.mail.uids import UidSet
from culver_plugins.dbox.box import DboxBox
from culver_plugins.dbox.boxheader import BoxHeader, read_header
from culver_plugins.dbox.errors import DboxCorrupted
from culver_plugins.dbox.facts import GONE, Facts
from culver_plugins.dbox.fileheader import encode_file_header
from culver_plugins.dbox.format import BATCH, DboxFormat, ours
from culver_plugins.dbox.metadata import EXT_REFS, Metadata
from culver_plugins.dbox.newrecord import new_record
from culver_plugins.dbox.readfile import open_first, read_metadata, read_only_record
from culver_plugins.sdbox.altmove import altmove
from culver_plugins.sdbox.files import create_temporary, paths_of, unlink_all
from culver_plugins.sdbox.link import SdboxLink
from culver_plugins.sdbox.rebuild import mend_file, rebuild


class Prepared(msgspec.Struct, frozen=True):
    """A mail in a temporary file, synced, waiting for its UID."""

    mail: NewMail
    path: str
    guid: str


class SdboxFormat(DboxFormat[Prepared]):
    """sdbox as Dovecot writes it."""

    name = "sdbox"
    header_spec = DBOX_HDR

    @classmethod
    def detect(cls, root: Path) -> bool:
        return (root / "mailboxes").is_dir() and not (root / "storage").is_dir()

    def new_header(self, old: BoxHeader, guid: bytes) -> BoxHeader:
        return BoxHeader(old.number, guid, old.flags)

    def rebuild_box(self, path: MailboxPath, files: MailboxIndex) -> None:
        rebuild(files, self.list.directory(path), self.list.alt(path))

    def mend(self, box: DboxBox, broken: DboxCorrupted) -> None:
        mend_file(broken.path)

    def empty(self, path: MailboxPath) -> bytes:
        box = self.open_now(path)
        return read_header(box.files.files, DBOX_HDR).guid

    def spool(self, box: DboxBox, mail: NewMail) -> Prepared:
        linked = self._hard_link(box, mail)
        if linked is not None:
            return linked
        record = new_record(mail, self.context)
        fd, path = create_temporary(box.directory)
        try:
            record.write(fd, encode_file_header(record.received))
            if self.sync:
                os.fdatasync(fd)
        except BaseException:
            try_unlink(path)
            raise
        finally:
            os.close(fd)
        return Prepared(mail, path, record.guid)

    def _hard_link(self, box: DboxBox, mail: NewMail) -> Prepared | None:
        """None when it can't be linked: another file system, other data, attachments, no rights."""
        link = mail.link
        if not isinstance(link, SdboxLink) or self.context.transforms:
            return None
        try:
            metadata = link.metadata()
        except DboxCorrupted:
            return None
        guid = mail.guid or metadata.guid
        received = metadata.received if mail.received is None else mail.received
        if (guid, received) != (metadata.guid, metadata.received) or metadata.get(EXT_REFS):
            return None
        fd, path = create_temporary(box.directory)
        os.close(fd)
        os.unlink(path)
        for source in link.paths:
            try:
                os.link(source, path, follow_symlinks=False)
            except OSError:
                continue
            return Prepared(mail, path, guid)
        return None

    def drop(self, prepared: Sequence[Prepared]) -> None:
        for one in prepared:
            try_unlink(one.path)

    def commit(self, box: DboxBox, prepared: Sequence[Prepared]) -> list[Saved]:
        moved: list[tuple[str, str]] = []
        with box.files.changing() as files:
            begin = files.begin()
            uid = files.state.header.next_uid
            try:
                for one in prepared:
                    while os.path.lexists(target := f"{box.directory}/u.{uid}"):
                        # Somebody died between the rename and the index: the mail may be the
                        # only copy, so it comes in.
                        begin.append(0, uids=[uid])
                        uid += 1
                    os.rename(one.path, target)
                    moved.append((one.path, target))
                    begin.append(one.mail.flags, uids=[uid], keywords=one.mail.keywords)
                    uid += 1
                if self.sync:
                    fsync_dir(box.directory)
                begin.commit()
            except BaseException:
                # Back, and not away: after a repair of the index they are committed again.
                for path, target in moved:
                    os.rename(target, path)
                raise
        uids = [int(target.rpartition(".")[2]) for _, target in moved]
        return [
            Saved(box.uid_validity, uid, one.guid) for uid, one in zip(uids, prepared, strict=True)
        ]

    def expunge(self, box: OpenBox, files: MailboxIndex, uids: Uids) -> None:
        box = ours(box)
        if len(uids):
            commit_expunge(files, uids)
        for uid in uids.tolist():
            unlink_all(paths_of(box, uid))

    def read_some(self, box: DboxBox, uids: Sequence[int]) -> Bodies:
        found: list[int] = []
        bodies: list[bytes] = []
        vanished: list[int] = []
        total = 0
        for uid in uids:
            body = self._read_one(box, uid)
            if body is None:
                vanished.append(uid)
                continue
            found.append(uid)
            bodies.append(body)
            total += len(body)
            if total > BATCH:
                break
        return Bodies(tuple(found), tuple(bodies), tuple(vanished))

    def _read_one(self, box: DboxBox, uid: int) -> bytes | None:
        paths = paths_of(box, uid)
        fd = open_first(paths)
        if fd is None:
            return None
        try:
            record, data = read_only_record(fd)
            return self._decode(f"-{box.guid}-{uid}", record.stored(data), record.metadata)
        except DboxCorrupted as error:
            raise error.within(next(filter(os.path.exists, paths), paths[0])) from error
        finally:
            os.close(fd)

    def _decode(self, suffix: str, stored: bytes, metadata: Metadata) -> bytes:
        return self.body_of(stored, metadata, suffix)

    def facts_of(self, box: DboxBox, uids: Sequence[int]) -> list[Facts]:
        return [_facts(paths_of(box, uid)) for uid in uids]

    def link(self, box: OpenBox, uid: int) -> Link | None:
        box = ours(box)
        paths = paths_of(box, uid)
        if not any(map(os.path.exists, paths)):
            return None
        return SdboxLink(paths, partial(self._decode, f"-{box.guid}-{uid}"))

    async def altmove(self, box: OpenBox, uids: UidSet, *, to_alt: bool = True) -> UidSet:
        """Move mails to the alternative storage, or back.  Returns those that were moved.

        Refused CANNOT without ALT= in mail_location."""
        box = ours(box)
        return await box.files.run(partial(altmove, box, uids, to_alt=to_alt), "altmove in")


def _facts(paths: tuple[str, ...]) -> Facts:
    fd = open_first(paths)
    if fd is None:
        return GONE
    # When the file got its name.
    saved = int(os.fstat(fd).st_ctime)
    try:
        return Facts.of(read_metadata(fd)[0], saved)
    except DboxCorrupted:
        return Facts(saved=saved, received=saved)
    finally:
        os.close(fd)
