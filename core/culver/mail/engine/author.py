"""Which view a task works for, so that the view is not told of its own changes."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

_author: ContextVar[object] = ContextVar("culver.mail.engine.author", default=None)


def author() -> object:
    """The view whose change is being made; threads started by its task see it too."""
    return _author.get()


@contextmanager
def authored(view: object) -> Generator[None]:
    """Changes of flags made within, by this task, are the view's own."""
    token = _author.set(view)
    try:
        yield
    finally:
        _author.reset(token)
