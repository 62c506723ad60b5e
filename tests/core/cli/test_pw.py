"""`culver pw` does what `doveadm pw` does."""

import io

import pytest

from culver.cli import pw
from culver.cli.main import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["pw", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["-p", "x", "-s", "PLAIN"], "{PLAIN}x\n"),
        (["-p", "x", "-s", "plain.hex"], "{PLAIN.HEX}78\n"),
        (["-p", "x", "-s", "PLAIN", "-V"], "{PLAIN}x (verified)\n"),
        (["-p", "x", "-t", "{PLAIN}x"], "{PLAIN}x (verified)\n"),
        (["-p", "x", "-t", "{PLAIN.HEX}78"], "{PLAIN.HEX}78 (verified)\n"),
        (
            ["-p", "secret", "-s", "SHA1"],
            "{SHA1}5en6G6MezRroT3XKqkdPOmY/BfQ=\n",
        ),
        (
            ["-p", "secret", "-s", "digest-md5", "-u", "alice@example.org"],
            "{DIGEST-MD5}543e1aec5d3614f03141652d6ada51b2\n",
        ),
    ],
)
def test_what_is_printed(
    capsys: pytest.CaptureFixture[str], arguments: list[str], printed: str
) -> None:
    assert run(capsys, *arguments) == (0, printed, "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-p", "x", "-t", "{PLAIN}y"], "check failed: Password mismatch"),
        (["-p", "x", "-t", "y"], "Missing {scheme} prefix from hash"),
        (["-p", "x", "-s", "ROT13"], "unknown password scheme 'ROT13'; known: ARGON2I,"),
        (["-p", "x", "-t", "{PLAIN.HEX}zz"], "a PLAIN.HEX password is not valid hex"),
        (["-p", "x", "-s", "OTP"], "is no longer supported"),
        (["-p", "x", "-r", "4294967296"], "Invalid number of rounds: 4294967296"),
        (["-p", "x", "-r", "-1"], "Invalid number of rounds: -1"),
    ],
)
def test_errors_go_to_stderr_with_75(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    code, out, err = run(capsys, *arguments)

    assert (code, out) == (75, "")
    assert err.startswith("culver pw: Fatal: ")
    assert said in err


def test_the_default_scheme_is_crypt_and_the_rounds_are_its_cost(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, out, _ = run(capsys, "-p", "x", "-r", "4")

    assert out.startswith("{CRYPT}$2y$04$")


def test_the_list_leaves_out_schemes_of_the_past(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "-l")

    assert {"PLAIN", "ARGON2ID", "SSHA512"} <= set(out.split())
    assert "OTP" not in out.split()


def test_a_pipe_gives_the_password_twice(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a\nb\na\na\n"))

    code, out, err = run(capsys, "-s", "PLAIN")

    assert (code, out) == (0, "{PLAIN}a\n")
    assert "Passwords don't match!" in err


def test_three_mismatches_are_enough(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a\nb\n" * 3))

    assert run(capsys)[:2] == (1, "")


def test_a_terminal_is_asked_unseen(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    monkeypatch.setattr(pw, "getpass", lambda prompt: f"typed at {prompt}")

    _, out, _ = run(capsys, "-t", "{PLAIN}typed at Enter password to verify: ")

    assert out.endswith(" (verified)\n")
