"""`culver adm` without doveadm to compare with: what it prints and how it ends."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.core.cli.adm.conftest import Adm
from tests.peers.config import PASSWORD, Site

from culver.cli.adm.table import COMMANDS, bundled, names
from culver.cli.main import main

MAIL = b"From: Ann <a@example.org>\nSubject: =?utf-8?q?h=C3=A9?=\nMessage-ID: <1@x>\n\nbody\n"


@pytest.fixture
def inbox(adm: Adm, adm_site: Site, monkeypatch: pytest.MonkeyPatch) -> Adm:
    """alice with one mail, and nothing else."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(MAIL)))
    adm("expunge", "-u", "alice", "mailbox", "*", "all")
    adm("mailbox", "delete", "-r", "-s", "-u", "alice", "A", "B")
    assert adm("save", "-u", "alice")[::2] == (0, "")
    return adm


def test_every_command_says_how_it_is_called() -> None:
    for name in COMMANDS:
        command = bundled(name)

        assert command.name == name
        assert len({option.name for option in command.options}) == len(command.options)


def test_words_alone_list_the_commands(adm: Adm) -> None:
    code, out, err = adm()

    assert (code, out) == (64, "")
    assert all(name in err for name in names())


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["nosuch"], 64, "usage"),
        (["mailbox"], 64, "mailbox status"),
        (["fetch"], 64, "culver adm fetch [-u <user>|-A] [-S <socket_path>] <fields>"),
        (["fetch", "-Q", "uid", "all"], 64, "option -Q"),
        (["fetch", "-u", "alice", "nosuch", "all"], 75, "Unknown fetch field: nosuch"),
        (["-f", "xml", "search", "-u", "alice", "all"], 75, "Unknown print formatter: xml"),
        (["search", "-u", "nobody", "all"], 67, "User doesn't exist"),
        (["search", "-S", "/x", "-u", "alice", "all"], 64, "no doveadm socket"),
        (["expunge", "-u", "alice", "all"], 64, "must contain MAILBOX"),
        (["mailbox", "delete", "-u", "alice", "Nope"], 68, "Can't delete mailbox Nope"),
        (["mailbox", "create", "-u", "alice", "Sent", "Sent"], 65, "already exists"),
        (["mailbox", "status", "-u", "alice", "x", "INBOX"], 64, "Unknown status field: x"),
        (["mailbox", "status", "-u", "alice", "-t", "guid", "INBOX"], 64, "used with -t"),
        (["mailbox", "list", "-u", "alice", "\udcff"], 65, "not valid UTF-8"),
        (["flags", "add", "-u", "alice", "\\X", "all"], 75, "Invalid system flag: \\X"),
        (["save", "-u", "alice", "/nonexistent"], 75, "No such file"),
        (["index", "-u", "alice", "-q", "*"], 75, "no indexer"),
        (["index", "-u", "alice", "-n", "x", "*"], 64, "Invalid --max-recent"),
        (["copy", "-u", "alice", "Nope", "all"], 68, "Can't open mailbox 'Nope'"),
        (["import", "-u", "alice", "nope:/x", "", "all"], 75, "unknown driver 'nope'"),
        (["batch", "-u", "alice", ":", "nope"], 64, "'nope' mail command doesn't exist"),
        (["dump", "-t", "nope", "/etc/passwd"], 64, "Unknown type: nope"),
        (["dump", "/etc/passwd"], 65, "Can't autodetect file type"),
        (["user", "-e", "%h", "-u", "alice"], 64, "-e can't be used with -u"),
        (["auth", "test", "alice", "wrong"], 77, ""),
        (["auth", "test", "-a", "/x", "alice", "wrong"], 64, "leave it out"),
        (["-o", "nonsense", "search", "all"], 89, "NAME=VALUE"),
    ],
)
def test_exit_codes(adm: Adm, words: list[str], code: int, text: str) -> None:
    found, _, err = adm(*words)

    assert found == code
    assert text in err


def test_a_configuration_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adm", "-c", "/nonexistent", "search", "all"]) == 89
    assert "/nonexistent" in capsys.readouterr().err


