"""Mail of a user: where it is, as whom it is read, how it is kept."""

from typing import Annotated, Literal

from culver.config.settings import (
    Duration,
    Settings,
    Size,
    SpaceList,
    TemplateString,
    doc,
)


class MailSettings(Settings):
    """Mail of a user: where it is, as whom it is read, how it is kept."""

    mail_location: Annotated[
        TemplateString,
        doc("FORMAT:PATH[:KEY=VALUE...]; empty = looked for", example="maildir:~/Maildir"),
    ] = TemplateString()
    mail_home: Annotated[TemplateString, doc("Home of a user of whom the userdb gives none")] = (
        TemplateString()
    )
    mail_chroot: Annotated[str, doc("Directory that a session is locked into")] = ""
    mail_uid: Annotated[str, doc("User id of mail for which the userdb gives none")] = ""
    mail_gid: Annotated[str, doc("Group id of mail for which the userdb gives none")] = ""
    mail_privileged_group: Annotated[
        str, doc("Group that is used where the user's own may not lock, as in /var/mail")
    ] = ""
    mail_access_groups: Annotated[str, doc("Further groups of every session")] = ""
    first_valid_uid: Annotated[int, doc("Lowest user id that may read mail")] = 500
    last_valid_uid: Annotated[int, doc("Highest user id that may read mail; 0 = any")] = 0
    first_valid_gid: Annotated[int, doc("Lowest group id that may read mail")] = 1
    last_valid_gid: Annotated[int, doc("Highest group id that may read mail; 0 = any")] = 0
    valid_chroot_dirs: Annotated[str, doc("Where the userdb may lock into, parted by colons")] = ""
    mail_plugins: Annotated[
        SpaceList, doc("Plugins of mailboxes", example="$mail_plugins quota")
    ] = SpaceList()
    mail_plugin_dir: Annotated[str, doc("Where Dovecot has its plugins; not used")] = (
        "/usr/lib/dovecot/modules"
    )
    mail_full_filesystem_access: Annotated[
        bool, doc("Whether a mailbox's name may be any path")
    ] = False
    mail_max_userip_connections: Annotated[
        int, doc("Sessions of a user from one address; 0 = any number")
    ] = 10
    mail_max_keyword_length: Annotated[int, doc("Longest keyword", unit="octets")] = 50
    mail_max_lock_timeout: Annotated[
        Duration, doc("How long a lock may be waited for; 0 = as each format has it")
    ] = Duration(0)
    mail_temp_dir: Annotated[str, doc("Where large mails wait on their way")] = "/tmp"
    mail_temp_scan_interval: Annotated[
        Duration, doc("How often left-over temporary files are looked for")
    ] = Duration(604800)
    mail_log_prefix: Annotated[TemplateString, doc("What a session's lines begin with")] = (
        TemplateString("%s(%u)<%{pid}><%{session}>: ")
    )
    mail_debug: Annotated[bool, doc("Whether each step of a session is logged")] = False
    mail_server_admin: Annotated[str, doc("URL of the admin that METADATA tells")] = ""
    mail_server_comment: Annotated[str, doc("Comment that METADATA tells")] = ""
    mail_shared_explicit_inbox: Annotated[
        bool, doc("Whether a shared INBOX is NAME/INBOX and not NAME")
    ] = False
    mail_attribute_dict: Annotated[str, doc("Where METADATA is kept")] = ""
    recipient_delimiter: Annotated[
        str, doc("What parts a user from the detail in an address; each character is one")
    ] = "+"


