import email
import email.policy
import mmap
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.mime.crlf import to_crlf
from culver.mime.parse import MAX_NESTED_PARTS, MAX_TOTAL_PARTS, parse_message
from culver.mime.part import Part, PartFlag

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.eml"))

# Pieces that make up the interesting mails: lines, and line ends that do not match them.
PIECES = st.sampled_from(
    [
        b"--a", b"--a--", b"--ab", b"--ab--", b"--", b"\n", b"\n", b"\r\n", b"\r", b"\0", b"x",
        b"Content-Type: multipart/mixed; boundary=a\n",
        b"Content-Type: multipart/digest; boundary=ab\n",
        b"Content-Type: message/rfc822\n",
        b"Content-Type: text/plain; boundary=a\n",
        b"Content-Type", b":", b" ",
    ]
)  # fmt: skip
MAILS = st.lists(PIECES, max_size=60).map(b"".join)


def walk(part: Part) -> Iterator[Part]:
    yield part
    for child in part.children:
        yield from walk(child)


def check_sizes(data: bytes, root: Part) -> None:
    """What has to be true of any tree, whatever the message."""
    assert (root.header_start, root.body_end) == (0, len(data))
    for part in walk(root):
        header = data[part.header_start : part.body_start]
        body = data[part.body_start : part.body_end]
        assert part.header_virtual == len(to_crlf(header))
        assert part.body_virtual == len(to_crlf(body))
        assert part.header_lines == header.count(b"\n")
        assert part.body_lines == body.count(b"\n")
        end = part.body_start
        for child in part.children:
            assert end <= child.header_start <= child.body_end <= part.body_end
            end = child.body_end
        assert not part.children or part.is_multipart or part.is_message
        assert not part.is_message or len(part.children) == 1


@given(MAILS)
def test_any_bytes_have_a_consistent_tree(data: bytes) -> None:
    check_sizes(data, parse_message(data))


@given(st.binary(max_size=300))
def test_garbage_is_one_part_at_least(data: bytes) -> None:
    check_sizes(data, parse_message(data))


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_the_corpus_is_consistent_in_any_line_end(path: Path) -> None:
    data = path.read_bytes()
    check_sizes(data, parse_message(data))
    check_sizes(to_crlf(data), parse_message(to_crlf(data)))


@pytest.mark.parametrize("name", ["nested", "boundary-in-header", "mixed-line-ends", "digest"])
def test_every_cut_of_a_message_is_consistent(name: str) -> None:
    data = (Path(__file__).parent / "corpus" / f"{name}.eml").read_bytes()
    for size in range(len(data)):
        check_sizes(data[:size], parse_message(data[:size]))


def shape(part: Part) -> object:
    return (part.media_type, [shape(child) for child in part.children])


@pytest.mark.parametrize(
    ("head", "text", "expected"),
    [
        ("multipart/mixed; boundary=a", "--a\n\nx\n--a\n\ny\n--a--\n", ["x", "y"]),
        ("multipart/mixed; boundary=a", "--a\n\nx\n\n--a\n\ny", ["x\n", "y"]),
        ("multipart/mixed; boundary=a", "pre\n--a\n\nx\n--a--\n--a\n\nepilogue\n", ["x"]),
        ("multipart/mixed; boundary=a", "--a\n--a\n\n--a--\n", ["", ""]),
        ("multipart/mixed; boundary=a", " --a\n\nx\n--b\n", []),
        ("multipart/mixed; boundary=a", "--a", []),
        ("multipart/mixed; boundary=a", "--a\n", [""]),
        ("multipart/mixed; boundary=a", "--azzz\n\nx\n--a--zzz\n", ["x"]),
        ('multipart/mixed; boundary=""', "--\n\nx\n--foo\n\ny\n", ["x", "y\n"]),
        ("multipart/mixed", "--a\n\nx\n--a--\n", []),
        ('multipart/mixed; boundary="a\r"', "--a\r\n\nx\n--a\r y\n\nz\n", ["z\n"]),
        ("text/plain; boundary=a", "--a\n\nx\n--a--\n", []),
    ],
)
def test_boundaries(head: str, text: str, expected: list[str]) -> None:
    data = f"Content-Type: {head}\n\n{text}".encode()
    for mail in (data, to_crlf(data)):
        root = parse_message(mail)
        bodies = [mail[part.body_start : part.body_end] for part in root.children]
        assert [body.replace(b"\r\n", b"\n").decode() for body in bodies] == expected


