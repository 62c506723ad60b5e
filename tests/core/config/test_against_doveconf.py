"""The same files, read by Dovecot's own doveconf and here, must give the same settings."""

import argparse
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from culver.cli.config import add_arguments, run

DOVECONF = shutil.which("doveconf")

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(DOVECONF is None, reason="doveconf (Debian: dovecot-core) is missing"),
]

# Dovecot fills these in from programs that it runs; nothing in the file says them.
COMPUTED = ("managesieve_notify_capability", "managesieve_sieve_capability")

QUOTES = """
mail_home = 'it''s \\'x\\''
mail_temp_dir = "a \\"b\\" # c"
mail_location = "  x "   # comment
log_path = a \\
   b\\
 c
instance_name = "half
login_greeting = 'a' b
hostname = foo$bar  $mail_plugins   x
mail_plugins=a  b
recipient_delimiter = "+ "
"""
NUMBERS = """
auth_cache_size = 10M
auth_cache_ttl = 90 s
auth_failure_delay = 2000ms
auth_cache_negative_ttl = 7d
mail_max_userip_connections = 05
mail_temp_scan_interval = 86400 secs
mdbox_rotate_size = 1024 B
mail_attachment_min_size = 1 kiB
default_vsz_limit = 1500k
disable_plaintext_auth = NO
mail_debug = y
verbose_ssl = 1
service auth {
  unix_listener auth-userdb {
    mode = 0600
  }
  vsz_limit = 1G
  idle_kill = 60 s
  inet_listener x {
    port = 0143
    ssl = yes
  }
}
"""
DEFAULTS = """
mail_fsync = optimized
auth_mechanisms = plain
listen = *, ::
first_valid_uid = 500
auth_failure_delay = 2s
ssl = yes
mail_plugins =
"""
BLOCKS = """
passdb first {
  driver = pam
}
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u /etc/users
  deny = no
}
passdb {
  driver = static
  args = password=secret nopassword=y
}
userdb {
  driver = static
  args = uid=vmail gid=vmail home=/srv/%u
  default_fields = home=/x
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox "Foo Bar" {
    auto = create
    special_use = \\Drafts \\Sent
  }
  mailbox Sent/x {
    autoexpunge = 30d
  }
  mailbox Empty {
  }
}
namespace inbox {
  hidden = yes
}
namespace {
  prefix = Other/
  type = shared
  location = maildir:%%h/Maildir
}
service imap {
}
service imap-login {
  inet_listener imap {
    port = 143
  }
  inet_listener imaps {
    address = 127.0.0.1
  }
  user = $default_login_user
}
service imap-login {
  process_min_avail = 0
}
plugin {
  quota = maildir:User quota
  sieve = ~/.s
}
plugin {
  quota = count:User
  quota_rule2 = Trash:storage=+10%%
}
dict {
  quota = mysql:/etc/x
}
metric imap {
  filter = event=imap_command_finished
  group_by = cmd_name
}
event_exporter log {
  format = json
  format_args = time-rfc3339
  transport = log
}
"""
FILTERS = """
mail_plugins = quota
protocol imap {
  mail_plugins = $mail_plugins imap_quota
  mail_max_userip_connections = 10
  plugin {
    a = b
  }
}
protocol !imap {
  mail_debug = yes
}
local 127.0.0.0/8 {
  ssl = required
  remote 10.0.0.1 {
    login_greeting = hi
    protocol pop3 {
      login_greeting = ho
    }
  }
}
local_name *.example.org {
  ssl_cert = <cert.pem
}
local_name "a.example.org b.example.org" {
  login_greeting = two
}
remote fd00::/8 {
  mail_debug = yes
}
local 192.0.2.0/24 {
  protocol imap {
    mail_max_keyword_length = 3
  }
}
"""
SECRETS = """
ssl_key = <key.pem
ssl_key_password = x
ssl_cert = <cert.pem
ssl_dh = <dh.pem
auth_policy_hash_nonce = x
doveadm_password = y
doveadm_api_key = z
imapc_password = z
mail_attribute_dict = http://user:pw@host/x
mail_attribute_dict = proxy:x:pass=foo:secret_key=bar keyless nonsecret=x
auth_policy_server_url = https://user@host/key=x
plugin {
  sieve_x_key = abc
  fts_solr = url=http://u:p@h/ key = x
}
"""
OBSOLETE = """
protocols = imap imaps pop3 managesieve
ssl_disable = no
fsync_disable = yes
login_dir = x
dbox_rotate_size = 3M
auth_cache_size = 10
ssl_protocols = !SSLv3 !TLSv1
ssl_cert_file = /tmp/c
"""
NESTED = """
!include conf.d/*.conf
!include_try nothing/*.conf
!include_try nothing.conf
!include {one,two}.inc
mail_home = /last
"""

