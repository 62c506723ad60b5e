"""What an administrator may set about index files; names as in dovecot.conf where it has them."""

from typing import Literal

import msgspec


class IndexSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of a mailbox index; sizes in bytes, times in seconds.

    Attributes:
        lock_method: lock_method.
        lock_timeout: how long to wait for another process's lock.
        fsync: mail_fsync; "optimized" syncs what a mail's existence depends on.
        mode: permissions of new files.
        gid: group of new files, -1 to leave it.
        rewrite_min: mail_index_rewrite_min_log_bytes.
        rewrite_max: mail_index_rewrite_max_log_bytes.
        rotate_min_size: mail_index_log_rotate_min_size.
        rotate_max_size: mail_index_log_rotate_max_size.
        rotate_min_age: mail_index_log_rotate_min_age.
        log2_max_age: mail_index_log2_max_age.
        keep_backup: keep the last dovecot.index as dovecot.index.backup (dbox does).
    """

    lock_method: Literal["fcntl", "flock", "dotlock"] = "fcntl"
    lock_timeout: float = 180.0
    fsync: Literal["optimized", "always", "never"] = "optimized"
    mode: int = 0o600
    gid: int = -1
    rewrite_min: int = 8 * 1024
    rewrite_max: int = 128 * 1024
    rotate_min_size: int = 32 * 1024
    rotate_max_size: int = 1024 * 1024
    rotate_min_age: int = 5 * 60
    log2_max_age: int = 2 * 24 * 3600
    keep_backup: bool = False
