"""Who a filter is for, and which filter wins."""

from dataclasses import dataclass

import pytest

from culver.config.filters import Filter, nested, query

LOOPBACK = "127.0.0.1"


def made(*steps: tuple[str, str]) -> Filter:
    found = Filter()
    for kind, value in steps:
        found, problem = nested(found, kind, value, lambda name: LOOPBACK)
        assert problem == ""
    return found


@dataclass
class Row:
    mask: Filter
    protocol: str | None = None
    name: str | None = None
    local: str | None = None
    remote: str | None = None
    matches: bool = True


ROWS = [
    Row(Filter()),
    Row(made(("protocol", "imap")), protocol="imap"),
    Row(made(("protocol", "imap")), protocol="pop3", matches=False),
    Row(made(("protocol", "imap")), matches=False),
    Row(made(("protocol", "!imap")), protocol="pop3"),
    Row(made(("protocol", "!imap")), protocol="imap", matches=False),
    Row(made(("protocol", "!imap")), matches=False),
    Row(made(("local_name", "a.example.org")), name="A.Example.ORG"),
    Row(made(("local_name", "*.example.org")), name="x.example.org"),
    Row(made(("local_name", "*.example.org")), name="example.org", matches=False),
    Row(made(("local_name", "*.example.org")), name="a.b.example.org", matches=False),
    Row(made(("local_name", "a.org b.org")), name="b.org"),
    Row(made(("local_name", "a.org")), matches=False),
    Row(made(("remote", "10.0.0.0/8")), remote="10.9.9.9"),
    Row(made(("remote", "10.0.0.0/8")), remote="11.9.9.9", matches=False),
    Row(made(("remote", "10.0.0.0/8")), remote="::1", matches=False),
    Row(made(("remote", "fd00::/8")), remote="[fd00::1]"),
    Row(made(("remote", "0.0.0.0/0")), remote="::1"),
    Row(made(("local", "localhost")), local=LOOPBACK),
    Row(made(("local", "127.0.0.0/8"), ("protocol", "imap")), local=LOOPBACK, matches=False),
]


@pytest.mark.parametrize("row", ROWS)
def test_matching(row: Row) -> None:
    connection = query(row.protocol, row.name, row.local, row.remote)

    assert row.mask.matches(connection) == row.matches


@pytest.mark.parametrize(
    ("outer", "kind", "value", "problem"),
    [
        ("protocol", "protocol", "pop3", "Nested"),
        ("protocol", "remote", "10.0.0.1", "use remote { protocol"),
        ("remote", "local", "10.0.0.1", "use local { remote"),
        ("remote", "local_name", "x", "use local_name { remote"),
        ("local_name", "local", "10.0.0.1", "use local { local_name"),
    ],
)
def test_the_order_of_nesting(outer: str, kind: str, value: str, problem: str) -> None:
    around = made((outer, {"protocol": "imap", "remote": "10.0.0.2"}.get(outer, "x")))

    same, found = nested(around, kind, value, str)

    assert same is around
    assert problem in found


def test_a_network_must_be_inside_the_one_around() -> None:
    around = made(("local", "10.0.0.0/24"))

    assert nested(around, "local", "10.0.0.8/29", str)[1] == ""
    assert "inside net1" in nested(around, "local", "10.0.0.0/16", str)[1]


def test_a_host_that_does_not_resolve() -> None:
    def unknown(name: str) -> str:
        raise OSError(f"{name} is not known")

    assert "is not known" in nested(Filter(), "remote", "nowhere", unknown)[1]


def test_the_most_specific_comes_last() -> None:
    order = [
        Filter(),
        made(("protocol", "imap")),
        made(("remote", "10.0.0.0/8")),
        made(("remote", "10.0.0.0/24")),
        made(("local", "10.0.0.0/8")),
        made(("local_name", "x")),
    ]

    shuffled = order[::-1]

    assert sorted(shuffled, key=lambda one: one.specificity) == order


def test_headers() -> None:
    one = made(("local", "10.0.0.0/8"), ("local_name", "x"), ("remote", "::1"), ("protocol", "a"))

    assert one.headers() == ["local 10.0.0.0/8", "local_name x", "remote ::1", "protocol a"]
