"""The page of IMAP's commands comes from the table."""

from culver_plugins.imap.reference import markdown
from culver_plugins.imap.wire.table import CommandTable


def test_a_row_for_each_command_with_the_states_it_leads_to() -> None:
    page = markdown()

    for name in CommandTable().names():
        assert f"\n| `{name}` | " in page
    row = next(line for line in page.splitlines() if line.startswith("| `SELECT` |"))
    assert row.endswith("|  | → selected | → selected |")


def test_capabilities_stand_with_the_command_that_brings_them() -> None:
    assert "- After login, with `MOVE`: `MOVE`\n" in markdown()
