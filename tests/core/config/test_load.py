"""Reading, checking, and what is said of faults."""

import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.config.common import (
    COMMON,
    AuthSettings,
    DictSettings,
    InetListenerBlock,
    MailSettings,
    NamespaceBlock,
    PassdbBlock,
    ServerSettings,
    ServiceBlock,
    SslSettings,
    UnixListenerBlock,
)
from culver.config.config import Config
from culver.config.errors import ConfigError, ConfigErrors
from culver.config.load import load, loads, unfold
from culver.config.schema import Declarations
from culver.config.settings import NumberedList, Port, Secret, Settings, Size, doc


class QuotaSettings(Settings):
    """Quota."""

    quota: Annotated[str, doc("Root")] = ""
    quota_rule: Annotated[NumberedList, doc("Rules")] = NumberedList()
    quota_grace: Annotated[Size, doc("Grace")] = Size(0)


ALL = COMMON + Declarations(
    settings=(QuotaSettings,),
    defaults=(
        ServiceBlock(
            name="imap-login",
            protocol="imap",
            inet_listeners=(
                InetListenerBlock(name="imap", port=Port(143)),
                InetListenerBlock(name="imaps", port=Port(993), ssl=True),
            ),
        ),
    ),
)


def config(text: str, overrides: Mapping[str, str] | None = None) -> Config:
    return loads(text, ALL, overrides, resolve=lambda name: "192.0.2.1")


def errors(text: str) -> list[ConfigError]:
    with pytest.raises(ConfigErrors) as caught:
        config(text)
    return list(caught.value.errors)


FAULTS: list[tuple[str, int, str, str]] = [
    ("\nmail_locaton = x", 2, "mail_locaton", "did you mean mail_location?"),
    ("mail_debug = maybe", 1, "mail_debug", "allowed: yes, no"),
    ("ssl = maybe", 1, "ssl", "allowed: yes, no, required"),
    ("auth_failure_delay = 10", 1, "auth_failure_delay", "missing units"),
    ("mdbox_rotate_size = x", 1, "mdbox_rotate_size", "Invalid size: x"),
    ("plugin {\nquota_grace = x\n}", 2, "quota_grace", "allowed: bytes"),
    ("acl = vfile", 1, "acl", "belongs into plugin"),
    ("ssl_server_cert_file = x", 1, "ssl_server_cert_file", "in 2.3 it is ssl_cert"),
    ("dovecot_config_version = 2.4.1", 1, "dovecot_config_version", "of Dovecot 2.4"),
    ("servcie x {\n}", 1, "servcie", "did you mean service?"),
    ("sql_query_x {\n}", 1, "sql_query_x", "Unknown section"),
    ("service x {\nprocess_limt = 3\n}", 2, "process_limt", "did you mean process_limit?"),
    ("service x {\nunix_listner y {\n}\n}", 2, "unix_listner", "did you mean unix_listener?"),
    ("plugin {\nx {\n}\n}", 2, "x", "Section not allowed here"),
    ("protocol imap {", 0, "", "Missing '}' (section started at <text>:1)"),
    ("}", 1, "", "Unexpected '}'"),
    ("mail_home = $nosuch", 1, "mail_home", "Unknown variable: $nosuch"),
    ("ssl_cert = </no/such/file", 1, "ssl_cert", "Can't open file /no/such/file"),
    ("!include nosuch", 1, "!include", "No matches"),
    ("remote 10.0.0.0/8 {\nauth_debug = yes\n}", 2, "auth_debug", "not supported inside"),
    ("remote 10.0.0.0/8 {\npassdb {\n}\n}", 2, "passdb", "not supported inside"),
    ("local x/77 {\n}", 1, "local", "Invalid IP address or network"),
    ("nonsense", 1, "nonsense", "Expecting"),
]


@pytest.mark.parametrize(("text", "line", "setting", "message"), FAULTS)
def test_a_fault_says_where_and_what_is_allowed(
    text: str, line: int, setting: str, message: str
) -> None:
    found = errors(text)

    assert len(found) == 1
    assert (found[0].file, found[0].line, found[0].setting) == ("<text>", line, setting)
    assert message in str(found[0])


def test_all_faults_come_at_once() -> None:
    found = errors("nosuch1 = x\nssl = x\nservice y {\nz = 1\n}\nprotocol imap {\nssl = q\n}\n")

    assert [error.line for error in found] == [1, 2, 4, 7]
    assert str(ConfigErrors(found)).count("\n") == 3


def test_a_setting_that_nothing_uses_is_told_once() -> None:
    found = config("pop3_uidl_format = %g\nprotocol pop3 {\npop3_uidl_format = %u\n}\n")

    assert [(w.setting, w.line) for w in found.warnings] == [("pop3_uidl_format", 1)]


