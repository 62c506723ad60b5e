"""Docstrings become Markdown, and what has none is refused by name."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import pytest

from culver.reference.docstrings import (
    Undocumented,
    attribute_docs,
    document,
    public_methods,
    signature,
    to_markdown,
)


class Sample:
    """A sample."""

    name: ClassVar[str]
    """As ``registered``."""
    plain: int = 0
    _hidden: int = 0
    """Not shown."""

    @abstractmethod
    async def ask(self, text: str, *, often: Sequence[int] = (), mark: str = "") -> int | None:
        """Ask."""

    def undocumented(self) -> None: ...

    def _private(self) -> None: ...


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("see :class:`culver.errors.Refused`", "see `Refused`"),
        ("see :meth:`run`", "see `run`"),
        ("``a = b``", "`a = b`"),
        ("nothing", "nothing"),
    ],
)
def test_roles_and_literals_become_code(text: str, markdown: str) -> None:
    assert to_markdown(text) == markdown


def test_attributes_with_the_text_below_them() -> None:
    assert attribute_docs(Sample) == {
        "name": ("ClassVar[str]", "As `registered`."),
        "plain": ("int", ""),
    }


def test_a_signature_is_shown_as_it_is_written() -> None:
    assert signature(Sample.ask, "ask") == (
        "async ask(text: str, *, often: Sequence[int] = (), mark: str = '') -> int | None"
    )


def test_public_methods_in_their_order() -> None:
    assert list(public_methods(Sample)) == ["ask", "undocumented"]


def test_what_has_no_docstring_is_named() -> None:
    with pytest.raises(Undocumented, match=r"Sample\.undocumented has no docstring"):
        document(Sample.undocumented, "Sample.undocumented")
