"""Types of setting values: each parses Dovecot's text form and prints it as doveconf does.

A type of one's own needs two things: a classmethod `parse(text)` that raises `ValueError` with
a text for the admin, and `to_text()` that gives the text form back.
"""

import hmac
import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, Protocol, Self, TypeAlias, runtime_checkable

Network: TypeAlias = IPv4Network | IPv6Network
Address: TypeAlias = IPv4Address | IPv6Address

_SIZE = re.compile(r"(\d+) *(?:([bB])|([kKmMgGtT])[iI]?[bB]?)?", re.ASCII)
_TIME = re.compile(r"(\d+) *([a-zA-Z]*)", re.ASCII)
_SIZE_LETTERS = "kmgt"
_MAX_UINT: Final = 2**32 - 1
_MAX_SIZE: Final = 2**64 - 1

# Any beginning of these words is a unit: "s", "sec", "secs", "second". 2.3 does the same, so the
# order matters: "m" is minutes, and only from "ms" on are they milliseconds.
_UNITS: Final = (
    ("secs", 1000),
    ("seconds", 1000),
    ("mins", 60_000),
    ("minutes", 60_000),
    ("msecs", 1),
    ("mseconds", 1),
    ("millisecs", 1),
    ("milliseconds", 1),
    ("hours", 3_600_000),
    ("days", 86_400_000),
    ("weeks", 604_800_000),
)
_LONG_UNITS: Final = ((604_800, "weeks"), (86_400, "days"), (3600, "hours"), (60, "mins"))


@runtime_checkable
class SettingType(Protocol):
    """What a class must offer to be the type of a setting."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form. Raises `ValueError` with what is wrong."""
        ...

    def to_text(self) -> str:
        """Write the text form, as `culver config` prints it."""
        ...


class Size(int):
    """A number of bytes, base 1024: `10M`, `64 k`, `1 GiB`, `512B`."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a size. Raises `ValueError`."""
        match = _SIZE.fullmatch(text)
        if not match:
            raise ValueError(f"Invalid size: {text}")
        power = _SIZE_LETTERS.index(match[3].lower()) + 1 if match[3] else 0
        size = int(match[1]) << (10 * power)
        if size > _MAX_SIZE:
            raise ValueError(f"Size is too large: {text}")
        return cls(size)

    def to_text(self) -> str:
        """Write it with the largest unit that divides it."""
        size, unit = int(self), "B"
        if not size:
            return "0"
        for letter in "kMGT":
            if size % 1024:
                break
            size, unit = size // 1024, letter
        return f"{size} {unit}"


class Duration(float):
    """A length of time in seconds: `30 secs`, `5 mins`, `1h`, `2 weeks`, `2000 ms`."""

    __slots__ = ()
    _whole_seconds = True

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a time; the unit may only be missing from 0. Raises `ValueError`."""
        match = _TIME.fullmatch(text)
        if not match:
            raise ValueError(f"Invalid time interval: {text}")
        number, unit = int(match[1]), match[2].lower()
        if not unit:
            return cls._bare(number, text)
        factor = next((ms for word, ms in _UNITS if word.startswith(unit)), 0)
        msecs = number * factor
        if not factor:
            raise ValueError(f"Invalid time interval: {text}")
        if msecs // (1000 if cls._whole_seconds else 1) > _MAX_UINT:
            raise ValueError(f"Time interval is too large: {text}")
        if msecs % 1000 and cls._whole_seconds:
            raise ValueError(f"Milliseconds not supported for this setting: {text}")
        return cls(msecs / 1000)

    @classmethod
    def _bare(cls, number: int, text: str) -> Self:
        if number:
            raise ValueError(f"Time interval '{text}' is missing units (add e.g. 's' for seconds)")
        return cls(0)

    def to_text(self) -> str:
        """Write it with the largest unit that divides it."""
        msecs = round(self * 1000)
        if not msecs:
            return "0"
        if msecs % 1000:
            return f"{msecs} ms"
        secs = msecs // 1000
        for length, unit in _LONG_UNITS:
            if secs % length == 0:
                return f"{secs // length} {unit}"
        return f"{secs} secs"


class TimeMsecs(Duration):
    """A length of time in seconds that may be given to the millisecond: `250 msecs`."""

    __slots__ = ()
    _whole_seconds = False


class Octal(int):
    """A file mode: `0600`. Without the leading 0 it is decimal, as in Dovecot."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a mode. Raises `ValueError`."""
        base = 8 if text.startswith("0") else 10
        if not re.fullmatch(r"[0-7]+" if base == 8 else r"[0-9]+", text):
            raise ValueError(f"Invalid number: {text}")
        return cls(int(text, base))

    def to_text(self) -> str:
        """Write it in octal with a leading 0."""
        return f"0{self:o}"