def test_a_global_value_after_a_filter_is_told() -> None:
    found = config("protocol imap {\nmail_debug = yes\n}\nmail_debug = no\n")

    assert "won't change" in found.warnings[0].message
    assert found.get(MailSettings, "imap").mail_debug


def test_defaults() -> None:
    found = config("")

    assert found.get(MailSettings) == MailSettings()
    assert found.get(MailSettings) is found.get(MailSettings)
    assert found.blocks(PassdbBlock) == ()
    assert found.warnings == ()


def test_filters_lay_over_each_other() -> None:
    found = config(
        """
        mail_plugins = quota
        protocol imap {
          mail_plugins = $mail_plugins imap_quota
        }
        remote 10.0.0.0/8 {
          mail_debug = yes
          protocol imap {
            mail_home = /inner
          }
        }
        """
    )

    assert found.get(MailSettings).mail_plugins == ("quota",)
    imap = found.get(MailSettings, "imap", remote_ip="10.1.1.1")
    assert imap.mail_plugins == ("quota", "imap_quota")
    assert imap.mail_debug
    assert imap.mail_home == "/inner"
    assert not found.get(MailSettings, "imap", remote_ip="11.1.1.1").mail_debug
    assert found.get(MailSettings, "imap", remote_ip="10.9.9.9") is imap


def test_many_addresses_are_not_kept_for_ever() -> None:
    found = config("remote 10.0.0.0/8 {\nmail_debug = yes\n}\n")

    for number in range(5000):
        address = f"10.0.{number // 256}.{number % 256}"
        assert found.get(MailSettings, remote_ip=address).mail_debug


def test_blocks() -> None:
    found = config(
        """
        passdb {
          driver = a
        }
        passdb {
          driver = b
          pass = yes
        }
        protocol imap {
          passdb {
            driver = first
          }
        }
        service auth {
          unix_listener x {
            path = y
            mode = 0660
          }
        }
        service auth {
          client_limit = 7
        }
        namespace inbox {
          inbox = yes
          mailbox Sent {
            special_use = \\Sent
          }
        }
        """
    )

    assert [block.driver for block in found.blocks(PassdbBlock)] == ["a", "b"]
    assert found.blocks(PassdbBlock)[1].pass_
    assert [b.driver for b in found.blocks(PassdbBlock, "imap")] == ["first", "a", "b"]
    auth = found.blocks(ServiceBlock)[1]
    assert (auth.name, auth.client_limit) == ("auth", 7)
    assert auth.unix_listeners == (UnixListenerBlock(name="y", mode=auth.unix_listeners[0].mode),)
    assert auth.unix_listeners[0].mode == 0o660
    namespace = found.blocks(NamespaceBlock)[0]
    assert namespace.alias_for is None
    assert namespace.mailboxes[0].special_use == ("\\Sent",)


def test_what_is_written_lies_over_a_default_block() -> None:
    text = "service imap-login {\ninet_listener imaps {\nport = 0\n}\ninet_listener x {\n}\n}\n"
    service = config(text).blocks(ServiceBlock)[0]

    assert service.protocol == "imap"
    assert [(i.name, int(i.port), i.ssl) for i in service.inet_listeners] == [
        ("imap", 143, False),
        ("imaps", 0, True),
        ("x", 0, False),
    ]


def test_settings_of_plugins_and_free_keys() -> None:
    found = config(
        "plugin {\nquota = count\nquota_rule = a\nquota_rule2 = b\nquota_rule4 = d\nother = x\n}\n"
        "plugin {\nquota_grace = 1k\n}\ndict {\nq = file:/x\n}\n"
    )
    quota = found.get(QuotaSettings)

    assert (quota.quota, quota.quota_rule, quota.quota_grace) == ("count", ("a", "b"), 1024)
    assert found.plugin()["other"] == "x"
    assert found.get(DictSettings).dict_ == {"q": "file:/x"}


def test_raw() -> None:
    found = config("mail_home = /x\nplugin {\nq = y\n}\nservice auth {\nuser = z\n}\n")

    assert found.raw("mail_home") == "/x"
    assert found.raw("q") == "y"
    assert found.raw("plugin/q") == "y"
    assert found.raw("service/auth/user") == "z"
    assert found.raw("first_valid_uid") == "500"
    assert found.raw("mdbox_rotate_size") == "10 M"
    assert found.raw("nosuch") is None


def test_overrides_of_a_user() -> None:
    base = config("mail_home = /x\nprotocol imap {\nmail_home = /y\n}\nnamespace inbox {\n}\n")
    mine = base.with_overrides(
        {
            "mail_home": "/mine",
            "plugin/quota_grace": "2k",
            "quota_rule": "r",
            "namespace/inbox/prefix": "P/",
        }
    )

    assert mine.get(MailSettings, "imap").mail_home == "/mine"
    assert mine.get(QuotaSettings).quota_grace == 2048
    assert mine.get(QuotaSettings).quota_rule == ("r",)
    assert mine.blocks(NamespaceBlock)[0].prefix == "P/"
    assert base.get(MailSettings, "imap").mail_home == "/y"
    assert base.with_overrides({}) is base


