"""The page of hooks has everything a plugin may use."""

from __future__ import annotations

import pytest

import culver.plugin
from culver.reference import hooks
from culver.reference.docstrings import Undocumented, public_methods
from culver.registry import Registry


def test_every_method_of_the_registry_is_on_the_page() -> None:
    page = hooks.markdown()

    for name in public_methods(Registry):
        assert f"### registry.{name}\n" in page


def test_every_interface_and_every_public_name_is_on_the_page() -> None:
    page = hooks.markdown()

    for cls in hooks.INTERFACES:
        assert f"\n## {cls.__name__}\n" in page
    for name in culver.plugin.__all__:
        assert f"\n- `{name}`" in page


def test_a_registry_method_without_a_docstring_stops_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Registry.metric, "__doc__", None)

    with pytest.raises(Undocumented, match=r"Registry\.metric"):
        hooks.markdown()


def test_an_overridden_method_leads_to_the_interface_that_documents_it() -> None:
    assert "Besides: [`status`](#mailbox), " in hooks.markdown()