CONFLICT = """
remote 10.0.0.1 {
  mail_home = a
}
local 10.0.0.2 {
  mail_home = b
  remote 10.0.0.1 {
    mail_uid = c
  }
}
"""

FILES = {
    "quotes": QUOTES,
    "numbers": NUMBERS,
    "defaults": DEFAULTS,
    "blocks": BLOCKS,
    "filters": FILTERS,
    "secrets": SECRETS,
    "obsolete": OBSOLETE,
    "includes": NESTED,
    "nothing": "",
    "lost line": "mail_debug = \\\n # c\nmail_home = x\nmail_uid = a \\\n\nmail_gid = b\n",
    "hash": "mail_home = a#b\nmail_uid = 'a#b'\nmail_gid = x 'y#z' # w\n",
    "crlf": "mail_home = a\r\nprotocol imap {\r\n  mail_debug = yes\r\n}\r\n",
    "tabs": "\tmail_home\t=\ta\t\nprotocol\timap\t{\n\tmail_debug=yes\n\t}\t\n",
    "continued comment": "mail_home = a # b \\\nmail_uid = c\n",
    "variable": "mail_home = $ENV:NOT_SET x\nmail_uid = $first_valid_uid\nmail_gid = '$x'\n",
    "empty values": "mail_home =\nmail_uid = ''\nmail_gid = \"\"\n",
}

REFUSED = {
    "unknown": "\nmail_locaton = x\n",
    "bool": "mail_debug = maybe\n",
    "zero is no bool": "mail_debug = 0\n",
    "size": "auth_cache_size = 10X\n",
    "time": "auth_failure_delay = 10\n",
    "time word": "auth_failure_delay = 10 parsecs\n",
    "milliseconds": "auth_failure_delay = 10 ms\n",
    "number": "first_valid_uid = -1\n",
    "large number": "first_valid_uid = 4294967296\n",
    "enum": "ssl = maybe\n",
    "enum case": "mail_fsync = Never\n",
    "port": "service x {\n  inet_listener y {\n    port = 70000\n  }\n}\n",
    "mode": "service x {\n  unix_listener y {\n    mode = 0888\n  }\n}\n",
    "open": "\nprotocol imap {\n",
    "close": "mail_debug = yes\n}\n",
    "one line": "protocol imap { mail_debug = yes }\n",
    "no brace": "protocol imap\n",
    "word": "mail_debug\n",
    "no key": "= x\n",
    "section": "nosuchsection x {\n}\n",
    "in section": "service x {\n  nosuch = y\n}\n",
    "section in plugin": "plugin {\n  x {\n  }\n}\n",
    "protocol in protocol": "protocol imap {\n  protocol pop3 {\n  }\n}\n",
    "remote in protocol": "protocol imap {\n  remote 10.0.0.1 {\n  }\n}\n",
    "local in remote": "remote 10.0.0.1 {\n  local 10.0.0.2 {\n  }\n}\n",
    "network": "remote 10.0.0.1/40 {\n}\n",
    "narrower": "local 10.0.0.0/24 {\n  local 10.1.0.0/16 {\n  }\n}\n",
    "auth in local": "local 10.0.0.0/24 {\n  auth_mechanisms = x\n}\n",
    "variable itself": "mail_nosuch = $mail_nosuch x\n",
    "include": "!include nosuch.conf\n",
    "include pattern": "!include nosuch/*.conf\n",
    "plugin outside": "quota = x\n",
    "conflict": CONFLICT,
    "space in key": "plugin {\n  odd name = x\n}\n",
}


def ours(*arguments: str) -> int:
    parser = argparse.ArgumentParser(add_help=False)
    add_arguments(parser)
    return run(parser.parse_args(arguments))


