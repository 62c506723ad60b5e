"""MD4 against the test suite of RFC 1320, appendix A.5."""

import pytest

from culver.config.functions.md4 import md4

SUITE = {
    "": "31d6cfe0d16ae931b73c59d7e0c089c0",
    "a": "bde52cb31de33e46245e05fbdbd6fb24",
    "abc": "a448017aaf21d8525fc10ae87aa6729d",
    "message digest": "d9130a8164549fe818874806e1c7014b",
    "abcdefghijklmnopqrstuvwxyz": "d79e1c308aa5bbcdeea8ed63df412da9",
    "1234567890" * 8: "e33b4ddc9c38f2199c3e7b164fcc0536",
}


@pytest.mark.parametrize("text", SUITE)
def test_the_suite(text: str) -> None:
    assert md4(text.encode()).hex() == SUITE[text]
