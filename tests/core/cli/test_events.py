"""`culver events` answers from the event classes."""

import json

import pytest

from culver.cli.main import main
from culver_events.registry import default_registry


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["events", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_every_event_is_listed_with_its_first_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "list")

    assert code == 0
    assert {line.split()[0] for line in out.splitlines()} >= set(default_registry().names())
    assert all(line.endswith(".") for line in out.splitlines())


def test_a_category_holds_its_children(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "list", "-c", "storage")
    names = {line.split()[0] for line in out.splitlines()}

    assert "mail_appended" in names
    assert "login_succeeded" not in names


def test_a_level_is_a_category_too(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "list", "-c", "error")

    assert "plugin_failed" in out
    assert "mail_appended" not in out


def test_an_unknown_category_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "list", "-c", "post")

    assert (code, out) == (2, "")
    assert "no category 'post'" in err
    assert "storage" in err


def test_an_event_is_shown_with_its_own_and_its_inherited_fields(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, out, _ = run(capsys, "show", "mail_expunged")

    assert out.startswith("mail_expunged: version 1, category mail, level info\n")
    assert "  size        int?     Size, in bytes\n" in out
    assert "  message_id  str?     Message-ID header [personal]\n" in out
    assert "Inherited with mailbox:" in out


def test_an_unknown_event_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    for action in ("show", "schema"):
        code, out, err = run(capsys, action, "mail_expnged")

        assert (code, out) == (2, "")
        assert "did you mean mail_expunged?" in err
    assert "see culver events list" in run(capsys, "show", "zzzz")[2]


def test_schemas_of_one_and_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    one = json.loads(run(capsys, "schema", "mail_expunged")[1])
    every = json.loads(run(capsys, "schema")[1])

    assert one["required"] == ["uid"]
    assert every["mail_expunged"] == one
