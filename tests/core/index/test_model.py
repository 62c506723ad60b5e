"""The engine against a plain model: whatever is done, columns, views and a reopened index agree."""

import tempfile
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from culver.index.engine import MailboxIndex
from culver.index.settings import IndexSettings
from culver.index.specs import CACHE
from culver.index.transaction import Transaction
from culver.index.vanished import changes_since
from culver.index.view import View

UIDS = st.sets(st.integers(1, 30), min_size=1, max_size=8).map(sorted)
BITS = st.integers(0, 31)
NAMES = st.sampled_from(["a", "b", "$Junk", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "NonJunk"])


class Message:
    def __init__(self, flags: int, modseq: int) -> None:
        self.flags = flags
        self.keywords: set[str] = set()
        self.modseq = modseq
        self.cache = 0


class IndexMachine(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.settings = IndexSettings(fsync="never", rewrite_max=300, rotate_max_size=2000)
        self.writer = MailboxIndex(self.folder.name, self.settings)
        self.writer.create(5)
        begin = self.writer.begin()
        begin.enable_modseqs()
        begin.commit()
        self.reader = MailboxIndex(self.folder.name, self.settings)
        self.reader.open()
        self.view = View(self.reader)
        self.seen: list[int] = []
        self.seen_modseq = self.view.modseq
        self.model: dict[int, Message] = {}
        self.gone: dict[int, int] = {}
        self.next_uid = 1

    def teardown(self) -> None:
        self.writer.close()
        self.reader.close()
        self.folder.cleanup()

    def commit(self, transaction: Transaction) -> Any:
        done = transaction.commit()
        self.modseq = done.modseq
        return done

    @rule(flags=st.lists(BITS, min_size=1, max_size=5), cache=st.integers(0, 2**32 - 1))
    def append(self, flags: list[int], cache: int) -> None:
        change = self.writer.begin()
        change.append(flags, rows={CACHE: [cache] * len(flags)})
        done = self.commit(change)
        assert done.uids.tolist() == list(range(self.next_uid, self.next_uid + len(flags)))
        for uid, bits in zip(done.uids.tolist(), flags, strict=True):
            self.model[uid] = Message(bits, done.modseq)
            self.model[uid].cache = cache
        self.next_uid += len(flags)

    @rule(uids=UIDS, add=BITS, remove=BITS)
    def flags(self, uids: list[int], add: int, remove: int) -> None:
        change = self.writer.begin()
        change.update_flags(uids, add, remove)
        done = self.commit(change)
        for uid in set(uids) & set(self.model):
            m = self.model[uid]
            m.flags = m.flags & ~remove | add
            if add | remove:
                m.modseq = done.modseq

    @rule(uids=UIDS, name=NAMES, add=st.booleans())
    def keyword(self, uids: list[int], name: str, add: bool) -> None:
        change = self.writer.begin()
        (change.add_keyword if add else change.remove_keyword)(name, uids)
        done = self.commit(change)
        for uid in set(uids) & set(self.model):
            m = self.model[uid]
            (m.keywords.add if add else m.keywords.discard)(name)
            m.modseq = done.modseq

    @rule(uids=UIDS)
    def expunge(self, uids: list[int]) -> None:
        change = self.writer.begin()
        change.expunge(uids)
        done = self.commit(change)
        for uid in set(uids) & set(self.model):
            del self.model[uid]
            self.gone[uid] = done.modseq

    @rule(uids=UIDS, number=st.integers(0, 2**32 - 1))
    def rows(self, uids: list[int], number: int) -> None:
        known = [uid for uid in uids if uid < self.next_uid]
        change = self.writer.begin()
        change.set_rows(CACHE, known, [number] * len(known))
        self.commit(change)
        for uid in set(known) & set(self.model):
            self.model[uid].cache = number

    @rule()
    def rewrite(self) -> None:
        with self.writer.lock():
            self.writer.rewrite()

    @rule()
    def rotate(self) -> None:
        with self.writer.lock():
            self.writer.rotate()

    @rule()
    def swap(self) -> None:
        self.writer, self.reader = self.reader, self.writer
        self.view = View(self.reader)
        self.seen, self.seen_modseq = self.view.uids.tolist(), self.view.modseq

    @rule(allow=st.booleans())
    def sync(self, allow: bool) -> None:
        self.reader.refresh()
        changes = self.view.sync(allow)
        uids = sorted(self.model)
        if allow:
            for seq, uid in zip(changes.expunged_seqs, changes.expunged, strict=True):
                assert self.seen.pop(seq - 1) == uid
        self.seen += changes.appeared.tolist()
        assert self.view.uids.tolist() == self.seen
        assert not allow or self.seen == uids
        known = set(self.seen) - set(changes.appeared.tolist())
        expected = {u for u in known & set(uids) if self.model[u].modseq > self.seen_modseq}
        assert set(changes.changed.tolist()) == expected
        self.seen_modseq = changes.modseq

    @rule(back=st.integers(0, 10))
    def since(self, back: int) -> None:
        self.writer.refresh()
        modseq = max(1, self.writer.state.modseq - back)
        found = changes_since(self.writer, modseq)
        vanished = {uid for uid, at in self.gone.items() if at > modseq}
        changed = {uid for uid, m in self.model.items() if m.modseq > modseq}
        assert set(found.changed.tolist()) == changed
        assert not found.complete or set(found.vanished.tolist()) == vanished

    @invariant()
    def reopened_is_the_model(self) -> None:
        fresh = MailboxIndex(self.folder.name, self.settings)
        fresh.open()
        self.writer.refresh()
        for state in (fresh.state, self.writer.state):
            uids = sorted(self.model)
            assert state.uids.tolist() == uids
            assert state.header.next_uid == self.next_uid
            assert state.flags.tolist() == [self.model[u].flags for u in uids]
            assert state.modseqs.tolist() == [self.model[u].modseq for u in uids]
            assert state.numbers("cache", "<u4").tolist() == [self.model[u].cache for u in uids]
            names = [set(state.keyword_names(place)) for place in range(len(uids))]
            assert names == [self.model[u].keywords for u in uids]
            assert state.seen == sum(bool(self.model[u].flags & 8) for u in uids)
            assert np.all(state.modseqs <= state.modseq)
        fresh.close()


TestIndexMachine = IndexMachine.TestCase
TestIndexMachine.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
