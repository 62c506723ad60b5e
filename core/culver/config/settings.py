"""Declare typed settings beside the code that uses them.

    class CapSettings(Settings, prefix="cap"):
        \"\"\"How large a mail may be.\"\"\"

        size: Annotated[Size, doc("Largest mail that is accepted; 0 = no limit")] = Size(0)

declares `cap_size`, which is read from the top of the configuration, from a filter such as
`protocol imap {}`, from `plugin {}`, and from the userdb. With `prefix=""` the field's name is the
setting's. A `_` at the end of a field's name is dropped (`pass_` is `pass`).

    class MailboxBlock(Block, section="mailbox"):
        \"\"\"A mailbox of a namespace.\"\"\"

        auto: Annotated[Literal["no", "create"], doc("Whether it is made")] = "no"

declares `mailbox NAME { auto = no }`; a field of type `tuple[MailboxBlock, ...]` in another block
nests it.
"""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, dataclass_transform

import msgspec
from msgspec import Struct, StructMeta

from culver.config.types import (
    CommaList,
    Duration,
    FileContent,
    IpList,
    Octal,
    Port,
    Secret,
    SettingType,
    Size,
    SpaceList,
    TimeMsecs,
    Unlimited,
    Url,
)
from culver.config.variables import TemplateString

__all__ = [
    "Block",
    "CommaList",
    "Doc",
    "Duration",
    "FileContent",
    "IpList",
    "NumberedList",
    "Octal",
    "Port",
    "Secret",
    "SettingType",
    "Settings",
    "Size",
    "SpaceList",
    "TemplateString",
    "TimeMsecs",
    "Unlimited",
    "Url",
    "doc",
]


class Doc(Struct, frozen=True):
    """What is said about a setting: one sentence, its unit, an example, what is allowed."""

    text: str
    unit: str | None = None
    example: str | None = None
    allowed: str | None = None


def doc(
    text: str,
    unit: str | None = None,
    example: str | None = None,
    allowed: str | None = None,
) -> Doc:
    """Document a setting: `Annotated[Size, doc("Largest mail", example="10M")]`."""
    return Doc(text, unit, example, allowed)


class NumberedList(tuple[str, ...]):
    """The values of `name`, `name2`, `name3`, ... up to the first that is missing."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "NumberedList":
        """Take one value; the loader joins the numbered ones."""
        return cls((text,) if text else ())

    def to_text(self) -> str:
        """The first value."""
        return self[0] if self else ""


class _Meta(StructMeta):
    """Makes every declaration frozen and keyword-only, and keeps its class keywords."""

    def __new__(
        mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **keywords: Any
    ) -> "_Meta":
        own = {word: keywords.pop(word) for word in _KEYWORDS if word in keywords}
        keywords = {"frozen": True, "kw_only": True, **keywords}
        cls = super().__new__(mcls, name, bases, namespace, **keywords)
        for word, value in own.items():
            type.__setattr__(cls, f"__culver_{word}__", value)
        return cls


_KEYWORDS = ("prefix", "section", "name_setting")


# Frozen at run time; `frozen_default` cannot be said here, as mypy takes Struct for an unfrozen
# dataclass and refuses to inherit.
@dataclass_transform(kw_only_default=True, field_specifiers=(msgspec.field,))
class Settings(Struct, metaclass=_Meta):
    """A group of settings, each named PREFIX_field. Instances are immutable."""

    __culver_prefix__: ClassVar[str] = ""

    if TYPE_CHECKING:

        def __init_subclass__(cls, *, prefix: str = "") -> None: ...


@dataclass_transform(kw_only_default=True, field_specifiers=(msgspec.field,))
class Block(Struct, metaclass=_Meta):
    """A section `SECTION [name] { ... }`, of which there may be many. Instances are immutable.

    A block of a name that comes twice is one block; each block without a name is its own.
    `name_setting` is the setting inside the block that gives the name too (`path` of a listener).
    """

    __culver_section__: ClassVar[str] = ""
    __culver_name_setting__: ClassVar[str] = "name"

    name: Annotated[str, doc("Name that is written after the section's")] = ""

    if TYPE_CHECKING:

        def __init_subclass__(cls, *, section: str, name_setting: str = "name") -> None: ...
