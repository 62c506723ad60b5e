"""Make an sdbox's index anew from its files (R4-047).  No mail is removed by it."""

from __future__ import annotations

import os
import time

from culver.index.engine import MailboxIndex
from culver.index.specs import DBOX_HDR
from culver.mail.files import fsync_dir, replace_file, try_unlink
from culver_plugins.dbox.boxheader import BoxHeader
from culver_plugins.dbox.errors import DboxCorrupted
from culver_plugins.dbox.fix import fixed
from culver_plugins.dbox.guid import new_guid, temporary_name
from culver_plugins.dbox.readfile import open_first, read_only_record
from culver_plugins.dbox.remembered import remembered, start_anew
from culver_plugins.sdbox.files import uids_in


def rebuild(files: MailboxIndex, directory: str, alt: str | None) -> None:
    """Bring the index and the files together.

    A mail that the index doesn't know is added with its UID; one without a file is expunged.
    Flags, keywords, UIDVALIDITY and the mailbox's GUID stay as far as index or backup tell them.
    """
    found = uids_in(directory) | (uids_in(alt) if alt else {})
    if not found and not files.state.messages:
        return
    sound = sorted(uid for uid, path in found.items() if is_sound(path) or mend_file(path))
    with files.lock():
        past = remembered(files, DBOX_HDR)
    count = (past.header.number + 1) & 0xFFFFFFFF or 1
    guid = past.header.guid if past.header else bytes.fromhex(new_guid())
    header = BoxHeader(count, guid, past.header.flags)
    start_anew(files, past, sound, (DBOX_HDR, header))


def is_sound(path: str) -> bool:
    """Whether a file holds a whole mail."""
    fd = open_first((path,))
    if fd is None:
        return False
    try:
        read_only_record(fd)
    except DboxCorrupted:
        return False
    finally:
        os.close(fd)
    return True


def mend_file(path: str) -> bool:
    """Replace a broken file by a sound one, the broken one kept as ``<path>.broken``.

    False when nothing in it is a mail: then the file stays where it is."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return False
    pieces = list(fixed(data, int(time.time()), new_guid))
    if len(pieces) < 4:
        return False
    try_unlink(f"{path}.broken")
    os.link(path, f"{path}.broken")
    mode = os.stat(path).st_mode & 0o777
    directory = os.path.dirname(path)
    # A file of sdbox has one mail: header, message header, body, metadata.
    whole = b"".join(pieces[:4])
    replace_file(path, whole, mode=mode, temporary=f"{directory}/{temporary_name()}", sync=True)
    fsync_dir(directory)
    return True
