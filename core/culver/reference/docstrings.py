"""Docstrings as Markdown, those of attributes included."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from typing import Any, Final

_ROLE: Final = re.compile(r":\w+:`~?(?:[\w.]+\.)?(\w+)`")
_LITERAL: Final = re.compile(r"``([^`]+)``")


class Undocumented(Exception):
    """Something public has no docstring.  Names it."""


def document(value: object, name: str) -> str:
    """The docstring of a class or function.  Raises :exc:`Undocumented`."""
    text = value.__doc__
    if not text or not text.strip():
        raise Undocumented(f"{name} has no docstring")
    return to_markdown(inspect.cleandoc(text))


def to_markdown(text: str) -> str:
    """reStructuredText's roles and literals as code."""
    return _LITERAL.sub(r"`\1`", _ROLE.sub(r"`\1`", text))


def attribute_docs(cls: type) -> dict[str, tuple[str, str]]:
    """Annotated attributes of a class body: name to annotation and the text below it ('' if
    none).  Names that begin with an underscore are left out."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    (body,) = (node.body for node in tree.body if isinstance(node, ast.ClassDef))
    found: dict[str, tuple[str, str]] = {}
    for node, following in zip(body, [*body[1:], None], strict=True):
        match node:
            case ast.AnnAssign(target=ast.Name(id=name)) if not name.startswith("_"):
                found[name] = (ast.unparse(node.annotation), _text(following))
            case _:
                pass
    return found


def _text(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return to_markdown(inspect.cleandoc(str(node.value.value)))
    return ""


def signature(function: Callable[..., Any], name: str) -> str:
    """``async name(a: int, *, b: str = "") -> None``, without ``self``."""
    plain = inspect.signature(function)
    parameters = [
        each.replace(annotation=_as_written(each.annotation))
        for each in plain.parameters.values()
        if each.name != "self"
    ]
    result = _as_written(plain.return_annotation)
    text = str(plain.replace(parameters=parameters, return_annotation=result))
    return f"{'async ' if inspect.iscoroutinefunction(function) else ''}{name}{text}"


class _Written(str):
    """An annotation that is shown without quotes."""

    __slots__ = ()
    __repr__ = str.__str__


def _as_written(annotation: Any) -> Any:
    return _Written(annotation) if isinstance(annotation, str) else annotation


def public_methods(cls: type) -> dict[str, Callable[..., Any]]:
    """Functions of the class body, in order, without those that begin with an underscore."""
    return {
        name: value
        for name, value in vars(cls).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }
