"""The cache of computed fields."""

from __future__ import annotations

from culver.mail.engine.cache import MailCache


def test_keeps_and_forgets() -> None:
    cache = MailCache()
    cache.put(("box", 1, 7), {"a": b"x", "b": b"yy"})
    cache.put(("box", 1, 7), {"a": b"zzz"})
    assert cache.get(("box", 1, 7), "a") == b"zzz"
    assert cache.get(("box", 1, 7), "c") is None
    assert cache.get(("box", 2, 7), "a") is None
    cache.forget(("box", 1, 7))
    cache.forget(("box", 1, 7))
    assert (cache.size, len(cache)) == (0, 0)


def test_the_oldest_go_first() -> None:
    cache = MailCache(limit=3000)
    for uid in range(1, 100):
        cache.put(("box", 1, uid), {"a": b"x" * 100})
        cache.get(("box", 1, 1), "a")
    assert cache.size <= 3000
    assert cache.get(("box", 1, 1), "a") is not None
    assert cache.get(("box", 1, 2), "a") is None
    assert cache.get(("box", 1, 99), "a") is not None


def test_one_large_entry_is_kept() -> None:
    cache = MailCache(limit=10)
    cache.put(("box", 1, 1), {"a": b"x" * 100})
    assert cache.get(("box", 1, 1), "a") is not None
