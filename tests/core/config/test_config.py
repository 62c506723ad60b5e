"""A whole dovecot.conf of the kind that the benchmark uses."""

from pathlib import Path

from culver.config.common import COMMON, NamespaceBlock, ServiceBlock, SslSettings, UserdbBlock
from culver.config.load import load

CONFIGURATION = """
protocols = imap pop3 lmtp sieve
listen = 127.0.0.1
auth_mechanisms = plain login
disable_plaintext_auth = no
ssl_cert = <cert.pem
ssl_key = <key.pem
ssl_dh =
mail_plugins =
default_vsz_limit = 2G
namespace inbox {
  inbox = yes
  separator = /
  mailbox Sent {
    auto = create
    special_use = \\Sent
  }
}
userdb {
  driver = static
  args = uid=vmail gid=vmail home=/srv/mail/%u
}
protocol lmtp {
  mail_plugins = sieve
  postmaster_address = postmaster@example.com
}
service imap-login {
  inet_listener imap {
    port = 21143
  }
  process_limit = 4000
  process_limit = 2
}
plugin {
  sieve = file:~/sieve;active=~/.dovecot.sieve
}
"""


def test_it_loads_with_warnings_only(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("cert")
    (tmp_path / "key.pem").write_text("key")
    path = tmp_path / "dovecot.conf"
    path.write_text(CONFIGURATION)

    config = load(str(path), COMMON)

    assert [warning.setting for warning in config.warnings] == ["postmaster_address"]
    assert config.get(SslSettings).ssl_cert == "cert"
    assert config.blocks(ServiceBlock)[0].process_limit == 2
    assert config.blocks(NamespaceBlock)[0].mailboxes[0].auto == "create"
    assert config.blocks(UserdbBlock)[0].args.endswith("%u")
    assert config.plugin("lmtp")["sieve"].startswith("file:")
