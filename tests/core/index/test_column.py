"""Columns grow and shrink; arrays handed out before stay as they were."""

import numpy as np
import pytest

from culver.index.column import Column


@pytest.mark.parametrize("count", [1, 3, 63, 64, 65, 200])
@pytest.mark.parametrize("width", [None, 2, 8, 0])
def test_dropping_removes_rows_and_nothing_else(count: int, width: int | None) -> None:
    shape = (500,) if width is None else (500, width)
    values = np.arange(np.prod(shape, dtype=int)).astype(np.uint8).reshape(shape)
    places = np.sort(np.random.default_rng(count).choice(500, count, replace=False))
    column = Column(values.copy())
    before = column.values
    column.drop(places)
    assert np.array_equal(column.values, np.delete(values, places, axis=0))
    assert np.array_equal(before, values)
    column.extend_zeros(1)
    assert column.values.shape == (501 - count, *shape[1:])


def test_arrays_handed_out_keep_their_length() -> None:
    column = Column(np.array([1, 2], np.uint32))
    first = column.values
    for n in range(3, 40):
        column.extend(np.array([n], np.uint32))
    assert first.tolist() == [1, 2]
    assert column.values.tolist() == list(range(1, 40))


def test_a_files_bytes_are_copied_before_they_are_written() -> None:
    raw = np.frombuffer(bytes(range(12)), np.uint8).reshape(3, 4)
    column = Column(raw[:, 1:3])
    column.own()[0] = 99
    assert column.values.tolist() == [[99, 99], [5, 6], [9, 10]]
    assert raw[0].tolist() == [0, 1, 2, 3]


def test_rows_become_wider_and_narrower() -> None:
    column = Column(np.array([[1, 2], [3, 4]], np.uint8))
    column.widen(3)
    assert column.values.tolist() == [[1, 2, 0], [3, 4, 0]]
    column.widen(1)
    assert column.values.tolist() == [[1], [3]]
