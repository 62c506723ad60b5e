"""`culver config` as it is called."""

import argparse
from pathlib import Path

import pytest

from culver.cli.config import add_arguments, run


def call(*arguments: str, add_help: bool = False) -> int:
    parser = argparse.ArgumentParser(add_help=add_help)
    add_arguments(parser)
    return run(parser.parse_args(arguments))


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "dovecot.conf"
    file.write_text(
        "mail_home = /x\nauth_policy_hash_nonce = geheim\nssl_cert = <cert.pem\n"
        "passdb {\n  driver = static\n  args = password=geheim\n}\n"
        "protocol imap {\n  mail_home = /y\n}\n"
    )
    (tmp_path / "cert.pem").write_text("CERT")
    return str(file)


def body(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line for line in capsys.readouterr().out.splitlines() if line[:1] != "#"]


def test_what_is_not_default(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("-n", "-c", path) == 0
    assert body(capsys) == [
        "auth_policy_hash_nonce = # hidden, use -P to show it",
        "mail_home = /x",
        "passdb {",
        "  args = password=#hidden_use-P_to_show#",
        "  driver = static",
        "}",
        "ssl_cert = <cert.pem",
        "protocol imap {",
        "  mail_home = /y",
        "}",
    ]


def test_secrets_and_contents_if_asked_for(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("-nPx", "-c", path) == 0
    found = body(capsys)
    assert "auth_policy_hash_nonce = geheim" in found
    assert "  args = password=geheim" in found
    assert "ssl_cert = CERT" in found


def test_the_header_names_the_file(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("-n", "-c", path) == 0
    first, system, host = capsys.readouterr().out.splitlines()[:3]
    assert first.endswith(f": {path}")
    assert system.startswith("# OS: ")
    assert host.startswith("# Hostname: ")


def test_one_setting(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("-c", path, "mail_home") == 0
    assert call("-h", "-c", path, "-f", "protocol=imap", "mail_home") == 0
    assert call("-c", path, "-o", "mail_home=/z", "mail_home", add_help=True) == 0
    assert capsys.readouterr().out == "mail_home = /x\n/y\nmail_home = /z\n"


def test_simple(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("-nS", "-c", path) == 0
    assert "passdb/0/driver=static" in body(capsys)


def test_defaults_read_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("-d", "-c", "/no/such/file") == 0
    found = body(capsys)
    assert "first_valid_uid = 500" in found
    assert found == sorted(found, key=lambda line: line.split(" ")[0])


@pytest.mark.parametrize(
    "arguments",
    [
        ("-c", "/no/such/file"),
        ("-d", "-f", "nosuch=x"),
        ("-d", "-f", "protocol"),
        ("-d", "-o", "x"),
        ("-d", "-o", "nosuch=x"),
    ],
)
def test_exit_code(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert call(*arguments) == 89
    assert capsys.readouterr().err.startswith("culver config: Fatal: ")


def test_all_errors_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "x.conf"
    file.write_text("nosuch = x\nssl = maybe\n")

    assert call("-n", "-c", str(file)) == 89
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(
        f"culver config: Fatal: Error in configuration file {file} line 1: nosuch: Unknown setting"
    )
    assert second.endswith("line 2: ssl: Invalid value: maybe (allowed: yes, no, required)")


def test_a_file_that_is_gone_with_x(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(path).write_text("ssl_cert = <nosuch.pem\n")

    assert call("-n", "-c", path) == 0
    assert call("-nx", "-c", path) == 89
    assert "Can't open file" in capsys.readouterr().err


def test_warnings(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(path).write_text("mbox_md5 = all\n")

    assert call("-n", "-c", path) == 0
    assert "mbox_md5: is not used yet" in capsys.readouterr().err