def test_a_part_of_a_digest_is_a_message_unless_it_says_otherwise() -> None:
    mail = (Path(__file__).parent / "corpus" / "digest.eml").read_bytes()

    assert shape(parse_message(mail)) == (
        b"multipart/digest",
        [
            (b"message/rfc822", [(b"text/plain", [])]),
            (b"text/plain", []),
            (b"message/rfc822", [(b"text/plain", [])]),
        ],
    )


def test_flags_tell_what_a_part_is() -> None:
    root = parse_message(
        b"Content-Type: multipart/digest; boundary=a\n\n--a\n\n\0: x\n\ny\0\n--a--\n"
    )
    message = root.children[0]

    assert PartFlag(root.flags) == PartFlag.MULTIPART | PartFlag.DIGEST | PartFlag.IS_MIME
    assert PartFlag(message.flags) == PartFlag.RFC822 | PartFlag.IS_MIME
    assert PartFlag(message.children[0].flags) == PartFlag.TEXT | PartFlag.HAS_NULS


def test_nesting_stops_at_the_limit() -> None:
    mail = b"".join(
        b"Content-Type: multipart/mixed; boundary=x%dx\n\n--x%dx\n" % (n, n) for n in range(150)
    )
    depth, part = 1, parse_message(mail)
    while part.children:
        depth, part = depth + 1, part.children[0]

    assert depth == MAX_NESTED_PARTS
    assert part.flags & PartFlag.OVERFLOW
    assert not part.is_multipart


def test_messages_in_messages_stop_at_the_limit() -> None:
    parts = list(walk(parse_message(b"Content-Type: message/rfc822\n\n" * 150)))

    assert len(parts) == MAX_NESTED_PARTS
    assert parts[-1].flags & PartFlag.OVERFLOW


def test_the_number_of_parts_stops_at_the_limit() -> None:
    mail = b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n\n" * (MAX_TOTAL_PARTS + 50)
    root = parse_message(mail)

    assert len(root.children) == MAX_TOTAL_PARTS - 1
    assert root.children[-1].flags & PartFlag.OVERFLOW
    check_sizes(mail, root)


def test_many_inner_boundaries_that_never_come_do_not_rescan_the_message() -> None:
    """Each of 5000 inner multiparts looks for its boundary up to the outer one and no further."""
    inner = b"--out\nContent-Type: multipart/mixed; boundary=never%d\n\n--almost\n"
    mail = b"Content-Type: multipart/mixed; boundary=out\n\n"
    mail += b"".join(inner % number for number in range(5000))

    assert len(parse_message(mail).children) == 5000


def test_a_mapped_file_is_parsed_like_bytes(tmp_path: Path) -> None:
    data = (Path(__file__).parent / "corpus" / "nested.eml").read_bytes()
    file = tmp_path / "mail"
    file.write_bytes(data)
    with (
        file.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
    ):
        assert parse_message(mapped) == parse_message(data)


def stdlib_leaves(message: Message) -> list[str]:
    if message.is_multipart():
        parts = message.get_payload()
        assert isinstance(parts, list)
        return [leaf for part in parts if isinstance(part, Message) for leaf in stdlib_leaves(part)]
    payload = message.get_payload()
    assert isinstance(payload, str)
    return [payload]


TEXTS = st.text("ab \n", max_size=12).filter(lambda text: not text.endswith("\n"))


@given(st.recursive(TEXTS, lambda parts: st.lists(parts, min_size=1, max_size=3), max_leaves=8))
def test_well_formed_multiparts_are_what_the_standard_library_sees(tree: object) -> None:
    def build(node: object, name: str) -> str:
        if isinstance(node, str):
            return f"Content-Type: text/plain\n\n{node}"
        assert isinstance(node, list)
        bound = f"={name}="
        inner = "".join(f"--{bound}\n{build(n, f'{name}.{i}')}\n" for i, n in enumerate(node))
        return f'Content-Type: multipart/mixed; boundary="{bound}"\n\n{inner}--{bound}--'

    text = build(tree, "r")
    data = text.encode()
    root = parse_message(data)
    ours = [data[p.body_start : p.body_end].decode() for p in walk(root) if not p.is_multipart]

    assert ours == stdlib_leaves(email.message_from_string(text, policy=email.policy.compat32))
