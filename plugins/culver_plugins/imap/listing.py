"""Which mailboxes a LIST answers with, and with which attributes (RFC 3501 6.3.8, RFC 5258)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from culver.plugin import MailboxInfo, list_matches


class Row(msgspec.Struct, frozen=True):
    """One line of the answer."""

    info: MailboxInfo
    child_info: tuple[bytes, ...] = ()
    """Selections that only children meet (RFC 5258 3.5)."""


def patterns_of(reference: str, patterns: Iterable[str]) -> tuple[str, ...]:
    """Reference and patterns joined: what the names are matched against."""
    return tuple(f"{reference}{pattern}" for pattern in patterns)


def with_parents(infos: Sequence[MailboxInfo]) -> list[MailboxInfo]:
    """The mailboxes and the parents that only their names imply."""
    found = {info.name: info for info in infos}
    for info in infos:
        name = info.name
        while (cut := name.rfind(info.separator)) > 0:
            name = name[:cut]
            if name in found:
                break
            found[name] = MailboxInfo(
                name=name, separator=info.separator, exists=False, selectable=False, children=True
            )
    return list(found.values())


def select(
    infos: Sequence[MailboxInfo], patterns: Sequence[str], selection: frozenset[str]
) -> list[Row]:
    """The rows of a LIST: what matches and is selected, or, with RECURSIVEMATCH, has a child that
    is."""
    rows: list[Row] = []
    wanted = [info for info in infos if _selected(info, selection)]
    chosen = {info.name for info in wanted}
    recursive = "RECURSIVEMATCH" in selection
    for info in with_parents(infos):
        if not list_matches(patterns, info.name, info.separator):
            continue
        below = _child_info(info, wanted, selection) if recursive else ()
        if info.name in chosen or below or (not selection and _visible(info, infos)):
            rows.append(Row(info, below))
    return rows


def _selected(info: MailboxInfo, selection: frozenset[str]) -> bool:
    if "SUBSCRIBED" in selection and not info.subscribed:
        return False
    if "SPECIAL-USE" in selection and not info.special_use:
        return False
    return bool(selection & {"SUBSCRIBED", "SPECIAL-USE"}) or info.exists


def _visible(info: MailboxInfo, infos: Sequence[MailboxInfo]) -> bool:
    """A plain LIST shows what exists, and parents of what exists."""
    if info.exists:
        return True
    prefix = info.name + info.separator
    return any(other.exists and other.name.startswith(prefix) for other in infos)


def _child_info(
    info: MailboxInfo, wanted: Sequence[MailboxInfo], selection: frozenset[str]
) -> tuple[bytes, ...]:
    prefix = info.name + info.separator
    if not any(other.name.startswith(prefix) for other in wanted):
        return ()
    return tuple(word.encode() for word in sorted(selection & {"SUBSCRIBED", "SPECIAL-USE"}))


def attributes(info: MailboxInfo, *, subscribed: bool, extended: bool) -> list[bytes]:
    """What stands in the parentheses.  ``subscribed``: the client asked for \\Subscribed;
    ``extended``: it knows \\NonExistent (RFC 5258 3), others are told \\Noselect."""
    words: list[bytes] = []
    if not info.exists and extended:
        words.append(b"\\NonExistent")
    elif not info.exists or not info.selectable:
        words.append(b"\\Noselect")
    if subscribed and info.subscribed:
        words.append(b"\\Subscribed")
    words.append(b"\\HasChildren" if info.children else b"\\HasNoChildren")
    words += [use.encode() for use in info.special_use]
    return words
