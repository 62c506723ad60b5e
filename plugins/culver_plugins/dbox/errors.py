"""What can be wrong with a dbox file."""

from __future__ import annotations


class DboxCorrupted(Exception):
    """A dbox file breaks its format; the storage may be rebuilt, no mail is removed.

    Args:
        what: the field that is wrong, and what is allowed there.
        offset: where in the file, in bytes.
        path: the file, once somebody knows it.
    """

    def __init__(self, what: str, offset: int, path: str = "") -> None:
        super().__init__(f"{path or 'dbox file'} at {offset}: {what}")
        self.what = what
        self.offset = offset
        self.path = path

    def within(self, path: str) -> DboxCorrupted:
        """The same error with the path."""
        return DboxCorrupted(self.what, self.offset, path)