class Port(int):
    """A TCP port, 0 to 65535; 0 = off."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a port. Raises `ValueError`."""
        if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 65535:
            raise ValueError(f"Invalid port number {text}")
        return cls(int(text))

    def to_text(self) -> str:
        """Write it in decimal."""
        return str(int(self))


class Unlimited(int):
    """A count that may be the word `unlimited` (kept as 2^32-1, as Dovecot does)."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a count. Raises `ValueError`."""
        if text == "unlimited":
            return cls(_MAX_UINT)
        if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) > _MAX_UINT:
            raise ValueError(f"Invalid number {text}")
        return cls(int(text))

    @property
    def is_unlimited(self) -> bool:
        """Whether there is no limit."""
        return self == _MAX_UINT

    def to_text(self) -> str:
        """Write the number or the word."""
        return "unlimited" if self.is_unlimited else str(int(self))


class SpaceList(tuple[str, ...]):
    """Words parted by spaces: `imap pop3 lmtp`."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Split at spaces; never fails."""
        return cls(text.split())

    def to_text(self) -> str:
        """Join with one space."""
        return " ".join(self)


class CommaList(SpaceList):
    """Words parted by commas, spaces or both: `*, ::`."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Split at commas and spaces; never fails."""
        return cls(text.replace(",", " ").split())

    def to_text(self) -> str:
        """Join with a comma and a space."""
        return ", ".join(self)


class IpList(tuple[Network, ...]):
    """Networks parted by spaces or commas: `10.0.0.0/8 ::1 [fd00::]/8`; no mask = one address."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read networks. Raises `ValueError` for the first that is none."""
        return cls(parse_network(word) for word in text.replace(",", " ").split())

    def to_text(self) -> str:
        """Join with one space; the mask of a single address is left out."""
        return " ".join(map(format_network, self))

    def has(self, address: str | Address) -> bool:
        """Whether an address lies in one of the networks; text that is no address lies in none."""
        if not self:
            return False
        found = parse_address(address) if isinstance(address, str) else address
        return found is not None and any(found in network for network in self)


class Secret:
    """A password or key. It does not print: `reveal()` gives the text to whoever has to use it."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        """Wrap the text."""
        self._text = text

    @classmethod
    def parse(cls, text: str) -> Self:
        """Wrap the text; never fails."""
        return cls(text)

    def reveal(self) -> str:
        """The text itself. Never log it."""
        return self._text

    def to_text(self) -> str:
        """The text itself, for `culver config -P`, which hides it before it prints."""
        return self._text

    def __bool__(self) -> bool:
        """Whether it is set."""
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        """Compare in constant time."""
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_octets(self._text), _octets(other._text))

    def __hash__(self) -> int:
        """Hash of the text."""
        return hash(self._text)

    def __repr__(self) -> str:
        """Three stars."""
        return "***"


class FileContent(str):
    """The contents of a file, given as `key = </path`; a value without `<` is taken as it is."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take the text; never fails."""
        return cls(text)

    def to_text(self) -> str:
        """The contents."""
        return str(self)


class Url(str):
    """A URL with a scheme, or empty."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Check that there is a scheme. Raises `ValueError`."""
        if text and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text):
            raise ValueError(f"Invalid URL: {text}")
        return cls(text)

    def to_text(self) -> str:
        """The URL."""
        return str(self)


def parse_address(text: str) -> Address | None:
    """Read `192.0.2.1`, `2001:db8::1` or `[2001:db8::1]`; None if it is no address."""
    try:
        return ip_address(text.strip("[]"))
    except ValueError:
        return None


def parse_network(text: str) -> Network:
    """Read an address with an optional mask; host bits are dropped. Raises `ValueError`."""
    address, slash, mask = text.partition("/")
    try:
        return ip_network(address.strip("[]") + slash + mask, strict=False)
    except ValueError as error:
        raise ValueError(f"Invalid IP address or network: {text}") from error


def format_network(network: Network) -> str:
    """Write a network; the mask of a single address is left out."""
    full = network.prefixlen == network.max_prefixlen
    return str(network.network_address) if full else str(network)


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
