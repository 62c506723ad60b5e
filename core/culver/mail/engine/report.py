"""Events of what sessions do to mails.  Each costs a dictionary look-up when nobody listens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from culver.mail.engine.shared import SharedBox
from culver.mail.flags import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN
from culver.mail.newmail import Copied, NewMail, Saved
from culver.mail.uids import UidSet, uids_to_array
from culver.mime.headers import decode_rfc2047, fields, header_end, unfold
from culver_events.mail import MailAppended, MailCopied, MailExpunged, MailFlagsChanged
from culver_events.scope import Scope

_NAMES: Final = {
    ANSWERED: "\\Answered",
    FLAGGED: "\\Flagged",
    DELETED: "\\Deleted",
    SEEN: "\\Seen",
    DRAFT: "\\Draft",
}

_LOOKED_AT: Final = 256 << 10
"""Bytes of a mail in which its event's fields are looked for: what has no empty line is header to
its end, be it as large as it may."""

Flags = dict[int, list[str]]


def appended(scope: Scope, mails: Sequence[NewMail], saved: Sequence[Saved]) -> None:
    """One event per mail; copies have their own."""
    if not scope.wants(MailAppended):
        return
    for mail, where in zip(mails, saved, strict=True):
        if mail.link is None:
            scope.emit(_appended(mail, where.uid))


def _appended(mail: NewMail, uid: int) -> MailAppended:
    wanted = dict.fromkeys((b"message-id", b"from", b"subject"), "")
    looked_at = min(len(mail.body), _LOOKED_AT)
    for field in fields(mail.body, 0, header_end(mail.body, 0, looked_at)):
        name = field.name.lower()
        if name in wanted:
            wanted[name] = decode_rfc2047(unfold(field.value)).strip()
    return MailAppended(
        uid=uid,
        size=mail.size,
        message_id=wanted[b"message-id"],
        message_from=wanted[b"from"],
        message_subject=wanted[b"subject"],
        flags=[*flag_names(mail.flags), *mail.keywords],
    )


def copied(scope: Scope, source: str, target: str, what: Copied, *, moved: bool) -> None:
    """One event per mail, in the scope of the target."""
    if scope.wants(MailCopied):
        there = scope.child(mailbox=target)
        for old, new in zip(what.source, what.target, strict=True):
            there.emit(MailCopied(uid=new, source_mailbox=source, source_uid=old, moved=moved))


def expunged(scope: Scope, uids: UidSet) -> None:
    """One event per mail."""
    if scope.wants(MailExpunged):
        for uid in uids:
            scope.emit(MailExpunged(uid=uid))


def flag_names(flags: int) -> list[str]:
    """IMAP's names of the bits."""
    return [name for bit, name in _NAMES.items() if flags & bit]


def flags_before(scope: Scope, shared: SharedBox, uids: UidSet) -> Flags:
    """What :func:`flags_changed` compares with; empty when nobody wants to know."""
    return _flags(shared, uids) if scope.wants(MailFlagsChanged) else {}


def flags_changed(scope: Scope, shared: SharedBox, uids: UidSet, before: Flags) -> None:
    """One event per mail whose flags differ now."""
    if not before or not uids:
        return
    for uid, now in _flags(shared, uids).items():
        old = before.get(uid, [])
        added = [name for name in now if name not in old]
        removed = [name for name in old if name not in now]
        scope.emit(MailFlagsChanged(uid=uid, flags=now, added=added, removed=removed))


def _flags(shared: SharedBox, uids: UidSet) -> Flags:
    index = shared.index
    found, places = index.find(uids_to_array(uids))
    names = index.keywords_of(places)
    flags = index.flags[places].tolist()
    return {
        uid: [*flag_names(bits), *(names[place] if names else ())]
        for place, (uid, bits) in enumerate(zip(found.tolist(), flags, strict=True))
    }
