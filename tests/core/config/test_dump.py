"""What is hidden and quoted in the output."""

import pytest

from culver.config.common import COMMON
from culver.config.dump import Scope, dump, find, root_items, shown
from culver.config.filters import Filter
from culver.config.load import loads

TABLE = [
    ("mail_home", "x", "x"),
    ("mail_home", "", ""),
    ("mail_home", " x", '" x"'),
    ("mail_home", 'a "#" b', '"a \\"#\\" b"'),
    ("ssl_key", "<x", "# hidden, use -P to show it"),
    ("ssl_key", "", ""),
    ("doveadm_password", "x", "# hidden, use -P to show it"),
    ("ssl_dh", "x", "# hidden, use -P to show it"),
    ("args", "password=x nopassword=y", "password=#hidden_use-P_to_show# nopassword=y"),
    ("args", "https://u:p@h/", "https://#hidden_use-P_to_show#@h/"),
]


@pytest.mark.parametrize(("name", "text", "expected"), TABLE)
def test_a_value(name: str, text: str, expected: str) -> None:
    assert shown(name, text, hide=True) == expected


def test_secrets_may_be_shown() -> None:
    assert shown("ssl_key", "x", hide=False) == "x"


def test_all_of_a_section() -> None:
    config = loads("service auth {\nunix_listener a/b {\nmode = 0660\n}\n}\n", COMMON)
    items = root_items(config, Scope.ALL, Filter())

    assert [i.text for i in find(items, "service/auth/unix_listener/a\\sb/mode")] == ["0660"]
    assert find(items, "service/auth/nosuch") == ()
    assert len(find(items, "service/auth")) == 1
    listing = list(dump(config, Scope.ALL, Filter(), hide=True))
    assert "    mode = 0660" in listing
    assert "  vsz_limit = 18446744073709551615 B" in listing
