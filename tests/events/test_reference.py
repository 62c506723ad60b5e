"""The reference page: complete, and the committed one is current."""

import runpy
from pathlib import Path

import pytest

from culver_events.reference import markdown
from culver_events.registry import default_registry

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "events.md"


def test_the_committed_page_is_current() -> None:
    """When this fails: `python -m culver_events.reference > docs/reference/events.md`."""
    assert PAGE.read_text() == markdown(default_registry())


def test_every_event_and_field_is_on_the_page() -> None:
    registry = default_registry()
    page = markdown(registry)

    for cls in registry:
        assert f"\n## {cls.__event_info__.name}\n" in page
        for field in cls.__struct_fields__:
            assert f"| `{field}` |" in page


def test_a_row_tells_type_unit_choices_and_privacy() -> None:
    page = markdown(default_registry())

    assert "| `net_in_bytes` | int | Received from the client, in bytes. |" in page
    assert "| `user` | str, may be absent | User name after all changes of the lookups." in page
    assert "*Personal.*" in page
    assert "(debug, info, warning, error, fatal, panic)" in page


def test_the_module_prints_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(_module()), run_name="__main__")

    assert capsys.readouterr().out == markdown(default_registry())


def _module() -> Path:
    import culver_events.reference

    return Path(culver_events.reference.__file__)
