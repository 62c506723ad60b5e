"""The configuration that Dovecot and culver are both started with, as one text."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.peers.certificate import Certificate
from tests.peers.owner import Owner
from tests.peers.ports import HOST, free_ports

PASSWORD = "pass"
"""Every user's password."""

DOMAIN_OF_POSTMASTER = "example.com"


@dataclass(frozen=True, slots=True)
class Ports:
    """A server's TCP ports on the loopback address; a protocol it does not speak has none open."""

    imap: int
    imaps: int
    lmtp: int
    pop3: int
    pop3s: int

    @classmethod
    def free(cls) -> Self:
        """Ports that are free now."""
        return cls(*free_ports(5))

    def of(self, protocols: Sequence[str]) -> list[int]:
        """Those that a server of these protocols listens on."""
        known = {
            "imap": [self.imap, self.imaps],
            "lmtp": [self.lmtp],
            "pop3": [self.pop3, self.pop3s],
        }
        return [port for protocol in protocols for port in known[protocol]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What two servers may have in common: the mail, its owner, the users and the certificate."""

    mail: Path
    """A folder for each user, named after it: its home."""
    users: Path
    """The passwd-file."""
    owner: Owner
    certificate: Certificate
    mail_location: str = "maildir:~/Maildir"

    @classmethod
    def make(
        cls,
        folder: Path,
        certificate: Certificate,
        users: Sequence[str],
        mail_location: str = "maildir:~/Maildir",
    ) -> Self:
        """Lay a site out in `folder`, with `PASSWORD` for every user."""
        owner = Owner.of_mail()
        mail, passwd = folder / "mail", folder / "users"
        mail.mkdir(parents=True)
        passwd.write_text("".join(f"{user}:{{PLAIN}}{PASSWORD}\n" for user in users))
        owner.own(mail)
        return cls(
            mail=mail,
            users=passwd,
            owner=owner,
            certificate=certificate,
            mail_location=mail_location,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerConfig:
    """One server over a site."""

    site: Site
    folder: Path
    """The server's own: configuration, sockets, state and log."""
    protocols: tuple[str, ...] = ("imap", "lmtp")
    ports: Ports = field(default_factory=Ports.free)
    extra: str = ""
    """More settings, in the same language, last."""

    @property
    def log(self) -> Path:
        """The file that `log_path` names."""
        return self.folder / "server.log"

    def text(self) -> str:
        """The configuration, in the language of Dovecot 2.3."""
        parts = [self._kernel(), self._mail(), _users(self.site), self._services()]
        if self.site.owner.rootless:
            parts.append(rootless(self.site.owner))
        return "\n".join([*parts, _NO_PENALTY, self.extra, ""])

    def _kernel(self) -> str:
        certificate = self.site.certificate
        return f"""\
protocols = {" ".join(self.protocols)}
listen = {HOST}
base_dir = {self.folder}/run
state_dir = {self.folder}/state
log_path = {self.log}
instance_name = {self.folder.name}
auth_failure_delay = 0
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{certificate.chain}
ssl_key = <{certificate.key}
"""

    def _mail(self) -> str:
        return f"""\
first_valid_uid = 1
first_valid_gid = 1
mail_location = {self.site.mail_location}
mail_max_userip_connections = 1000
recipient_delimiter = +
lmtp_save_to_detail_mailbox = yes
lda_mailbox_autocreate = yes
postmaster_address = postmaster@{DOMAIN_OF_POSTMASTER}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    special_use = \\Sent
  }}
}}
"""

    def _services(self) -> str:
        ports, parts = self.ports, list[str]()
        if "imap" in self.protocols:
            parts.append(_login_service("imap", ports.imap, ports.imaps))
        if "pop3" in self.protocols:
            parts.append(_login_service("pop3", ports.pop3, ports.pop3s))
        if "lmtp" in self.protocols:
            parts.append(_listeners("lmtp", _inet("lmtp", ports.lmtp)))
        return "\n".join(parts)


_NO_PENALTY = """\
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
"""
"""Failed logins of one test must not slow down the others: they share an address."""


def _users(site: Site) -> str:
    owner = site.owner
    return f"""\
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {site.users}
}}
userdb {{
  driver = static
  args = uid={owner.user} gid={owner.group} home={site.mail}/%u
}}
"""


def _inet(name: str, port: int, ssl: bool = False) -> str:
    lines = [f"address = {HOST}", f"port = {port}", *(["ssl = yes"] if ssl else [])]
    return "\n".join([f"  inet_listener {name} {{", *(f"    {line}" for line in lines), "  }"])


def _listeners(service: str, *listeners: str) -> str:
    return "\n".join([f"service {service} {{", *listeners, "}"])


def _login_service(protocol: str, port: int, tls_port: int) -> str:
    return _listeners(
        f"{protocol}-login",
        _inet(protocol, port),
        _inet(f"{protocol}s", tls_port, ssl=True),
    )


def rootless(owner: Owner) -> str:
    """Settings by which every service runs as the user that starts the server."""
    chroots = [f"service {name} {{\n  chroot =\n}}" for name in _CHROOTED]
    return "\n".join(
        [
            f"default_internal_user = {owner.user}",
            f"default_internal_group = {owner.group}",
            f"default_login_user = {owner.user}",
            *chroots,
        ]
    )


_CHROOTED = ("anvil", "imap-login", "pop3-login", "submission-login", "managesieve-login")
