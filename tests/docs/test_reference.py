"""The generated pages are current, and every bundled plugin has its own page."""

from pathlib import Path

import pytest
from tests.docs.pages import ROOT, fences

from culver.reference.__main__ import main
from culver.reference.pages import bundled_plugins

REFERENCE = ROOT / "docs" / "reference"
PLUGINS = ROOT / "docs" / "plugins"
FOLDERS = sorted(path.parent.name for path in ROOT.glob("plugins/culver_plugins/*/plugin.py"))


def test_the_committed_pages_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    """When this fails: `make reference`."""
    assert main([str(REFERENCE), "--check"]) == 0, capsys.readouterr().out


def test_what_is_stale_is_told_and_then_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), "--check"]) == 1
    assert "hooks.md: not current" in capsys.readouterr().out
    assert main([str(tmp_path)]) == 0
    assert main([str(tmp_path), "--check"]) == 0


def test_every_plugin_folder_is_an_entry_point_of_its_name() -> None:
    assert sorted(bundled_plugins()) == FOLDERS


@pytest.mark.parametrize("name", FOLDERS)
def test_a_bundled_plugin_has_a_page_on_the_template(name: str) -> None:
    page = PLUGINS / f"{name}.md"
    text = page.read_text(encoding="utf-8")

    assert text.startswith(f"# {name}\n")
    assert "\n## Example\n" in text
    assert fences(page, "conf"), "the example is a block that can be tried"
    assert "\n## Settings\n" in text
    assert f"({name}.md)" in (PLUGINS / "README.md").read_text(encoding="utf-8")
