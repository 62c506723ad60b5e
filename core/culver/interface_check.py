"""Does a plugin's class keep the interface it claims?  Asked once, at registration.

mypy says the same in the plugin's own CI; this is for the plugin whose author didn't run it, so
that it fails at start with its name and not in somebody's session.
"""

from __future__ import annotations

import inspect


def complaints(cls: type, interface: type) -> list[str]:
    """What is wrong with the class, one sentence each; empty when it fits."""
    if not issubclass(cls, interface):
        return [f"it is no subclass of {interface.__name__}"]
    missing: list[str] = sorted(getattr(cls, "__abstractmethods__", ()))
    found = [f"method {name} is missing" for name in missing]
    for name in dir(interface):
        if name.startswith("_") or name in missing:
            continue
        wanted, given = getattr(interface, name), getattr(cls, name)
        if given is not wanted and inspect.isfunction(wanted) and inspect.isfunction(given):
            found += _compare(name, wanted, given)
    found += [
        f"class attribute {name} is not set"
        for name in _class_attributes(interface)
        if not hasattr(cls, name)
    ]
    return found


def _compare(name: str, wanted: object, given: object) -> list[str]:
    found: list[str] = []
    if inspect.iscoroutinefunction(wanted) != inspect.iscoroutinefunction(given):
        should = "async" if inspect.iscoroutinefunction(wanted) else "a plain function"
        found.append(f"method {name} has to be {should}")
    assert callable(wanted)
    assert callable(given)
    call = inspect.signature(wanted)
    try:
        inspect.signature(given).bind(
            *(p.name for p in call.parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD),
            **{p.name: None for p in call.parameters.values() if p.kind is p.KEYWORD_ONLY},
        )
    except TypeError as error:
        found.append(f"method {name} can't be called as {name}{call}: {error}")
    return found


def _class_attributes(interface: type) -> list[str]:
    return [
        name
        for base in interface.__mro__
        for name, hint in inspect.get_annotations(base).items()
        if "ClassVar" in str(hint) and not name.startswith("_")
    ]
