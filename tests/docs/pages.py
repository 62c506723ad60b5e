"""The Markdown pages of the repository, and what is in them."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


def pages() -> list[Path]:
    """README, everything below docs/ and contrib/."""
    found = [ROOT / "README.md"]
    for folder in ("docs", "contrib"):
        found += sorted((ROOT / folder).rglob("*.md"))
    return found


def fences(page: Path, language: str) -> list[str]:
    """The texts of the fenced blocks in a language."""
    text = page.read_text(encoding="utf-8")
    return [body for word, body in _FENCE.findall(text) if word == language]


def links(page: Path) -> Iterator[str]:
    """Targets of the links outside fenced blocks."""
    yield from _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))


def anchors(page: Path) -> set[str]:
    """What a link into the page may say after #: GitHub's slugs of the headings."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return {_slug(heading) for heading in _HEADING.findall(text)}


def _slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
