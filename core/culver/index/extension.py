"""An extension of the index in memory: its header's bytes and a row of bytes per message."""

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from culver.index.column import Array, Column
from culver.index.errors import BadRecord
from culver.index.extrecords import NO_SHRINK, Introduction
from culver.index.packing import align


class Extension:
    """Name, reset_id, header (`data`) and rows of one extension; sizes in bytes.

    Attributes:
        rows: one row of record_size bytes per message; width 0 when it has none.
    """

    __slots__ = ("data", "name", "record_align", "reset_id", "rows")
    NUMBER_SIZES: ClassVar = (1, 2, 4, 8)

    def __init__(
        self, name: str, reset_id: int, record_align: int, data: bytes, rows: Column
    ) -> None:
        self.name = name
        self.reset_id = reset_id
        self.record_align = record_align
        self.data = bytearray(data)
        self.rows = rows

    @property
    def record_size(self) -> int:
        """Bytes of the extension in each record."""
        return int(self.rows.values.shape[1])

    def numbers(self, dtype: str) -> npt.NDArray[Any]:
        """Return the rows as numbers of dtype ("<u4", "<u8"), for writing too.

        Raises:
            BadRecord: a row does not have that size.
        """
        size = np.dtype(dtype).itemsize
        if size != self.record_size:
            raise BadRecord(f"extension {self.name} record_size", self.record_size, str(size))
        return self.rows.own().view(dtype)[:, 0]

    def resize(self, intro: Introduction) -> None:
        """Take the sizes of an introduction; NO_SHRINK keeps what is larger."""
        keep = bool(intro.flags & NO_SHRINK)
        self._resize_header(intro.header_size, keep)
        if intro.record_align > self.record_align or not keep:
            self.record_align = intro.record_align
        grows = intro.record_size > self.record_size
        if grows or (intro.record_size < self.record_size and not keep):
            self.rows.widen(intro.record_size)

    def _resize_header(self, size: int, keep: bool) -> None:
        # Within the 64-bit padding even NO_SHRINK shrinks: mail-index-sync-ext.c compares
        # padded sizes.
        if keep and align(size, 8) < align(len(self.data), 8):
            return
        del self.data[size:]
        self.data.extend(bytes(size - len(self.data)))

    def reset(self, reset_id: int, preserve_data: bool) -> None:
        """Take a new reset_id; zero header and rows unless preserve_data."""
        self.reset_id = reset_id
        if not preserve_data:
            self.data = bytearray(len(self.data))
            self.rows.own()[:] = 0

    def patch(self, offset: int, data: bytes) -> None:
        """Write data at offset of the header.

        Raises:
            BadRecord: it lies outside.
        """
        end = offset + len(data)
        if end > len(self.data):
            allowed = f"at most {len(self.data)}"
            raise BadRecord(f"extension {self.name} header update end", end, allowed)
        self.data[offset:end] = data

    def write_rows(self, places: Array, rows: Array) -> None:
        """Set the rows at places (record numbers from 0); missing bytes become zero."""
        own = self.rows.own()
        own[places, : rows.shape[1]] = rows
        own[places, rows.shape[1] :] = 0

    def add(self, places: Array, diffs: Array) -> None:
        """Add diffs to the numbers at places.

        Raises:
            BadRecord: a row is not a number, or the sum does not fit in it.
        """
        if self.record_size not in self.NUMBER_SIZES:
            raise BadRecord(f"extension {self.name} record_size", self.record_size, "1, 2, 4, 8")
        numbers = self.numbers(f"<u{self.record_size}")
        top = 2 ** (8 * self.record_size) - 1
        for place, diff in zip(places.tolist(), diffs.tolist(), strict=True):
            total = int(numbers[place]) + diff
            if not 0 <= total <= top:
                raise BadRecord(f"extension {self.name} number", total, f"0 to {top}")
            numbers[place] = total
