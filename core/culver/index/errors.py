"""What can go wrong with index files, each class caught somewhere."""


class BadRecord(ValueError):
    """A piece of an index file breaks the format; whoever knows the path adds it.

    Args:
        what: the field or record that is wrong.
        found: its value.
        allowed: what would have been accepted.
    """

    def __init__(self, what: str, found: object, allowed: str) -> None:
        super().__init__(f"{what}: found {found}, allowed is {allowed}")
        self.what = what
        self.found = found
        self.allowed = allowed


class IndexCorrupted(Exception):
    """An index file cannot be trusted; a caller may repair or set it aside.

    Args:
        path: the file.
        what: the field or record that is wrong.
        found: its value.
        allowed: what would have been accepted.
    """

    def __init__(self, path: str, what: str, found: object, allowed: str) -> None:
        super().__init__(f"{path}: {what}: found {found}, allowed is {allowed}")
        self.path = path
        self.what = what
        self.found = found
        self.allowed = allowed

    @classmethod
    def at(cls, path: str, bad: BadRecord) -> "IndexCorrupted":
        """Return the error for a bad record that was found in path."""
        return cls(path, bad.what, bad.found, bad.allowed)


class IndexMissing(Exception):
    """There is no index in the directory, or it was removed while it was open."""


class LockTimeout(Exception):
    """Another process held a lock for longer than the lock timeout."""
