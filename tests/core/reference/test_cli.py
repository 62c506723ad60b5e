"""The page of the command line says what the parsers take."""

from culver.cli.main import BUNDLED
from culver.reference import cli


def test_every_command_and_action_has_a_section() -> None:
    page = cli.markdown()

    for name in BUNDLED:
        assert f"\n## culver {name}\n" in page
    assert "\n### culver plugin explain\n" in page


def test_options_positionals_and_what_they_mean() -> None:
    page = cli.markdown()

    assert (
        "| `-p PASSWORD`, `--plaintext PASSWORD` | The password; asked for if not given |" in page
    )
    assert "| `-V`, `--reverse-verify` |" in page
    assert "| `[SETTING ...]` |" in page
    assert "--help" not in page.replace("`culver COMMAND --help`", "")
