"""``flags remove FLAGS QUERY``."""

from __future__ import annotations

from culver.cli.adm.flags import FlagsCommand


class FlagsRemove(FlagsCommand):
    """Takes flags and keywords off."""

    name = "flags remove"
    mode = "remove"


COMMAND = FlagsRemove
