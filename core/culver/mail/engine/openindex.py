"""Open a mailbox's index files as the configuration says."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Literal

from culver.config.common.mail import MailIndexSettings, MailStorageSettings
from culver.index.engine import MailboxIndex
from culver.index.errors import IndexCorrupted, IndexMissing
from culver.index.settings import IndexSettings
from culver.mail.engine.persistent import PersistentIndex
from culver.mail.location import MailLocation
from culver.mail.storagecontext import StorageContext
from culver_events.index import MailIndexRecreated

MEMORY = "MEMORY"
"""``INDEX=MEMORY``: no index files (inventory R4-004)."""


def index_root(location: MailLocation) -> str | None:
    """Where the index files of a namespace start: INDEX=, by default the root of the mails; None
    for INDEX=MEMORY."""
    where = location.options.get("INDEX") or location.path
    return None if where == MEMORY else where


def index_settings(
    context: StorageContext,
    *,
    mode: int = 0o600,
    gid: int = -1,
    backup: bool = False,
    fsync: Literal["optimized", "always", "never"] | None = None,
) -> IndexSettings:
    """What dovecot.conf says about index files.

    Args:
        context: of the namespace.
        mode: permissions of the mailbox's files.
        gid: their group, -1: the process's own.
        fsync: when to force data to disk, None: as mail_fsync says.
        backup: keep dovecot.index.backup, as dbox does.
    """
    conf = context.config.get(MailIndexSettings)
    return IndexSettings(
        lock_method=context.config.get(MailStorageSettings).lock_method,
        fsync=fsync or context.fsync,
        mode=mode,
        gid=gid,
        rewrite_min=int(conf.mail_index_rewrite_min_log_bytes),
        rewrite_max=int(conf.mail_index_rewrite_max_log_bytes),
        rotate_min_size=int(conf.mail_index_log_rotate_min_size),
        rotate_max_size=int(conf.mail_index_log_rotate_max_size),
        rotate_min_age=int(conf.mail_index_log_rotate_min_age),
        log2_max_age=int(conf.mail_index_log2_max_age),
        keep_backup=backup,
    )


def open_index(
    context: StorageContext,
    directory: str,
    settings: IndexSettings,
    uid_validity: Callable[[], int],
    rebuild: Callable[[MailboxIndex], None],
) -> PersistentIndex:
    """Open the index in a directory, made when there is none, made whole when it is broken.

    Call it in a thread.

    Args:
        context: of the namespace; is told of broken files (MailIndexRecreated).
        directory: of this mailbox's index files.
        settings: from :func:`index_settings`.
        uid_validity: asked when an index has to be made.
        rebuild: fills the index from the mails' files, after what could be read of it was read;
            takes the log's lock itself.  Also called for a new index.
    """
    files = MailboxIndex(directory, settings)

    def make_whole(error: Exception) -> None:
        context.scope.emit(MailIndexRecreated(filepath=files.path, reason=str(error)))
        try:
            files.repair()
        except (IndexCorrupted, IndexMissing):
            known = last_known(files)
            files.recreate(known[0] or uid_validity(), *known[1:])
        rebuild(files)

    try:
        files.open()
    except IndexMissing:
        files.create(uid_validity())
        rebuild(files)
    except IndexCorrupted as error:
        make_whole(error)
    if not files.state.modseqs_stored and os.access(f"{files.path}.log", os.W_OK):
        # CONDSTORE is always announced, so modseqs have to outlive the process from the start.
        begin = files.begin()
        begin.enable_modseqs()
        begin.commit()
    return PersistentIndex(files, make_whole)


def last_known(files: MailboxIndex) -> tuple[int, int, int]:
    """UIDVALIDITY, next UID and highest modseq as they were last read; 0, 1, 1 when never."""
    try:
        state = files.state
    except IndexMissing:
        return 0, 1, 1
    return state.header.uid_validity, state.header.next_uid, state.modseq
