"""``flags replace FLAGS QUERY``."""

from __future__ import annotations

from culver.cli.adm.flags import FlagsCommand


class FlagsReplace(FlagsCommand):
    """Sets exactly these flags and keywords."""

    name = "flags replace"
    mode = "replace"


COMMAND = FlagsReplace