def test_without_u_the_environment_says_who(inbox: Adm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("USER", raising=False)
    assert inbox("search", "all")[0] == 64

    monkeypatch.setenv("USER", "alice")
    monkeypatch.setenv("HOME", "/nonexistent")
    assert inbox("search", "mailbox", "Nope", "all")[0] == 68


def test_a_mail_goes_its_way(inbox: Adm) -> None:
    u = ("-u", "alice")
    assert inbox("mailbox", "create", *u, "-s", "A/B")[0] == 0
    assert inbox("flags", "add", *u, "\\Seen work", "mailbox", "INBOX", "all")[0] == 0
    assert inbox("copy", *u, "A/B", "mailbox", "INBOX", "seen")[0] == 0
    code, out, _ = inbox("-f", "tab", "fetch", *u, "mailbox flags hdr.subject.utf8", "all")

    rows = {tuple(line.split("\t")) for line in out.splitlines()[1:]}
    assert code == 0
    # Nobody has opened them for reading: they are recent, as doveadm says too.
    flags = "\\Seen \\Recent work"
    assert rows == {("INBOX", flags, "hé"), ("A/B", flags, "hé")}
    assert inbox("move", *u, "A/B", "mailbox", "INBOX", "all")[0] == 0
    assert inbox("deduplicate", *u, "-m", "mailbox", "A/B")[0] == 0
    _, out, _ = inbox("mailbox", "status", *u, "messages", "INBOX", "A/B")
    assert out == "INBOX messages=0\nA/B messages=1\n"
    assert inbox("expunge", *u, "-d", "mailbox", "A/B", "all")[0] == 0
    assert "A/B" not in inbox("mailbox", "list", *u)[1]


def test_all_users_and_users_of_a_file(inbox: Adm, tmp_path: Path) -> None:
    code, out, _ = inbox("mailbox", "status", "-A", "messages", "INBOX")

    assert code == 0
    assert out.splitlines()[0] == "alice INBOX messages=1"
    listed = tmp_path / "users"
    listed.write_text("subjec\nnobody\n")
    code, out, err = inbox("mailbox", "status", "-F", str(listed), "messages", "INBOX")
    assert (code, out) == (0, "subjec INBOX messages=0\n")
    assert "no longer exists" in err
    _, out, _ = inbox("mailbox", "status", "-u", "al*", "messages", "INBOX")
    assert out == "alice INBOX messages=1\n"


def test_v_tells_what_is_done(inbox: Adm) -> None:
    assert "INBOX: 1 messages match" in inbox("-v", "search", "-u", "alice", "all")[2]
    assert inbox("search", "-u", "alice", "all")[2] == ""


def test_batch_stops_at_the_first_failure(inbox: Adm) -> None:
    words = [
        "batch",
        "-u",
        "alice",
        ":",
        "mailbox",
        "create",
        "A",
        ":",
        "mailbox",
        "create",
        "A",
        ":",
        "mailbox",
        "create",
        "B",
    ]

    assert inbox(*words)[0] == 65
    assert set(inbox("mailbox", "list", "-u", "alice")[1].split()) >= {"A"}
    assert "B" not in inbox("mailbox", "list", "-u", "alice")[1].split()


def test_import(inbox: Adm, adm_site: Site) -> None:
    location = f"maildir:{adm_site.mail}/alice/Maildir"

    assert inbox("import", "-u", "subjec", "-s", location, "Old", "all")[0] == 0

    _, out, _ = inbox("fetch", "-u", "subjec", "hdr.message-id", "mailbox", "Old/*", "all")
    assert out == "hdr.message-id: <1@x>\n"
    assert "Old/INBOX" in inbox("mailbox", "list", "-s", "-u", "subjec")[1]
    inbox("mailbox", "delete", "-r", "-s", "-u", "subjec", "Old")


def test_sections_and_whole_mails(inbox: Adm) -> None:
    fields = "size.physical body.1 hdr.from.address hdr.from.address_name text body.preview"
    _, out, _ = inbox("-f", "flow", "fetch", "-u", "alice", fields, "all")

    assert out == (
        f"size.physical={len(MAIL)} body.1=body\r\n hdr.from.address=a@example.org"
        f" hdr.from.address_name=Ann text={MAIL.decode()} body.preview=body\n"
    )


def test_users_and_passwords(adm: Adm, adm_site: Site) -> None:
    assert adm("user", "*")[1].split() == ["alice", "oracle", "subjec"]
    assert adm("user", "-f", "home", "alice") == (0, f"{adm_site.mail}/alice\n", "")
    code, out, _ = adm("user", "nobody")
    assert (code, "user nobody doesn't exist" in out) == (67, True)
    code, out, _ = adm("auth", "test", "alice", PASSWORD)
    assert (code, out.splitlines()[0]) == (0, "passdb: alice auth succeeded")
    assert adm("auth", "lookup", "nobody")[0] == 67
    assert adm("pw", "-s", "PLAIN", "-p", "x") == (0, "{PLAIN}x\n", "")


def test_help_is_about_a_command(adm: Adm) -> None:
    code, out, _ = adm("help", "flags", "add")

    assert code == 0
    assert out.startswith("culver adm flags add [-u <user>|-A]")


@pytest.mark.parametrize(
    ("words", "out", "code"),
    [
        (["é&"], "&AOk-&-\n", 0),
        (["-8", "a"], "a\n", 0),
        (["-7", "&AOk-"], "é\n", 0),
        (["-7", "é"], "\n", 65),
    ],
)
def test_mutf7(adm: Adm, words: list[str], out: str, code: int) -> None:
    assert adm("mailbox", "mutf7", *words)[:2] == (code, out)


def test_a_plugin_brings_commands(config_file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from culver.adm.call import Call, Context
    from culver.adm.command import AdmCommand
    from culver.cli.adm.run import run_command
    from culver.cli.adm.table import find
    from culver.registry import Registry

    class Hello(AdmCommand):
        """Greets."""

        name = "say hello"
        usage = "<who>"

        def run(self, call: Call) -> None:
            call.need(1)
            call.context.out.write(f"hello {call.args[0]}\n".encode())

    registry = Registry()
    registry.command("adm", "say hello", Hello)
    found: Any = find(["say", "hello", "bob"], registry)
    assert found[1] == 2
    assert run_command(found[0], ["bob"], Context(None, sys.stdout.buffer)) == 0
    assert capfd.readouterr().out == "hello bob\n"
    assert "say hello" in names("say", registry)
