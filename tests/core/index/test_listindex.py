"""The tree of mailboxes and their numbers, ours and Dovecot's."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from culver.index.engine import MailboxIndex
from culver.index.errors import BadRecord
from culver.index.extension import Extension
from culver.index.listindex import (
    FILE_NAME,
    HMODSEQ,
    LIST,
    NONEXISTENT,
    MailboxNode,
    MailboxStatus,
    add_mailboxes,
    mark_stale,
    names_of,
    nodes_of,
    set_status,
    statuses_of,
)
from culver.index.settings import IndexSettings
from culver.index.state import IndexState

if TYPE_CHECKING:
    from tests.core.index.conftest import Dovecot


def extension_of(state: IndexState, name: str) -> Extension:
    found = state.find_extension(name)
    assert found is not None
    return found


@pytest.fixture
def tree(tmp_path: Path) -> Any:
    index = MailboxIndex(tmp_path, IndexSettings(fsync="never"), name=FILE_NAME)
    index.create(1)
    with index.lock():
        change = index.begin()
        add_mailboxes(
            index,
            change,
            [
                MailboxNode(0, ("INBOX",), 0, b"i" * 16, 5),
                MailboxNode(0, ("Arch", "2024", "Älter"), 0, b"a" * 16, 6),
                MailboxNode(0, ("2024",), 0, b"b" * 16, 7),
            ],
        )
        change.commit()
    return index


def test_paths_are_found_again(tree: MailboxIndex) -> None:
    nodes = {node.path: node for node in nodes_of(tree.state).values()}
    assert set(nodes) == {
        ("INBOX",),
        ("Arch",),
        ("Arch", "2024"),
        ("Arch", "2024", "Älter"),
        ("2024",),
    }
    assert nodes[("Arch", "2024", "Älter")].guid == b"a" * 16
    assert nodes[("2024",)].uid_validity == 7
    assert nodes[("Arch",)].flags == NONEXISTENT
    assert sorted(names_of(tree.state).values()) == ["2024", "Arch", "INBOX", "Älter"]


def test_adding_what_is_known_changes_it(tree: MailboxIndex) -> None:
    before = {node.path: node.uid for node in nodes_of(tree.state).values()}
    with tree.lock():
        change = tree.begin()
        uids = add_mailboxes(tree, change, [MailboxNode(0, ("Arch",), 0, b"c" * 16, 8)])
        mark_stale(change)
        change.commit()
    assert uids == before
    arch = nodes_of(tree.state)[uids[("Arch",)]]
    assert (arch.flags, arch.guid) == (0, b"c" * 16)
    assert extension_of(tree.state, LIST.name).data[0] == 1


def test_numbers_are_found_again(tree: MailboxIndex) -> None:
    assert statuses_of(tree.state) == {}
    status = MailboxStatus(9, 2, 1, 44, 1 << 40)
    change = tree.begin()
    set_status(change, 1, status)
    change.commit()
    assert statuses_of(tree.state) == {1: status}
    assert tree.state.numbers(HMODSEQ.name, "<u8")[0] == 1 << 40


@pytest.mark.parametrize(
    ("uid", "row"),
    [(1, (99, 0)), (1, (1, 99)), (1, (1, 1))],
)
def test_a_broken_tree_is_refused(tree: MailboxIndex, uid: int, row: tuple[int, int]) -> None:
    raw = extension_of(tree.state, LIST.name).rows.own()
    raw[uid - 1, 0], raw[uid - 1, 4] = row
    with pytest.raises(BadRecord, match="list index record"):
        nodes_of(tree.state)


def test_broken_names_are_refused(tree: MailboxIndex) -> None:
    extension_of(tree.state, LIST.name).data[1] = 200
    with pytest.raises(BadRecord, match="list index name id"):
        names_of(tree.state)


def test_no_tree_at_all(index: MailboxIndex) -> None:
    assert nodes_of(index.state) == {}
    assert statuses_of(index.state) == {}


@pytest.mark.interop
def test_dovecot_and_we_share_the_tree(dovecot: "Dovecot") -> None:
    dovecot.adm("mailbox", "create", "Sent", "a/b")
    dovecot.save(3)
    dovecot.adm("mailbox", "list")
    dovecot.adm("mailbox", "status", "messages unseen uidnext", "*")
    folder = dovecot.folder / "mail"
    index = MailboxIndex(folder, IndexSettings(fsync="never", mode=0o666), name=FILE_NAME)
    index.open()
    paths = {node.path for node in nodes_of(index.state).values()}
    assert {("Sent",), ("a",), ("a", "b")} <= paths or {("Sent",), ("a.b",)} <= paths
    sent = next(n for n in nodes_of(index.state).values() if n.path == ("Sent",))
    assert sent.guid != bytes(16)
    assert statuses_of(index.state)[sent.uid].uidnext == 1

    change = index.begin()
    set_status(change, sent.uid, statuses_of(index.state)[sent.uid])
    mark_stale(change)
    change.commit()
    with index.lock():
        index.rotate()
    listed = dovecot.adm("mailbox", "list").split()
    assert {"Sent", "INBOX", "a/b"} <= set(listed)
    assert dovecot.complaints() == ""
