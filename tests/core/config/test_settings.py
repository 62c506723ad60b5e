"""Declaring settings."""

from collections.abc import Mapping
from typing import Annotated, Literal

import pytest
from msgspec import field

from culver.config.schema import Declarations, schema_of
from culver.config.settings import Block, NumberedList, Settings, Size, doc


class CapSettings(Settings, prefix="cap"):
    """How large a mail may be.

    More words.
    """

    size: Annotated[Size, doc("Largest mail", unit="bytes")] = Size(0)
    mode: Annotated[Literal["on", "off"], doc("How")] = "on"
    rule: Annotated[NumberedList, doc("Rules")] = NumberedList()
    class_: Annotated[str | None, doc("A word of Python's")] = None
    words: Annotated[tuple[str, ...], doc("Words")] = ("a", "b")
    map: Annotated[Mapping[str, str], doc("Free")] = field(default_factory=dict[str, str])


class LeafBlock(Block, section="leaf"):
    """A leaf."""

    green: Annotated[bool, doc("Whether it is")] = True


class TreeBlock(Block, section="tree", name_setting="kind"):
    """A tree."""

    leaves: Annotated[tuple[LeafBlock, ...], doc("Its leaves")] = ()


def test_names_come_from_prefix_and_field() -> None:
    schema = schema_of(CapSettings)

    names = ["cap_size", "cap_mode", "cap_rule", "cap_class", "cap_words", "cap_map"]
    assert list(schema.settings) == names
    assert [s.default_text for s in schema.settings.values()] == ["0", "on", "", "", "a b", ""]
    assert schema.settings["cap_rule"].is_numbered
    assert schema.settings["cap_map"].is_strmap
    assert schema.summary == "How large a mail may be."


def test_blocks_nest() -> None:
    schema = schema_of(TreeBlock)

    assert list(schema.settings) == ["name"]
    assert schema.nested == {"leaf": ("leaves", LeafBlock)}


def test_instances_are_frozen_and_by_keyword() -> None:
    cap = CapSettings(size=Size(3))

    with pytest.raises(AttributeError):
        cap.size = Size(4)
    with pytest.raises(TypeError):
        CapSettings(Size(3))  # type: ignore[call-arg]
    assert cap == CapSettings(size=Size(3))
    assert "Size" not in repr(cap.words)


def test_a_field_without_a_doc_is_refused() -> None:
    class Bare(Settings):
        """Bare."""

        x: int = 1

    with pytest.raises(TypeError, match=r"Bare\.x has no doc"):
        schema_of(Bare)


def test_a_field_without_a_default_is_refused() -> None:
    class Bare(Settings):
        """Bare."""

        x: Annotated[int, doc("x")]

    with pytest.raises(TypeError, match=r"Bare\.x has no default"):
        schema_of(Bare)


def test_a_field_of_no_known_type_is_refused() -> None:
    class Odd(Settings):
        """Odd."""

        x: Annotated[complex, doc("x")] = 1j

    with pytest.raises(TypeError, match="complex"):
        schema_of(Odd)


def test_declarations_add_up() -> None:
    one = Declarations(settings=(CapSettings,), blocks=(TreeBlock,))
    both = one + Declarations(settings=(CapSettings,), defaults=(TreeBlock(name="oak"),))

    assert both.settings == (CapSettings,)
    assert both.setting("cap_size") is not None
    assert both.setting("size") is None
    assert both.block("tree") is schema_of(TreeBlock)
    assert both.block("leaf") is None
    assert both.strmaps == {"plugin", "cap_map"}
    assert both.defaults[0].name == "oak"