def theirs(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert DOVECONF is not None
    return subprocess.run(
        [DOVECONF, *arguments], capture_output=True, text=True, timeout=30, check=False
    )


def settings(output: str) -> list[str]:
    """The lines that say something: no header, nothing that Dovecot computes."""
    found = [line for line in output.splitlines() if line and not line.startswith("#")]
    return [line for line in found if line.split(" = ")[0] not in COMPUTED]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    conf_d = tmp_path / "conf.d"
    conf_d.mkdir()
    (conf_d / "10-a.conf").write_text("mail_home = /a\nprotocol imap {\n!include ../inner.inc\n}\n")
    (conf_d / "20-b.conf").write_text("mail_home = /b\nmail_uid = b\n")
    (tmp_path / "inner.inc").write_text("mail_debug = yes\n")
    (tmp_path / "one.inc").write_text("mail_gid = one\n")
    (tmp_path / "two.inc").write_text("mail_gid = two\n")
    for name in ("cert.pem", "key.pem", "dh.pem"):
        (tmp_path / name).write_text(f"the {name}")
    return tmp_path


@pytest.mark.parametrize("flag", ["-n", "-N"])
@pytest.mark.parametrize("name", FILES)
def test_the_same_settings(
    name: str, flag: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "x.conf"
    path.write_bytes(FILES[name].encode())

    expected = theirs(flag, "-c", str(path))
    assert expected.returncode == 0, expected.stderr
    assert ours(flag, "-c", str(path)) == 0
    assert settings(capsys.readouterr().out) == settings(expected.stdout)


@pytest.mark.parametrize(
    "arguments",
    [
        ("-f", "protocol=imap"),
        ("-f", "service=pop3"),
        ("-f", "local=127.0.0.1", "-f", "remote=10.0.0.1"),
        ("-f", "local=127.0.0.1", "-f", "remote=10.0.0.1", "-f", "protocol=pop3"),
        ("-f", "lname=a.example.org"),
        ("-f", "lname=c.example.org", "-f", "protocol=imap"),
        ("-f", "remote=fd00::1"),
        ("-f", "remote=192.0.2.77"),
        ("-f", "local=192.0.2.77", "-f", "protocol=imap"),
    ],
)
def test_the_same_settings_of_a_connection(
    arguments: tuple[str, ...], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "x.conf"
    path.write_text(FILTERS)

    expected = settings(theirs("-n", "-c", str(path), *arguments).stdout)
    assert ours("-n", "-c", str(path), *arguments) == 0
    assert settings(capsys.readouterr().out) == expected


@pytest.mark.parametrize(
    "arguments",
    [
        ("mail_home",),
        ("-h", "mail_home"),
        ("-h", "auth_failure_delay", "first_valid_uid"),
        ("namespace/inbox/separator",),
        ("-x", "hostname"),
        ("plugin/quota",),
        ("nosuch",),
        ("service/auth/vsz_limit",),
        ("mail_debug", "log_timestamp"),
    ],
)
def test_the_same_answer_for_a_name(
    arguments: tuple[str, ...], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "x.conf"
    path.write_text(QUOTES + NUMBERS + BLOCKS)

    expected = theirs("-c", str(path), *arguments).stdout
    assert ours("-c", str(path), *arguments) == 0
    assert capsys.readouterr().out == expected


@pytest.mark.parametrize("name", ["secrets", "filters", "quotes"])
def test_expanded_and_with_secrets(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "x.conf"
    path.write_text(FILES[name])

    expected = settings(theirs("-nPx", "-c", str(path)).stdout)
    assert ours("-nPx", "-c", str(path)) == 0
    assert settings(capsys.readouterr().out) == expected


@pytest.mark.parametrize("name", REFUSED)
def test_the_same_is_refused_at_the_same_line(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "x.conf"
    path.write_text(REFUSED[name])

    expected = theirs("-n", "-c", str(path))
    assert expected.returncode == 89
    assert ours("-n", "-c", str(path)) == 89
    errors = capsys.readouterr().err
    # Where settings contradict each other Dovecot names only the file.
    line = re.search(r"Fatal: .* line (\d+):", expected.stderr)
    if line:
        assert f"line {line[1]}: " in errors