@pytest.mark.parametrize("name", ["ssl", "namespace/nosuch/prefix"])
def test_wrong_overrides_of_a_user(name: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        config("").with_overrides({name: "x"})
    assert caught.value.errors[0].file == "userdb"


def test_overrides_of_the_command_line() -> None:
    found = config("mail_home = /x\n", {"mail_home": "/y", "plugin/quota": "q"})

    assert found.get(MailSettings).mail_home == "/y"
    assert found.get(QuotaSettings).quota == "q"
    with pytest.raises(ConfigErrors, match="Unknown section"):
        config("", {"service/x/user": "y"})


def test_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key.pem").write_text("secret\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.conf").write_text("mail_home = /b\nssl_key = <../key.pem\n")
    main = tmp_path / "main.conf"
    main.write_text("!include sub/*.conf\nmail_uid = $ENV:CULVER_TEST_UID\n")
    monkeypatch.setenv("CULVER_TEST_UID", "vmail")

    found = load(str(main), ALL)

    assert found.get(SslSettings).ssl_key == Secret("secret\n")
    assert found.get(MailSettings).mail_home == "/b"
    assert found.get(MailSettings).mail_uid == "vmail"


def test_a_loop_of_includes(tmp_path: Path) -> None:
    main = tmp_path / "main.conf"
    main.write_text("!include other.conf\n")
    (tmp_path / "other.conf").write_text("mail_debug = yes\n!include main.conf\n")

    with pytest.raises(ConfigErrors, match=r"line 2: Recursive include file"):
        load(str(main), ALL)


def test_a_loop_through_a_link(tmp_path: Path) -> None:
    os.symlink(tmp_path, tmp_path / "again")
    main = tmp_path / "main.conf"
    main.write_text("!include again/main.conf\n")

    with pytest.raises(ConfigErrors, match="Recursive include file"):
        load(str(main), ALL)


def test_a_missing_file() -> None:
    with pytest.raises(ConfigErrors, match="Couldn't open file /no/such/file: No such file"):
        load("/no/such/file", ALL)


def test_no_file_is_all_defaults() -> None:
    assert load(None, ALL).get(AuthSettings) == AuthSettings()


def test_protocols_that_packages_add() -> None:
    found = config("protocols = $protocols imap\nprotocols = $protocols lmtp\n")

    assert found.get(ServerSettings).protocols == ("imap", "lmtp")
    assert config("").raw("protocols") == "imap pop3 lmtp"


def test_a_configuration_can_be_sent_to_another_process() -> None:
    found = config("mail_home = /x\nservice auth {\nuser = y\n}\n")
    other: Config = pickle.loads(pickle.dumps(found))

    assert other.get(MailSettings).mail_home == "/x"
    assert other.blocks(ServiceBlock) == found.blocks(ServiceBlock)


def test_sections_on_one_line_are_for_tests() -> None:
    text = "plugin { quota_grace = 1k; quota = x }\nservice a { unix_listener b { mode = 0600 } }"

    assert "}" in unfold(text)
    found = loads(text, ALL, one_line=True)
    assert found.get(QuotaSettings).quota_grace == 1024
    assert found.blocks(ServiceBlock)[1].unix_listeners[0].mode == 0o600
    with pytest.raises(ConfigErrors):
        loads(text, ALL)


def test_two_filters_that_contradict_each_other() -> None:
    found = errors(
        "remote 10.0.0.1 {\nmail_home = a\n}\n"
        "local 10.0.0.2 {\nmail_home = b\nremote 10.0.0.1 {\nmail_uid = c\n}\n}\n"
    )

    assert ["Conflict in setting mail_home" in str(error) for error in found] == [True]


WORDS = st.sampled_from(
    [
        *("mail_home", "ssl", "service", "x", "=", "= yes", "{", "}", "\n", " ", "#", "'", '"'),
        *("\\", "$mail_home", "$x", "<x", "!include", "protocol imap {\n", "local 10.0.0.1 {\n"),
        *("remote", "local_name a {\n", "plugin {\n", "passdb {\n", "/", "namespace", "\0", "é"),
        *("mail_plugins = $mail_plugins a\n", "name = x\n", "unix_listener", "10M", "protocols"),
    ]
)


@given(st.lists(WORDS).map("".join) | st.text())
def test_garbage_is_a_configuration_or_config_errors(text: str) -> None:
    try:
        found = config(text)
    except ConfigErrors:
        return
    for cls in ALL.settings:
        found.get(cls)
    for block in ALL.blocks:
        found.blocks(block)
