"""All names that may stand in a configuration: those declared here, those of Dovecot's."""

import difflib

from culver.config.catalogue import Known, catalogue
from culver.config.filters import FILTERS
from culver.config.obsolete import rewrite
from culver.config.parser import Rewritten
from culver.config.schema import Declarations, Setting


class Vocabulary:
    """The declared settings first, then the catalogue's."""

    def __init__(self, declarations: Declarations) -> None:
        """Take what is declared."""
        self.declarations = declarations
        self.settings = declarations.all_settings
        self.strmaps = declarations.strmaps

    def default_text(self, name: str) -> str | None:
        """The default of a setting, for `$name`; None if nobody knows the name."""
        if name == "protocols":
            # Debian's Dovecot defaults to none, and each of its packages adds its protocol with
            # `protocols = $protocols imap`: nothing may be served that is not installed.
            return ""
        setting = self.settings.get(name)
        if setting is not None:
            return setting.default_text
        known = self.known(name)
        return known.default if known is not None and known.place == "2.3" else None

    def rewrite(self, key: str, value: str, inside: str) -> Rewritten | None:
        """What an obsolete line means today; None if the line is not obsolete."""
        return rewrite(key, value, inside)

    def known(self, name: str) -> Known | None:
        """What the catalogue says of a name."""
        return catalogue().get(name)

    def numbered(self, name: str) -> Setting | None:
        """The setting of which `name2`, `name3` is a further value."""
        setting = self.settings.get(name.rstrip("0123456789"))
        return setting if setting is not None and setting.is_numbered else None

    def nearest(self, name: str) -> str:
        """The known setting that looks most like a name, or an empty text."""
        names = [*self.settings, *(n for n, k in catalogue().items() if k.place == "2.3")]
        return nearest(name, names)

    def nearest_section(self, name: str, within: tuple[str, ...]) -> str:
        """The known section that looks most like a name, or an empty text."""
        return nearest(name, [*within, *FILTERS, *self.strmaps])


def nearest(name: str, names: list[str]) -> str:
    """The name among `names` that looks most like one, or an empty text."""
    return next(iter(difflib.get_close_matches(name, names, 1, 0.7)), "")
