"""Charset names as mails use them, and bytes to text without ever failing."""

import codecs
from functools import lru_cache

# Names that mails carry (IANA names and habits of large mailers) and Python's codecs lack.
# The visual and implicit forms of the Hebrew and Arabic sets differ in order of display only.
ALIASES: dict[str, str] = {
    "ansi_x3.110-1983": "latin-1",
    "cp-850": "cp850",
    "cp874": "cp874",
    "default": "utf-8",
    "dos-874": "cp874",
    "gb18030-2022": "gb18030",
    "iso-8859-6-e": "iso8859-6",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-8-i": "iso8859-8",
    "iso-2022-jp-ms": "iso2022_jp_ext",
    "cp50220": "iso2022_jp_ext",
    "cp50221": "iso2022_jp_ext",
    "ks_c_5601-1987": "cp949",
    "unicode-1-1-utf-7": "utf-7",
    "unknown-8bit": "utf-8",
    "windows-31j": "cp932",
    "windows-874": "cp874",
    "windows-936": "gbk",
    "windows-949": "cp949",
    "x-gbk": "gbk",
    "x-mac-ce": "mac_latin2",
    "x-mac-centraleurroman": "mac_latin2",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-greek": "mac_greek",
    "x-mac-icelandic": "mac_iceland",
    "x-mac-roman": "mac_roman",
    "x-mac-turkish": "mac_turkish",
    "x-sjis": "cp932",
    "x-user-defined": "latin-1",
    "x-windows-949": "cp949",
    # What is sent under the first two names is the third: the WHATWG encoding standard says so too.
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
}

# Codecs that are no charsets (they turn bytes into bytes, or read escapes).
_NOT_CHARSETS = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined", "mbcs", "oem"}
)


@lru_cache(maxsize=256)
def codec_name(charset: bytes) -> str | None:
    """The Python codec for a charset name from a mail, or None when it is unknown."""
    name = charset.decode("latin-1").strip().lower()
    try:
        info = codecs.lookup(ALIASES.get(name, name))
    except (LookupError, ValueError, UnicodeError):
        return None
    # A private attribute, and the only way to tell "hex" or "zlib" from a charset.
    if info.name in _NOT_CHARSETS or not getattr(info, "_is_text_encoding", True):
        return None
    return info.name


def decode_text(data: bytes, charset: bytes = b"us-ascii") -> str:
    """`data` as text. Bytes that the charset does not have become U+FFFD.

    An unknown charset and 8-bit data declared as ASCII are read as UTF-8 if they are that, else
    as windows-1252: the likeliest guess for mail without a (true) label.
    """
    codec = codec_name(charset)
    if codec is None or codec == "ascii":
        return _guess(data)
    try:
        return data.decode(codec, "replace")
    except (UnicodeError, ValueError, LookupError):  # some codecs ignore "replace" on bad state
        return _guess(data)


def _guess(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
