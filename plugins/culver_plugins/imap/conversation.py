"""Threads by references (RFC 5256 3, REFERENCES): which message answers which.

Pure: rows in, trees out.  Where the RFC leaves a choice it is Dovecot's, so that a client that
sees both servers sees the same trees: of several messages with one Message-ID the first owns it,
and a parent that References of other messages name is taken back when the message itself names
another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import msgspec

_ID: Final = re.compile(rb"<([^<>]*@[^<>]*)>")
_SPACE: Final = re.compile(rb"\s+")


class Row(msgspec.Struct, frozen=True):
    """What threading knows of a message.  ``date`` is its sent date in seconds."""

    uid: int
    date: int
    message_id: bytes | None = None
    references: tuple[bytes, ...] = ()
    subject: str = ""
    """The base subject."""
    is_reply: bool = False
    """The subject said Re: or Fwd:."""


class Node(msgspec.Struct, eq=False):
    """A message in its thread, or (without a row) one that is only known from references."""

    row: Row | None = None
    parent: Node | None = None
    children: list[Node] = []
    date: int = 0
    uid: int = 0
    """With ``date`` the order among siblings; a dummy has those of its first child."""

    @property
    def number(self) -> int:
        """The UID of the message, 0 of a dummy."""
        return 0 if self.row is None else self.row.uid

    @property
    def answers(self) -> Sequence[Node]:
        """The children."""
        return self.children

    @property
    def order(self) -> tuple[int, int]:
        """By sent date, then by sequence (RFC 5256 3, step 4)."""
        return self.date, self.uid


def message_ids(value: bytes) -> tuple[bytes, ...]:
    """The msg-ids of a References or Message-ID field, without the brackets."""
    return tuple(_SPACE.sub(b"", each) for each in _ID.findall(value))


def references(references_value: bytes, in_reply_to: bytes) -> tuple[bytes, ...]:
    """The ancestors, eldest first: References, else the first id of In-Reply-To."""
    return message_ids(references_value) or message_ids(in_reply_to)[:1]


def link(rows: Sequence[Row]) -> list[Node]:
    """Steps 1 to 3: the trees, dummies without children and inner dummies taken out.

    ``rows`` ascend by UID.  Roots come in the order in which they were first named.
    """
    nodes: dict[bytes, Node] = {}
    everyone: list[Node] = []

    def named(name: bytes) -> Node:
        node = nodes.get(name)
        if node is None:
            node = nodes[name] = Node()
            everyone.append(node)
        return node

    for row in rows:
        node = Node() if row.message_id is None else named(row.message_id)
        if row.message_id is None or node.row is not None:
            node = Node()  # a second message of that name, or one without
            everyone.append(node)
        node.row = row
        _link_to(node, [named(name) for name in row.references])
    return _roots(everyone)


def _link_to(node: Node, ancestors: list[Node]) -> None:
    for parent, child in pairwise(ancestors):
        if child.parent is None:
            _set_parent(child, parent)
    parent_of = ancestors[-1] if ancestors else None
    if node.parent is not None and node.parent is not parent_of:
        node.parent = None
    if parent_of is not None and node.parent is None:
        _set_parent(node, parent_of)


def _set_parent(child: Node, parent: Node) -> None:
    above: Node | None = parent
    while above is not None:
        if above is child:
            return  # a loop
        above = above.parent
    child.parent = parent


def _roots(everyone: list[Node]) -> list[Node]:
    for node in everyone:
        if node.row is not None and node.parent is not None:
            _living(node.parent).children.append(node)
    for node in everyone:
        if node.row is not None:
            node.uid, node.date = node.row.uid, node.row.date
    for node in everyone:
        node.children.sort(key=_order)
    return [node for node in everyone if node.parent is None and (node.row or node.children)]


def _order(node: Node) -> tuple[int, int]:
    return node.order


def _living(node: Node) -> Node:
    """The nearest ancestor with a message, or the top one (step 3)."""
    while node.row is None and node.parent is not None:
        node = node.parent
    return node