class MailStorageSettings(Settings):
    """How mail is written and locked."""

    mail_fsync: Annotated[
        Literal["optimized", "never", "always"],
        doc("When data is forced to disk; `optimized` = where a loss could not be mended"),
    ] = "optimized"
    mail_save_crlf: Annotated[bool, doc("Whether lines are kept with CR LF")] = False
    mail_nfs_storage: Annotated[bool, doc("Whether mail lies on NFS, read by many")] = False
    mail_nfs_index: Annotated[bool, doc("Whether indexes lie on NFS, read by many")] = False
    mmap_disable: Annotated[bool, doc("Whether indexes are read and not mapped")] = False
    dotlock_use_excl: Annotated[bool, doc("Whether dotlocks trust O_EXCL")] = True
    lock_method: Annotated[Literal["fcntl", "flock", "dotlock"], doc("How indexes are locked")] = (
        "fcntl"
    )
    mail_prefetch_count: Annotated[int, doc("Mails that are read ahead")] = 0
    mail_sort_max_read_count: Annotated[int, doc("Mails that a SORT may open; 0 = any number")] = 0
    mail_vsize_bg_after_count: Annotated[
        int, doc("Mails whose sizes a session computes before the indexer does; 0 = all")
    ] = 0
    mailbox_idle_check_interval: Annotated[
        Duration, doc("How often a mailbox is looked at where no change is told")
    ] = Duration(30)
    mailbox_list_index: Annotated[bool, doc("Whether the list of mailboxes has an index")] = True
    mailbox_list_index_include_inbox: Annotated[bool, doc("Whether INBOX is in it")] = False
    mailbox_list_index_very_dirty_syncs: Annotated[
        bool, doc("Whether it is believed without a look at the disk")
    ] = False
    rawlog_dir: Annotated[TemplateString, doc("Where sessions are written down")] = TemplateString()
    mail_attachment_dir: Annotated[TemplateString, doc("Where attachments are kept apart")] = (
        TemplateString()
    )
    mail_attachment_fs: Annotated[str, doc("How they are kept")] = "sis posix"
    mail_attachment_hash: Annotated[TemplateString, doc("Hash that names them")] = TemplateString(
        "%{sha1}"
    )
    mail_attachment_min_size: Annotated[Size, doc("Smallest that is kept apart", unit="bytes")] = (
        Size(128 * 1024)
    )
    mail_attachment_detection_options: Annotated[
        SpaceList,
        doc("How attachments are told", allowed="add-flags, content-type=..., exclude-inlined"),
    ] = SpaceList()


class MailCacheSettings(Settings):
    """What is kept of mails in dovecot.index.cache."""

    mail_cache_fields: Annotated[SpaceList, doc("Fields of a new mailbox")] = SpaceList(("flags",))
    mail_always_cache_fields: Annotated[SpaceList, doc("Fields that always are")] = SpaceList()
    mail_never_cache_fields: Annotated[SpaceList, doc("Fields that never are")] = SpaceList(
        ("imap.envelope",)
    )
    mail_cache_min_mail_count: Annotated[int, doc("Mails from which on a cache is kept")] = 0
    mail_cache_unaccessed_field_drop: Annotated[
        Duration, doc("After how long a field nobody asks for is dropped")
    ] = Duration(30 * 86400)
    mail_cache_record_max_size: Annotated[Size, doc("Largest entry of a mail")] = Size(65536)
    mail_cache_max_size: Annotated[Size, doc("Largest cache file")] = Size(1 << 30)
    mail_cache_purge_min_size: Annotated[Size, doc("Smallest file that is rewritten")] = Size(32768)
    mail_cache_purge_delete_percentage: Annotated[
        int, doc("Share of deleted entries from which on it is rewritten", unit="%")
    ] = 20
    mail_cache_purge_continued_percentage: Annotated[
        int, doc("Share of entries in pieces from which on it is rewritten", unit="%")
    ] = 200
    mail_cache_purge_header_continue_count: Annotated[
        int, doc("Pieces of the header from which on it is rewritten")
    ] = 4


class MailIndexSettings(Settings):
    """When indexes and their logs are rewritten."""

    mail_index_rewrite_min_log_bytes: Annotated[
        Size, doc("Log from which on the index may be rewritten")
    ] = Size(8 * 1024)
    mail_index_rewrite_max_log_bytes: Annotated[
        Size, doc("Log from which on it is rewritten at once")
    ] = Size(128 * 1024)
    mail_index_log_rotate_min_size: Annotated[
        Size, doc("Smallest log that is rotated for its age")
    ] = Size(32 * 1024)
    mail_index_log_rotate_max_size: Annotated[Size, doc("Log that is rotated whatever its age")] = (
        Size(1 << 20)
    )
    mail_index_log_rotate_min_age: Annotated[
        Duration, doc("Youngest log that is rotated for its size")
    ] = Duration(300)
    mail_index_log2_max_age: Annotated[Duration, doc("How long a rotated log stays")] = Duration(
        2 * 86400
    )
