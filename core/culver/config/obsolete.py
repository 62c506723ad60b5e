"""Settings of Dovecot 1 and 2 that 2.3 still understands, and what they mean today."""

from collections.abc import Callable
from typing import Final, TypeAlias

from culver.config.parser import Rewritten

_Rewrite: TypeAlias = Callable[[str, str], Rewritten | None]

_LOGIN: Final = ("imap-login", "pop3-login")
_MAIL: Final = ("imap", "pop3")
_SSL_VERSIONS: Final = ("SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2")
_GONE_WORKAROUNDS: Final = ("outlook-idle", "netscape-eoh")


def rewrite(key: str, value: str, inside: str) -> Rewritten | None:
    """What a line outside sections means today; None if the line is not obsolete.

    `inside` is the kind of the section around it.
    """
    if inside:
        return None
    change = _CHANGES.get(key)
    if change is not None:
        return change(key, value)
    if key.startswith("mail_cache_compress_"):
        return _renamed(key.replace("compress", "purge", 1))(key, value)
    return None


def _renamed(new: str, yes: str | None = None, no: str | None = None) -> _Rewrite:
    """A new name; with `yes` and `no` the words get new ones, too."""

    def change(key: str, value: str) -> Rewritten:
        words = {"yes": yes, "no": no}
        text = words.get(value.lower()) or value
        return Rewritten(((new, text),), f"{key} has been renamed to {new}")

    return change


def _removed(key: str, value: str) -> Rewritten:
    return Rewritten((), f"{key} has been removed")


def _needless(key: str, value: str) -> Rewritten:
    return Rewritten((), f"{key} is no longer needed")


def _file(key: str, value: str) -> Rewritten:
    new = key.removesuffix("_file")
    lines = ((new, f"<{value}"),) if value else ()
    return Rewritten(lines, f"{key} has been replaced by {new} = <file")


def _in_plugin(key: str, value: str) -> Rewritten:
    new = {"sieve_storage": "sieve_dir"}.get(key, key)
    return Rewritten(((f"plugin/{new}", value),), f"{key} has been moved into plugin {{ {new} }}")


def _in_services(services: tuple[str, ...], new: str, unit: str = "") -> _Rewrite:
    def change(key: str, value: str) -> Rewritten:
        text = _SERVICE_WORDS.get(key, {}).get(value, value) + unit
        lines = tuple((f"service/{service}/{new}", text) for service in services)
        return Rewritten(lines, f"{key} has been replaced by service {{ {new} }}")

    return change


_SERVICE_WORDS: Final = {
    "login_chroot": {"no": "", "yes": "login"},
    "login_process_per_connection": {"no": "0", "yes": "1"},
}


def _protocols(key: str, value: str) -> Rewritten | None:
    """`imaps`, `pop3s` and `managesieve` are no protocols of their own any more."""
    words = value.split()
    today = {"imaps": "imap", "pop3s": "pop3", "managesieve": "sieve"}
    gone = [word for word in words if word in today]
    if not gone:
        return None
    lines = [(key, " ".join(dict.fromkeys(today.get(word, word) for word in words)))]
    for plain in ("imap", "pop3"):
        if f"{plain}s" in words and plain not in words:
            lines.append((f"service/{plain}-login/inet_listener/{plain}/port", "0"))
    names = ", ".join(f"{word} (now {today[word]})" for word in gone)
    return Rewritten(tuple(lines), f"protocols no longer has {names}")


def _workarounds(key: str, value: str) -> Rewritten | None:
    words = value.replace(",", " ").split()
    gone = [word for word in words if word in _GONE_WORKAROUNDS]
    if not gone:
        return None
    kept = " ".join(word for word in words if word not in gone)
    return Rewritten(((key, kept),), f"{key}={' '.join(gone)} is no longer necessary")


def _ssl_protocols(key: str, value: str) -> Rewritten:
    """The lowest version that a list such as `!SSLv3 !TLSv1` leaves."""
    words = value.replace(",", " ").split()
    on = [word for word in words if not word.startswith("!")]
    left = [v for v in _SSL_VERSIONS if (v in on if on else f"!{v}" not in words)]
    lines = (("ssl_min_protocol", left[0]),) if left else ()
    return Rewritten(lines, f"{key} has been replaced by ssl_min_protocol")


def _cache_size(key: str, value: str) -> Rewritten | None:
    if not (value.isdigit() and 0 < int(value) < 1024):
        return None
    return Rewritten(((key, f"{value}M"),), f"{key} no longer defaults to megabytes. Use {value}M")


_CHANGES: Final[dict[str, _Rewrite]] = {
    "protocols": _protocols,
    "imap_client_workarounds": _workarounds,
    "auth_cache_size": _cache_size,
    "ssl_protocols": _ssl_protocols,
    "ssl_disable": _renamed("ssl", yes="no", no="yes"),
    "fsync_disable": _renamed("mail_fsync", yes="never", no="optimized"),
    "dbox_rotate_size": _renamed("mdbox_rotate_size"),
    **dict.fromkeys(("ssl_cert_file", "ssl_key_file", "ssl_ca_file"), _file),
    **dict.fromkeys(("sieve", "sieve_storage"), _in_plugin),
    **dict.fromkeys(("ssl_parameters_regenerate", "ssl_dh_parameters_length"), _needless),
    **dict.fromkeys(
        (
            "login_dir",
            "dbox_rotate_min_size",
            "dbox_rotate_days",
            "director_consistent_hashing",
            "mail_log_max_lines_per_sec",
            "maildir_copy_preserve_filename",
            "auth_count",
        ),
        _removed,
    ),
    "login_chroot": _in_services(_LOGIN, "chroot"),
    "login_user": _in_services(_LOGIN, "user"),
    "login_executable": _in_services(_LOGIN, "executable"),
    "login_process_size": _in_services(_LOGIN, "vsz_limit", " M"),
    "login_process_per_connection": _in_services(_LOGIN, "service_count"),
    "login_processes_count": _in_services(_LOGIN, "process_min_avail"),
    "login_max_processes_count": _in_services(_LOGIN, "process_limit"),
    "login_max_connections": _in_services(_LOGIN, "client_limit"),
    "max_mail_processes": _in_services(_MAIL, "process_limit"),
    "mail_executable": _in_services(_MAIL, "executable"),
    "mail_process_size": _in_services(_MAIL, "vsz_limit", " M"),
    "mail_drop_priv_before_exec": _in_services(_MAIL, "drop_priv_before_exec"),
    "auth_executable": _in_services(("auth",), "executable"),
    "auth_process_size": _in_services(("auth",), "vsz_limit", " M"),
    "auth_user": _in_services(("auth",), "user"),
    "auth_chroot": _in_services(("auth",), "chroot"),
}
