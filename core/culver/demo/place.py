"""The demo's directory: accounts, certificate, configuration.  Kept between runs."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path

import msgspec

from culver.demo.certificate import make_certificate

PREFERRED = {"imap": 1143, "imaps": 1993, "lmtp": 1024 + 24}
"""Ports that are tried first, so that a client's settings stay good."""

CONFIG = """\
# Written by `culver demo`; the language and the names are Dovecot 2.3's.
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {run}
log_path = /dev/stderr
mail_location = maildir:~/Maildir
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
auth_mechanisms = plain login
first_valid_uid = 0
first_valid_gid = 0

passdb {{
  driver = passwd-file
  args = {users}
}}
userdb {{
  driver = passwd-file
  args = {users}
  override_fields = home={mail}/%n
}}

namespace inbox {{
  inbox = yes
  separator = /
  mailbox Drafts {{
    auto = subscribe
    special_use = \\Drafts
  }}
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
  mailbox Trash {{
    auto = subscribe
    special_use = \\Trash
  }}
}}

service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
"""


class Place(msgspec.Struct, frozen=True):
    """Where a demo lives and what is in it."""

    root: Path
    config: Path
    ports: dict[str, int]
    passwords: dict[str, str]
    fresh: bool
    """No mail yet: the samples are to be delivered."""


def prepare(root: Path) -> Place:
    """Make what is missing.  Raises OSError when the directory can't be used."""
    for name in ("run", "mail", "tls"):
        (root / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    cert, key = root / "tls" / "cert.pem", root / "tls" / "key.pem"
    make_certificate(cert, key)
    passwords = _passwords(root / "users")
    ports = {name: _free_port(port) for name, port in PREFERRED.items()}
    config = root / "culver.conf"
    config.write_text(
        CONFIG.format(
            run=root / "run",
            cert=cert,
            key=key,
            users=root / "users",
            mail=root / "mail",
            **ports,
        )
    )
    fresh = not any((root / "mail").iterdir())
    return Place(root, config, ports, passwords, fresh)


def _passwords(path: Path) -> dict[str, str]:
    """alice's and bob's; in the clear, because they are printed at every start."""
    if not path.exists():
        lines = [f"{user}:{{PLAIN}}{secrets.token_hex(4)}::::::" for user in ("alice", "bob")]
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    found: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        user, _, rest = line.partition(":")
        found[user] = rest.partition(":")[0].removeprefix("{PLAIN}")
    return found


def _free_port(preferred: int) -> int:
    for port in (preferred, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")
