"""Threads of one base subject become one (RFC 5256 3, REFERENCES, steps 4 to 6)."""

from __future__ import annotations

from culver_plugins.imap.conversation import Node


def by_references(roots: list[Node]) -> list[Node]:
    """All of REFERENCES after the trees are linked: sorted, gathered by subject, sorted again."""
    roots = _sorted(roots)
    merged = _Gathering(roots).merged()
    return roots if merged is None else _sorted(merged)


def by_refs(roots: list[Node]) -> list[Node]:
    """REFS: threads stay as the references made them; the one with the youngest message last."""
    for root in roots:
        root.date = _youngest(root)
    return sorted(roots, key=lambda root: root.order)


def _youngest(root: Node) -> int:
    youngest = 0
    waiting = [root]
    while waiting:
        node = waiting.pop()
        youngest = max(youngest, node.row.date if node.row is not None else 0)
        waiting += node.children
    return youngest


def _sorted(roots: list[Node]) -> list[Node]:
    """Step 4; a dummy with one child gives way to it, which step 3 had put off."""
    kept: list[Node] = []
    for root in roots:
        node = root
        if root.row is None:
            root.children.sort(key=lambda child: child.order)
            if len(root.children) == 1:
                node = root.children[0]
            else:
                root.uid, root.date = root.children[0].uid, root.children[0].date
        kept.append(node)
    return sorted(kept, key=lambda root: root.order)


class _Root:
    """A root, and the root of the same subject that it goes to."""

    __slots__ = ("gone", "is_reply", "node", "to")

    def __init__(self, node: Node, *, is_reply: bool = False) -> None:
        self.node = node
        self.is_reply = is_reply
        self.to: _Root | None = None
        self.gone = False

    @property
    def dummy(self) -> bool:
        return self.node.row is None


class _Gathering:
    """Step 5."""

    def __init__(self, roots: list[Node]) -> None:
        self._roots = [_Root(node) for node in roots]
        self._table: dict[str, _Root] = {}

    def merged(self) -> list[Node] | None:
        """The roots after the merge; None when no two had the same subject."""
        for root in self._roots:
            self._note(root)
        moving = [root for root in self._roots if root.to is not None]
        if not moving:
            return None
        for root in moving:
            if not root.gone:
                self._merge(root)
        return [root.node for root in self._roots if not root.gone]

    def _note(self, root: _Root) -> None:
        """Step 5.B: who is in the subject table."""
        row = (root.node if root.node.row is not None else root.node.children[0]).row
        assert row is not None, "dummies have messages for children"
        if not row.subject:
            return
        there = self._table.setdefault(row.subject, root)
        if there is not root:
            if not there.dummy and (root.dummy or (there.is_reply and not row.is_reply)):
                there.to = root
                self._table[row.subject] = root
            else:
                root.to = there
        root.is_reply = row.is_reply

    def _merge(self, root: _Root) -> None:
        """Step 5.C."""
        target = root
        while target.to is not None:
            target = target.to
        if root.dummy and target.dummy:
            target.node.children += root.node.children
        elif target.dummy or (root.is_reply and not target.is_reply):
            target.node.children.append(root.node)
        else:
            both = _Root(Node(children=[target.node, root.node]))
            target.to = both
            target.gone = True
            self._roots.append(both)
        root.gone = True
        target.node.children.sort(key=lambda child: child.order)
