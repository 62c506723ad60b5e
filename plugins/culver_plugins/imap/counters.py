"""What a session did, for its closing line (``imap_logout_format``, inventory R5-039)."""

from __future__ import annotations

import msgspec


class Counters(msgspec.Struct):
    """Messages and bytes, counted up."""

    fetch_hdr_count: int = 0
    fetch_hdr_bytes: int = 0
    fetch_body_count: int = 0
    fetch_body_bytes: int = 0
    deleted: int = 0
    expunged: int = 0
    autoexpunged: int = 0
    trashed: int = 0
    appended: int = 0

    def variables(self, bytes_in: int, bytes_out: int) -> dict[str, str]:
        """For the template: the counters, and input and output under both their names."""
        found = {name: str(getattr(self, name)) for name in self.__struct_fields__}
        found |= {"i": str(bytes_in), "input": str(bytes_in)}
        found |= {"o": str(bytes_out), "output": str(bytes_out)}
        return found
