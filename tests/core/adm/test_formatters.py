"""Rows in the formats of -f, byte by byte as doveadm 2.3 writes them."""

import io
import json
import tempfile
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.adm.errors import AdmError
from culver.adm.formatters.formatter import Header
from culver.adm.formatters.table import widths
from culver.adm.printer import Printer

Cell = str | bytes


def printed(
    name: str, headers: Sequence[str], cells: Sequence[Cell], *, hide_titles: bool = False
) -> bytes:
    """What a format makes of cells; a header that starts with ``-`` is hidden."""
    with tempfile.TemporaryFile() as out:
        printer = Printer(name, out, hide_titles=hide_titles)
        for header in headers:
            printer.header(header.removeprefix("-"), hidden=header.startswith("-"))
        printer.start()
        for cell in cells:
            if isinstance(cell, bytes):
                printer.stream(cell)
            else:
                printer.value(cell)
        printer.finish()
        out.seek(0)
        return out.read()


@pytest.mark.parametrize(
    ("name", "headers", "cells", "expected"),
    [
        ("flow", ["a", "b"], ["1", "2", "3", "4"], b"a=1 b=2\na=3 b=4\n"),
        ("flow", ["-box", "b"], ["Foo", "2"], b"Foo b=2\n"),
        ("flow", ["a"], [b"x\ny\n"], b"a=x\ny\n\n"),
        ("flow", ["a", "b"], ["1"], b"a=1 \n"),
        ("flow", ["a"], [], b""),
        ("tab", ["a", "-b"], ["1", "2", "3", "4"], b"a\tb\n1\t2\n3\t4\n"),
        ("tab", ["a"], [], b"a\n"),
        ("tab", ["a", "b"], [b"x\n", "1"], b"a\tb\nx\n\t1\n"),
        ("pager", ["a", "b"], ["1", "2", "3", "4"], b"a: 1\nb: 2\n\f\na: 3\nb: 4\n"),
        ("pager", ["-a"], ["1", "2"], b"1\n\f\n2\n"),
        ("pager", ["a"], [b"x\n", b"y\n"], b"a:\nx\na:\ny\n"),
        ("json", ["a", "b"], ["1", '"\\'], b'[{"a":"1","b":"\\"\\\\"}]'),
        ("json", ["a"], ["1", "2"], b'[{"a":"1"},{"a":"2"}]'),
        ("json", ["a"], [], b"[]"),
        ("json", ["a"], [b"x\r\n\t\x01"], b'[{"a":"x\\r\\n\\t\\u0001"}]'),
        ("table", ["-a"], ["x"], b"x" + b" " * 39 + b"\n"),
        (
            "table",
            ["uid", "b"],
            ["1", "é", "1234", "y"],
            "uid  b                                     \n"
            "1    é                                     \n"
            "1234 y                                     \n".encode(),
        ),
    ],
)  # fmt: skip
def test_what_is_printed(name: str, headers: list[str], cells: list[Cell], expected: bytes) -> None:
    found = printed(name, headers, cells)

    assert [line.rstrip() for line in found.split(b"\n")] == [
        line.rstrip() for line in expected.split(b"\n")
    ]
    assert name == "table" or found == expected


@pytest.mark.parametrize(("name", "expected"), [("tab", b"1\n"), ("flow", b"a=1\n")])
def test_titles_are_hidden(name: str, expected: bytes) -> None:
    assert printed(name, ["a"], ["1"], hide_titles=True) == expected


def test_a_table_refuses_values_of_many_lines() -> None:
    with pytest.raises(AdmError, match="multi-line"):
        printed("table", ["a"], [b"x\ny"])


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(AdmError, match=r"xml.*flow, tab, table, pager, json"):
        Printer("xml", io.BytesIO())


def test_a_sticky_value_is_in_every_row() -> None:
    out = io.BytesIO()
    printer = Printer("flow", out)
    printer.header("username", hidden=True, sticky=True)
    printer.header("uid")
    printer.start()
    for user in ("alice", "bob"):
        printer.stick("username", user)
        printer.row(1)
        printer.row(2)
    printer.finish()

    assert out.getvalue() == b"alice uid=1\nalice uid=2\nbob uid=1\nbob uid=2\n"


@given(st.lists(st.text(), max_size=6))
def test_json_is_json(texts: list[str]) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]

    assert json.loads(printed("json", ["a"], texts)) == [{"a": text} for text in texts]


@given(st.lists(st.integers(0, 60), min_size=1, max_size=8), st.integers(30, 200))
def test_columns_are_no_narrower_than_their_shortest_value(sizes: list[int], columns: int) -> None:
    headers = [Header(key="k", title="title") for _ in sizes]

    found = widths(headers, ["x" * size for size in sizes], columns)

    assert all(width >= min(5, size) for width, size in zip(found, sizes, strict=True))


@pytest.mark.parametrize(
    ("sizes", "columns", "expected"),
    [
        ([3, 3], 80, [5, 39]),  # half of what is left goes to the last column
        ([40, 38], 80, [40, 38]),
        ([60, 60], 80, [60, 19]),
    ],
)
def test_widths(sizes: list[int], columns: int, expected: list[int]) -> None:
    headers = [Header(key="k", title="title") for _ in sizes]

    assert widths(headers, ["x" * size for size in sizes], columns) == expected
