"""``move DESTINATION [user SOURCE] QUERY``."""

from __future__ import annotations

from culver.cli.adm.copy import Copy


class Move(Copy):
    """Copies, then expunges exactly what was copied."""

    name = "move"
    moves = True


COMMAND = Move
