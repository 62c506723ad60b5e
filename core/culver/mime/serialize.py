"""The part tree as bytes, in the layout of Dovecot's cache field mime.parts.

Little endian, parts in message order, parents before children: u32 flags; u64 offset of the
header (not for the root); u64 header size, header virtual size, body size, body virtual size;
u32 body lines (text and message/rfc822 only); u32 number of children (multipart and
message/rfc822 only).
"""

from struct import Struct, error

from culver.mime.part import MULTIPART, RFC822, TEXT, Part

_U32 = Struct("<I")
_ROOT = Struct("<IQQQQ")
_CHILD = Struct("<IQQQQQ")


def dump_parts(root: Part) -> bytes:
    """The tree for the cache; header lines, lines of other parts and content types are not kept."""
    out = bytearray()
    _dump(root, out, True)
    return bytes(out)


def _dump(part: Part, out: bytearray, is_root: bool) -> None:
    sizes = (part.header_size, part.header_virtual, part.body_size, part.body_virtual)
    if is_root:
        out += _ROOT.pack(part.flags, *sizes)
    else:
        out += _CHILD.pack(part.flags, part.header_start, *sizes)
    if part.flags & (TEXT | RFC822):
        out += _U32.pack(part.body_lines & 0xFFFFFFFF)
    if part.flags & (MULTIPART | RFC822):
        out += _U32.pack(len(part.children))
    for child in part.children:
        _dump(child, out, False)


def load_parts(data: bytes) -> Part:
    """The tree from the cache.

    Raises ValueError when `data` is not whole or contradicts itself; then the mail has to be
    parsed again. `content` is None and `header_lines` is 0 in every part.
    """
    try:
        root, at = _load(data, 0, True, 0)
    except error as exc:
        raise ValueError("mime.parts: not enough data") from exc
    if at != len(data):
        raise ValueError(f"mime.parts: {len(data) - at} bytes too many")
    return root


def _load(data: bytes, at: int, is_root: bool, level: int) -> tuple[Part, int]:
    layout = _ROOT if is_root else _CHILD
    flags, *numbers = layout.unpack_from(data, at)
    at += layout.size
    start = 0 if is_root else numbers.pop(0)
    part = Part(
        flags=flags,
        header_start=start,
        header_size=numbers[0],
        header_virtual=numbers[1],
        body_size=numbers[2],
        body_virtual=numbers[3],
    )
    if part.header_virtual < part.header_size or part.body_virtual < part.body_size:
        raise ValueError("mime.parts: a virtual size is smaller than the physical size")
    if flags & (TEXT | RFC822):
        (part.body_lines,) = _U32.unpack_from(data, at)
        at += _U32.size
    if flags & (MULTIPART | RFC822):
        (count,) = _U32.unpack_from(data, at)
        at = _load_children(data, at + _U32.size, part, count, level + 1)
    return part, at


def _load_children(data: bytes, at: int, part: Part, count: int, level: int) -> int:
    if part.flags & RFC822 and count != 1:
        raise ValueError(f"mime.parts: message/rfc822 has {count} children, not 1")
    if level > 200:  # twice what the parser makes; a damaged file must not end the stack
        raise ValueError("mime.parts: nested too deep")
    end = part.body_start
    for _ in range(count):
        child, at = _load(data, at, False, level)
        if child.header_start < end or child.body_end > part.body_end:
            raise ValueError("mime.parts: a part lies outside of its parent")
        end = child.body_end
        part.children.append(child)
    return at
