"""Settings of Maildir (inventory R4-019)."""

from __future__ import annotations

from typing import Annotated

from culver.config.settings import Settings, doc


class MaildirSettings(Settings, prefix="maildir"):
    """How mails lie in Maildirs."""

    copy_with_hardlinks: Annotated[
        bool, doc("Copy mails by hard links where the file system can")
    ] = True
    stat_dirs: Annotated[
        bool, doc("List a directory as a mailbox only if it has a cur/ directory in it")
    ] = False
    very_dirty_syncs: Annotated[
        bool, doc("Assume that only this server and Dovecot change cur/")
    ] = False
    broken_filename_sizes: Annotated[
        bool, doc("Don't trust S= and W= in file names; read the mail to know its size")
    ] = False
    empty_new: Annotated[bool, doc("Move mails out of new/ as soon as they are seen")] = False
