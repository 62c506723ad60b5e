"""``flags add FLAGS QUERY``."""

from __future__ import annotations

from culver.cli.adm.flags import FlagsCommand


class FlagsAdd(FlagsCommand):
    """See :class:`FlagsCommand`."""

    name = "flags add"
    mode = "add"


COMMAND = FlagsAdd
