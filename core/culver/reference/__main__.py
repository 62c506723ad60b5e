"""Write the reference pages, or tell which are stale."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from culver.reference.pages import pages


def main(argv: list[str] | None = None) -> int:
    """Returns 1 when ``--check`` found a page that isn't current."""
    parser = argparse.ArgumentParser(prog="python -m culver.reference", description=__doc__)
    parser.add_argument("directory", nargs="?", default="docs/reference", type=Path)
    parser.add_argument("--check", action="store_true", help="write nothing")
    args = parser.parse_args(argv)
    stale = [name for name, text in pages().items() if not _is(args.directory / name, text)]
    for name in stale:
        print(f"{args.directory / name}: {'not current' if args.check else 'written'}")
    if args.check:
        return 1 if stale else 0
    args.directory.mkdir(parents=True, exist_ok=True)
    texts = pages()
    for name in stale:
        (args.directory / name).write_text(texts[name], encoding="utf-8")
    return 0


def _is(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
