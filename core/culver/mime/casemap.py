"""Comparison keys of i;unicode-casemap (RFC 5051), the comparator of IMAP SEARCH and Sieve."""

from unicodedata import normalize


def casemap(text: str) -> str:
    """The key of `text`: equal keys are equal text, a substring's key is in the text's key.

    RFC 5051 2: each character in titlecase (the simple mapping, one character to one), then
    decomposed. ASCII, which most text is, needs only upper case, and gets the same key either way.
    """
    if text.isascii():
        return text.upper()
    return normalize("NFKD", text.translate(_TITLE))


class _TitleTable(dict[int, str]):
    """str.translate() fills it as characters turn up: at most one entry for each of Unicode."""

    def __missing__(self, code: int) -> str:
        # "ß".title() is "Ss", a full mapping; the simple titlecase of such a one is itself.
        titled = chr(code).title()
        self[code] = titled if len(titled) == 1 else chr(code)
        return self[code]


_TITLE = _TitleTable()
