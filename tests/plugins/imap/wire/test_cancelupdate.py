"""CANCELUPDATE: tags are quoted."""

from collections.abc import Callable

import pytest

from culver_plugins.imap.wire.cancelupdate import CancelUpdate
from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.errors import ParseError

Parse = Callable[..., Command]


def test_tags(parse: Parse) -> None:
    assert parse(b'CANCELUPDATE "B01"') == CancelUpdate((b"B01",))
    assert parse(b'CANCELUPDATE "B01" "b\\"2"') == CancelUpdate((b"B01", b'b"2'))


@pytest.mark.parametrize("text", [b"", b" ", b" B01", b' "B01', b' "a" b', b" {1}\n"])
def test_bad(parse: Parse, text: bytes) -> None:
    with pytest.raises(ParseError):
        parse(b"CANCELUPDATE" + text)
