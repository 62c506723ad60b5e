"""What the server says, as octets (RFC 3501 7). Every function returns whole lines with CRLF.

Texts and codes must not hold CR or LF; callers pass constants, or names that went through
`quoting`. Mailbox names are given decoded.
"""

import binascii
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, repeat
from typing import Protocol, Self

from culver_plugins.imap.wire import flags, sequence
from culver_plugins.imap.wire.quoting import astring, mailbox, nstring, quoted, string
from culver_plugins.imap.wire.sequence import Bitmap, Ranges


def tagged(tag: bytes, status: bytes, text: bytes, code: bytes = b"") -> bytes:
    """Build `tag OK [CODE] text`; status is OK, NO, BAD or (with `*`) BYE and PREAUTH."""
    if code:
        return b"%b %b [%b] %b\r\n" % (tag, status, code, text)
    return b"%b %b %b\r\n" % (tag, status, text)


def ok(tag: bytes, text: bytes, code: bytes = b"") -> bytes:
    """Build a tagged OK."""
    return tagged(tag, b"OK", text, code)


def no(tag: bytes, text: bytes, code: bytes = b"") -> bytes:
    """Build a tagged NO."""
    return tagged(tag, b"NO", text, code)


def bad(tag: bytes, text: bytes, code: bytes = b"") -> bytes:
    """Build a tagged BAD."""
    return tagged(tag, b"BAD", text, code)


def untagged(line: bytes) -> bytes:
    """Build `* line`."""
    return b"* %b\r\n" % line


def untagged_ok(text: bytes, code: bytes = b"") -> bytes:
    """Build an untagged OK."""
    return tagged(b"*", b"OK", text, code)


def bye(text: bytes, code: bytes = b"") -> bytes:
    """Build `* BYE text`."""
    return tagged(b"*", b"BYE", text, code)


def greeting(capabilities: Iterable[bytes], text: bytes) -> bytes:
    """Build the first line of a connection, with the capabilities in it."""
    return untagged_ok(text, capability_code(capabilities))


def continuation(text: bytes) -> bytes:
    """Build `+ text`, such as `+ idling`."""
    return b"+ %b\r\n" % text


def challenge(data: bytes) -> bytes:
    """Build a SASL challenge from undecoded octets (RFC 3501 6.2.2)."""
    return continuation(binascii.b2a_base64(data, newline=False))


def capability_code(capabilities: Iterable[bytes]) -> bytes:
    """Build the inside of `[CAPABILITY ...]`, for `code`."""
    return b"CAPABILITY " + b" ".join(capabilities)


def capability(capabilities: Iterable[bytes]) -> bytes:
    """Build the untagged CAPABILITY."""
    return untagged(capability_code(capabilities))


def enabled(names: Iterable[bytes]) -> bytes:
    """Build ENABLED with what was switched on, perhaps nothing (RFC 5161 3.2)."""
    return untagged(b" ".join((b"ENABLED", *names)))


def server_id(fields: Mapping[bytes, bytes | None] | None) -> bytes:
    """Build ID; None for NIL (RFC 2971 3.2)."""
    if not fields:
        return untagged(b"ID NIL")
    words = (b"%b %b" % (string(name), nstring(value)) for name, value in fields.items())
    return untagged(b"ID (%b)" % b" ".join(words))


# -- the selected mailbox -----------------------------------------------------------------------


def exists(count: int) -> bytes:
    """Build EXISTS: how many messages there are."""
    return b"* %d EXISTS\r\n" % count


def recent(count: int) -> bytes:
    r"""Build RECENT: how many of them are \Recent."""
    return b"* %d RECENT\r\n" % count


def expunges(numbers: Iterable[int]) -> bytes:
    """Build an EXPUNGE for each sequence number: highest first, or already counted down."""
    return b"".join(b"* %d EXPUNGE\r\n" % number for number in numbers)


def vanished(uids: Bitmap | Iterable[int], *, earlier: bool = False) -> bytes:
    """Build VANISHED (RFC 7162 3.2.10); `uids` as in `sequence.format_set`."""
    return b"* VANISHED %b%b\r\n" % (
        b"(EARLIER) " if earlier else b"",
        sequence.format_set(uids),
    )


def flags_line(keywords: Iterable[bytes] = ()) -> bytes:
    r"""Build FLAGS: the system flags but \Recent, and the keywords of the mailbox."""
    return b"* FLAGS (%b)\r\n" % flags.bits_text(0x1F, keywords)


def permanent_flags(keywords: Iterable[bytes], *, bits: int = 0x1F, new: bool = True) -> bytes:
    r"""Build OK [PERMANENTFLAGS ...]; `new`: clients may make keywords (`\*`).

    With no bit, no keyword and `new` false the mailbox is read-only, and the text says so.
    """
    words = flags.bits_text(bits, (*keywords, b"\\*") if new else keywords)
    text = b"Flags permitted." if words else b"Read-only mailbox."
    return untagged_ok(text, b"PERMANENTFLAGS (%b)" % words)


