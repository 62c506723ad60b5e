"""Lines of older Dovecots."""

import pytest

from culver.config.obsolete import rewrite

TABLE: list[tuple[str, str, dict[str, str]]] = [
    ("protocols", "imap imaps managesieve", {"protocols": "imap sieve"}),
    (
        "protocols",
        "imaps pop3s",
        {
            "protocols": "imap pop3",
            "service/imap-login/inet_listener/imap/port": "0",
            "service/pop3-login/inet_listener/pop3/port": "0",
        },
    ),
    ("ssl_disable", "yes", {"ssl": "no"}),
    ("ssl_cert_file", "/c", {"ssl_cert": "</c"}),
    ("ssl_cert_file", "", {}),
    ("ssl_protocols", "!SSLv3 !TLSv1", {"ssl_min_protocol": "TLSv1.1"}),
    ("ssl_protocols", "TLSv1.2", {"ssl_min_protocol": "TLSv1.2"}),
    ("ssl_protocols", "!SSLv3 !TLSv1 !TLSv1.1 !TLSv1.2", {}),
    ("fsync_disable", "Yes", {"mail_fsync": "never"}),
    ("dbox_rotate_size", "3M", {"mdbox_rotate_size": "3M"}),
    ("mail_cache_compress_min_size", "1k", {"mail_cache_purge_min_size": "1k"}),
    ("sieve", "~/s", {"plugin/sieve": "~/s"}),
    ("sieve_storage", "~/s", {"plugin/sieve_dir": "~/s"}),
    ("login_dir", "x", {}),
    ("ssl_dh_parameters_length", "1", {}),
    ("auth_cache_size", "10", {"auth_cache_size": "10M"}),
    ("imap_client_workarounds", "outlook-idle, x", {"imap_client_workarounds": "x"}),
    (
        "login_chroot",
        "no",
        {"service/imap-login/chroot": "", "service/pop3-login/chroot": ""},
    ),
    (
        "mail_process_size",
        "10",
        {"service/imap/vsz_limit": "10 M", "service/pop3/vsz_limit": "10 M"},
    ),
    ("auth_user", "x", {"service/auth/user": "x"}),
]


@pytest.mark.parametrize(("key", "value", "lines"), TABLE)
def test_what_a_line_means_today(key: str, value: str, lines: dict[str, str]) -> None:
    found = rewrite(key, value, "")

    assert found is not None
    assert dict(found.lines) == lines
    assert found.warning


@pytest.mark.parametrize(
    ("key", "value", "inside"),
    [
        ("protocols", "imap", ""),
        ("auth_cache_size", "10M", ""),
        ("auth_cache_size", "1024", ""),
        ("imap_client_workarounds", "x", ""),
        ("mail_home", "x", ""),
        ("sieve", "x", "plugin"),
    ],
)
def test_a_line_of_today_stays(key: str, value: str, inside: str) -> None:
    assert rewrite(key, value, inside) is None
