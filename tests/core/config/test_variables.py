"""`%` variables, by table and against the real Dovecot."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.config.variables import (
    Template,
    TemplateString,
    UnknownVariableError,
    VariableError,
    escape,
    template,
    user_variables,
)

USER = "Foo.Bar@ex.Example.org"
VALUES = user_variables(
    USER, lip="192.0.2.1", home="/h", session="s/1", password=None, number="300", empty=""
)

TABLE = {
    "plain": "plain",
    "%u|%n|%d": "Foo.Bar@ex.Example.org|Foo.Bar|ex.Example.org",
    "%{user}%{username}": "Foo.Bar@ex.Example.orgFoo.Bar",
    "%l|%{lip}|%{local_ip}|%h": "192.0.2.1|192.0.2.1|192.0.2.1|/h",
    "%%u 100%%": "%u 100%",
    "%w|%{empty}": "|",
    "%Lu": "foo.bar@ex.example.org",
    "%U{username}": "FOO.BAR",
    "%LRn": "rab.oof",
    "%Dd": "ex,dc=Example,dc=org",
    "%X{number}|%Xu": "12c|0",
    "%2n|%1.2n|%-3n|%-3.2n": "Fo|oo|Foo|Ba",
    "%0.-2n": "Foo.B",
    "%.3n": "Foo",
    "%010n": "000Foo.Bar",
    "%03n": "Foo.Bar",
    "%Mn": hashlib.md5(b"Foo.Bar").hexdigest(),
    "%2Mn": hashlib.md5(b"Foo.Bar").hexdigest()[:2],
    "%Nn": hashlib.md5(b"Foo.Bar").hexdigest()[8:16].lstrip("0"),
    "%{domain_first}|%{domain_last}": "ex.Example.org|ex.Example.org",
    "%{if;%n;eq;Foo.Bar;yes;no}": "yes",
    "%{if;%n;ne;Foo.Bar;yes}": "",
    "%{if;2;<;10;%{if;a;eq;a;inner;x};b}": "inner",
    "%{if;%n;*;F?o*;a\\:b;c}": "a:b",
    "%{if;%n;!*;F*;a;b}": "b",
    "%{if;%n;~;^[[\\:upper\\:]]oo\\\\.;a;b}": "a",
    "%{if;%n;!~;x+$;a;b}": "a",
    "%{sha1:username}": hashlib.sha1(b"Foo.Bar").hexdigest(),
    "%{sha256;salt=x:username}": hashlib.sha256(b"xFoo.Bar").hexdigest(),
    "%{md5;format=base64:username}": "5YswQ3oh6kFEb8TINbN4gw==",
    "%{size:username}": "0000000000000007",
    "%": "",
    "%L": "",
    "a%{user": "aUNSUPPORTED_VARIABLE_{user",
    "%{nosuch}": "UNSUPPORTED_VARIABLE_nosuch",
    "%L{nosuch:x}": "UNSUPPORTED_VARIABLE_nosuch",
    "%Q": "UNSUPPORTED_VARIABLE_Q",
}
FAILS = [
    "%{if;a;??;b;c;d}",
    "%{if;a;<;b;c;d}",
    "%{if;a;eq}",
    "%{if}",
    "%{if;a;~;(;c;d}",
    "%{if;%{nosuch};eq;a;b;c}",
    "%{sha1;rounds=x:user}",
    "%{sha1;rounds=0:user}",
    "%{sha1;truncate=x:user}",
    "%{sha1;format=x:user}",
    "%{encrypt;algo=rot13,key=00:user}",
    "%{encrypt;key=00:user}",
    "%{encrypt;key=xx:user}",
    "%{encrypt;iv=00:user}",
    "%{decrypt:user}",
]
KEY = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
IV = "000102030405060708090a0b0c0d0e0f"


@pytest.mark.parametrize("source", TABLE)
def test_the_table(source: str) -> None:
    assert Template(source).try_expand(VALUES).text == TABLE[source].replace(
        "5YswQ3oh6kFEb8TINbN4gw==", _base64_md5()
    )


def _base64_md5() -> str:
    import base64

    return base64.b64encode(hashlib.md5(b"Foo.Bar").digest()).decode()


@pytest.mark.parametrize("source", FAILS)
def test_failures_are_told_and_leave_nothing(source: str) -> None:
    text, error = Template(f"<{source}>").try_expand(VALUES)

    assert text == "<>"
    assert isinstance(error, VariableError)


def test_an_error_is_raised_or_handed_over() -> None:
    errors: list[VariableError] = []

    assert Template("%{x}%{y}").expand({}, on_error=errors.append) == (
        "UNSUPPORTED_VARIABLE_xUNSUPPORTED_VARIABLE_y"
    )
    assert [str(error.args[0]) for error in errors] == ["Unknown variable '%x'"]
    with pytest.raises(UnknownVariableError):
        Template("%{x}").expand({})


def test_functions() -> None:
    found = {"mail": "maildir"}

    def userdb(name: str) -> str | None:
        return found.get(name.partition(":")[0])

    functions = {"userdb": userdb}

    assert Template("%{userdb:mail}|%{userdb:x}").expand({}, functions) == "maildir|"
    assert Template("%U{userdb:mail}").expand({}, functions) == "MAILDIR"


def test_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOVECOT_HOSTNAME", "mx")
    monkeypatch.setenv("CULVER_TEST", "y")

    text = Template("%{hostname} %{env:CULVER_TEST}%{env:CULVER_NONE} %{pid} %{uid}").expand({})
    assert text == f"mx y {os.getpid()} {os.geteuid()}"


@pytest.mark.parametrize("form", ["", ",format=base64", ",algo=aes-256-ctr"])
@pytest.mark.parametrize("iv", ["", f",iv={IV}"])
def test_encryption_comes_back(form: str, iv: str) -> None:
    secret = Template(f"%{{encrypt;key={KEY}{iv}{form}:user}}").expand(VALUES)

    assert USER not in secret
    assert secret.count("$") == 2
    back = Template(f"%{{decrypt;key={KEY}{form}:user}}").expand({"user": secret})
    assert back == USER


def test_encryption_without_iv_in_the_text() -> None:
    options = f"key={KEY},iv={IV},noiv=yes"
    secret = Template(f"%{{encrypt;{options}:user}}").expand(VALUES)

    assert "$" not in secret
    assert Template(f"%{{decrypt;{options}:user}}").expand({"user": secret}) == USER


def test_a_template_is_kept_and_prints() -> None:
    text = TemplateString.parse("%u")

    assert text.template is template("%u")
    assert text.to_text() == "%u"
    assert repr(text.template) == "Template('%u')"
    assert Template(escape("100%u")).expand({}) == "100%u"


@given(st.text(alphabet=st.sampled_from("%{}u0123.-LNHXE;:=,\\ifsha1éa")))
def test_garbage_gives_text_or_an_error(source: str) -> None:
    text, _ = Template(source).try_expand(VALUES)

    assert isinstance(text, str)


@given(st.text())
def test_escaped_text_comes_back(text: str) -> None:
    assert Template(escape(text)).expand({}) == text


DOVEADM = shutil.which("doveadm")
NAMES = ["joe", "Foo.Bar@ex.Example.org", "j\u00fcrgen@b\u00fccher.example", "a@b@c.org", "1234"]
SOURCES = [
    "%u=%n=%d=%Lu=%Uu=%Ru=%Du=%Xn=%En",
    "%Nu=%Hu=%Mu=%256Nu=%256Hu=%2.256Nu=%4.7Hu=%LNu=%NUu=%2Mu",
    "%2u=%2.1u=%-3u=%-3.2u=%0.-2u=%.3u=%05n=%020n=%0.020n=%1.05n=%-3.0-1n=%2.-3n",
    "%{sha1:user}=%{md4:user}=%{md5:user}=%{sha384:user}=%{sha512:user}",
    "%{sha256;rounds=3,truncate=13,salt=a%n:user}=%{sha256;truncate=8,format=hexuc:domain}",
    "%{md5;format=base64:user}=%{size:user}=%{sha3-256:user}=%{pkcs5:user}",
    "%{pkcs5;rounds=2,salt=abc,truncate=160:user}=%{IF;a;eq;a;b}",
    "%{if;%n;eq;joe;A;B}=%{if;%n;*;*o*;A;B}=%{if;%n;~;^[a-z]+$;A;B}=%{if;1;<;2;%u}",
    "%{if;%{sha1:user};ne;x;\\%u;B}=%{if;a;eq;a;%{if;b;eq;c;x;y};q}=%2{if;a;eq;a;abc}",
    "%{domain}=%L{user}=%2.1{user}=%2L{username}=%{hostname}",
    "a%%b%%%%u=100%%",
]


@pytest.mark.interop
@pytest.mark.skipif(DOVEADM is None, reason="doveadm (Debian: dovecot-core) is missing")
@pytest.mark.skipif(os.geteuid() != 0, reason="doveadm drops privileges, which needs root")
@pytest.mark.parametrize("source", SOURCES)
def test_dovecot_expands_the_same(source: str, tmp_path: Path) -> None:
    path = tmp_path / "x.conf"
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    # Dovecot splits the location at each colon, so those of the template are within braces only.
    path.write_text(
        f"mail_location = maildir:/nowhere/{source}\nlog_path = /dev/stderr\n"
        "mail_uid = 65534\nmail_gid = 65534\nfirst_valid_uid = 1\nfirst_valid_gid = 1\n"
    )
    for name in NAMES:
        found = subprocess.run(
            [str(DOVEADM), "-c", str(path), "mailbox", "path", "INBOX"],
            env={"USER": name, "HOME": "/", "PATH": os.environ["PATH"]},
            capture_output=True,
            timeout=30,
            check=False,
            cwd="/",
        )
        ours = Template(source).try_expand(user_variables(name)).text
        assert os.fsdecode(found.stdout).rstrip("\n") == f"/nowhere/{ours}", found.stderr
