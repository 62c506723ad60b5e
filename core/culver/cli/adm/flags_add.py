"""``flags add FLAGS QUERY``."""

from __future__ import annotations

from culver.cli.adm.flags import FlagsCommand


class FlagsAdd(FlagsCommand):
    """Adds flags and keywords."""

    name = "flags add"
    mode = "add"


COMMAND = FlagsAdd
