"""Files of databases."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.config.errors import ConfigErrors
from culver.config.external import parse_external, read_external

SQL = """
# a comment
driver = mysql
connect = host=/run/mysqld dbname=mail password="x # y"
password_query = SELECT userid AS user, password \\
  FROM users WHERE userid = '%u'
default = $not_a_variable
file = <not_read
map {
  pattern = priv/quota/storage
  fields {
    username = $user
  }
}
map {
  pattern = priv/quota/messages
}
"""


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "sql.conf.ext"
    path.write_text(SQL)
    found = read_external(str(path))

    assert {key: value.text for key, value in found.values.items()} == {
        "driver": "mysql",
        "connect": 'host=/run/mysqld dbname=mail password="x # y"',
        "password_query": "SELECT userid AS user, password FROM users WHERE userid = '%u'",
        "default": "$not_a_variable",
        "file": "<not_read",
    }
    first, second = found.of("map")
    assert first.values["pattern"].line == 10
    assert first.of("fields")[0].values["username"].text == "$user"
    assert second.values["pattern"].text == "priv/quota/messages"


def test_all_errors_come_at_once() -> None:
    with pytest.raises(ConfigErrors) as caught:
        parse_external("nonsense\n}\n!include x\nmap {\n")
    assert [error.line for error in caught.value.errors] == [1, 2, 3, 0]


def test_a_missing_file() -> None:
    with pytest.raises(ConfigErrors, match="No such file"):
        read_external("/no/such/file")


@given(st.text(alphabet=st.sampled_from("ab ={}\n#\"'\\$<!")))
def test_garbage_is_a_section_or_config_errors(text: str) -> None:
    try:
        parse_external(text)
    except ConfigErrors:
        return