def numbered(code: bytes, number: int, text: bytes) -> bytes:
    """Build `* OK [CODE n] text`: UNSEEN, UIDVALIDITY, UIDNEXT, HIGHESTMODSEQ."""
    return b"* OK [%b %d] %b\r\n" % (code, number, text)


# -- FETCH --------------------------------------------------------------------------------------


def fetch_line(number: int, items: Iterable[bytes]) -> bytes:
    """Build one FETCH from items that are written out, `UID 7`, `FLAGS ()`."""
    return b"* %d FETCH (%b)\r\n" % (number, b" ".join(items))


def fetch_lines(rows: Iterable[tuple[int, bytes]]) -> bytes:
    """Build a FETCH for each row of sequence number and joined items, at once."""
    flat = tuple(chain.from_iterable(rows))
    return (b"* %d FETCH (%b)\r\n" * (len(flat) // 2)) % flat


def fetch_flags_lines(
    numbers: Iterable[int], uids: Sequence[int] | None, texts: Sequence[bytes]
) -> bytes:
    """Build `n FETCH (UID u FLAGS (...))` for whole columns in one formatting call.

    `texts` are the insides of the parentheses, one per row (`flags.FLAG_TEXTS` and keywords);
    without `uids` there is no UID item. All columns are equally long.
    """
    if uids is None:
        flat = tuple(chain.from_iterable(zip(numbers, texts, strict=True)))
        return (b"* %d FETCH (FLAGS (%b))\r\n" * len(texts)) % flat
    flat3 = tuple(chain.from_iterable(zip(numbers, uids, texts, strict=True)))
    return (b"* %d FETCH (UID %d FLAGS (%b))\r\n" * len(texts)) % flat3


def fetch_modseq_lines(
    numbers: Iterable[int], uids: Sequence[int], texts: Sequence[bytes], modseqs: Iterable[int]
) -> bytes:
    """Build the same with MODSEQ behind FLAGS (RFC 7162 3.1.4)."""
    flat = tuple(chain.from_iterable(zip(numbers, uids, texts, modseqs, strict=True)))
    return (b"* %d FETCH (UID %d FLAGS (%b) MODSEQ (%d))\r\n" * len(texts)) % flat


def fetch_uid_lines(numbers: Sequence[int], uids: Sequence[int]) -> bytes:
    """Build `n FETCH (UID u)` for whole columns."""
    flat = tuple(chain.from_iterable(zip(numbers, uids, strict=True)))
    return (b"* %d FETCH (UID %d)\r\n" * len(uids)) % flat


# -- SEARCH -------------------------------------------------------------------------------------


def search(ids: Iterable[int], modseq: int | None = None, *, word: bytes = b"SEARCH") -> bytes:
    """Build SEARCH (or SORT) with its numbers, and MODSEQ when the search asked for it.

    RFC 7162 3.1.5, RFC 5256 4.
    """
    flat = tuple(ids)
    line = (b"* " + word + b" %d" * len(flat)) % flat
    return line + (b"\r\n" if modseq is None else b" (MODSEQ %d)\r\n" % modseq)


def esearch(
    tag: bytes,
    *,
    uid: bool = False,
    minimum: int | None = None,
    maximum: int | None = None,
    count: int | None = None,
    found: bytes = b"",
    partial: bytes = b"",
    modseq: int | None = None,
) -> bytes:
    """Build ESEARCH (RFC 4731 3.1); what is None or empty is left out.

    `found` is a sequence set, `partial` the inside of PARTIAL's parentheses (RFC 9394 3.1).
    """
    words = [b"* ESEARCH (TAG %b)" % quoted(tag)]
    if uid:
        words.append(b"UID")
    words += _numbers((b"MIN", minimum), (b"MAX", maximum))
    if found:
        words.append(b"ALL " + found)
    if partial:
        words.append(b"PARTIAL (%b)" % partial)
    words += _numbers((b"COUNT", count), (b"MODSEQ", modseq))
    return b" ".join(words) + b"\r\n"


def esearch_update(tag: bytes, what: bytes, ids: Bitmap, *, uid: bool) -> bytes:
    """Build ESEARCH with ADDTO or REMOVEFROM; position 0: the client knows where (RFC 5267 4.3)."""
    mode = b" UID" if uid else b""
    return b"* ESEARCH (TAG %b)%b %b (0 %b)\r\n" % (
        quoted(tag),
        mode,
        what,
        sequence.format_set(ids),
    )


def no_update(tag: bytes, text: bytes) -> bytes:
    """Build `* NO [NOUPDATE "tag"] text` (RFC 5267 4.3.1)."""
    return tagged(b"*", b"NO", text, b"NOUPDATE " + quoted(tag))


def _numbers(*named: tuple[bytes, int | None]) -> list[bytes]:
    return [b"%b %d" % (name, number) for name, number in named if number is not None]


class Tree(Protocol):
    """A message of a thread with its answers; with a UID of 0 a dummy that holds them together."""

    @property
    def number(self) -> int:
        """UID, 0 for a dummy."""
        ...

    @property
    def answers(self) -> Sequence[Self]:
        """In their order."""
        ...


def threads(roots: Sequence[Tree], numbers: Mapping[int, int] | None = None) -> bytes:
    """Build THREAD (RFC 5256 4); `numbers` maps UIDs to what is told instead."""
    # No recursion: a chain of thousands of answers to answers is legal.
    words: list[bytes] = []
    waiting: list[tuple[Tree, bool] | bytes] = [(root, True) for root in reversed(roots)]
    while waiting:
        item = waiting.pop()
        if isinstance(item, bytes):
            words.append(item)
            continue
        tree, bracketed = item
        if bracketed:
            words.append(b"(")
            waiting.append(b")")
        if uid := tree.number:
            words.append(b"%d " % (uid if numbers is None else numbers[uid]))
        several = len(tree.answers) > 1
        waiting += [(answer, several) for answer in reversed(tree.answers)]
    text = b"".join(words).replace(b" )", b")")
    return b"* THREAD %b\r\n" % text if text else b"* THREAD\r\n"


# -- mailboxes ----------------------------------------------------------------------------------


def list_line(
    attributes: Iterable[bytes],
    separator: str | None,
    name: str,
    *,
    command: bytes = b"LIST",
    child_info: Iterable[bytes] = (),
) -> bytes:
    r"""Build LIST, LSUB or XLIST. Attributes keep their backslash; a separator of None is NIL.

    `child_info` names the selections met by children only: `SUBSCRIBED` (RFC 5258 3.5).
    """
    delimiter = b"NIL" if separator is None else quoted(separator.encode())
    line = b"* %b (%b) %b %b" % (command, b" ".join(attributes), delimiter, mailbox(name))
    if info := b" ".join(map(quoted, child_info)):
        line += b' ("CHILDINFO" (%b))' % info
    return line + b"\r\n"


def status(name: str, values: Mapping[str, int | bytes]) -> bytes:
    """Build STATUS; the items come in the mapping's order."""
    words = (
        b"%b %b" % (item.encode(), value if isinstance(value, bytes) else b"%d" % value)
        for item, value in values.items()
    )
    return b"* STATUS %b (%b)\r\n" % (mailbox(name), b" ".join(words))


NamespaceList = Sequence[tuple[str, str | None]]


def namespace(personal: NamespaceList, other: NamespaceList, shared: NamespaceList) -> bytes:
    """Build NAMESPACE from prefixes and separators (RFC 2342 5)."""
    lists = b" ".join(map(_namespaces, (personal, other, shared)))
    return b"* NAMESPACE %b\r\n" % lists


def _namespaces(each: NamespaceList) -> bytes:
    if not each:
        return b"NIL"
    return b"(%b)" % b"".join(
        b"(%b %b)" % (_prefix(prefix), b"NIL" if sep is None else quoted(sep.encode()))
        for prefix, sep in each
    )


def _prefix(prefix: str) -> bytes:
    wire = mailbox(prefix)
    return wire if wire.startswith((b'"', b"{")) else quoted(wire)


# -- codes --------------------------------------------------------------------------------------


def mailbox_id(guid: str) -> bytes:
    """Build the inside of `[MAILBOXID (...)]` (RFC 8474 4.1)."""
    return b"MAILBOXID (%b)" % guid.encode()


def append_uid(validity: int, uids: Ranges) -> bytes:
    """Build the inside of `[APPENDUID ...]` (RFC 4315 3)."""
    return b"APPENDUID %d %b" % (validity, sequence.format_ranges(uids))


def copy_uid(validity: int, source: Ranges, target: Ranges) -> bytes:
    """Build the inside of `[COPYUID ...]`: both sets in the same order (RFC 4315 3)."""
    old, new = sequence.format_ranges(source), sequence.format_ranges(target)
    return b"COPYUID %d %b %b" % (validity, old, new)


def modified(ids: Ranges) -> bytes:
    """Build the inside of `[MODIFIED ...]` (RFC 7162 3.1.3)."""
    return b"MODIFIED " + sequence.format_ranges(ids)


def header_fields(names: Iterable[bytes]) -> bytes:
    """Build a header list, `(From "X Y")`."""
    return b"(%b)" % b" ".join(map(astring, names))


def same_flags_lines(numbers: Sequence[int], uids: Sequence[int], text: bytes) -> bytes:
    """Build the lines of `fetch_flags_lines` when all rows have the same flags (a bulk STORE)."""
    flat = tuple(chain.from_iterable(zip(numbers, uids, repeat(text))))
    return (b"* %d FETCH (UID %d FLAGS (%b))\r\n" * len(uids)) % flat
