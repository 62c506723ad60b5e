"""Every scheme: known answers, what is refused, and what it makes is what it takes."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.auth.scheme import BadStoredPassword, DeadScheme
from culver.auth.schemes import SchemeSet, UnknownScheme, split_scheme
from culver_plugins.schemes.plugin import all_schemes

if TYPE_CHECKING:
    from collections.abc import Sequence

ALL = SchemeSet(all_schemes())
ALIVE: Sequence[str] = [
    name for scheme in all_schemes() if not isinstance(scheme, DeadScheme) for name in scheme.names
]

# crypt(3) hashes as openssl passwd makes them, digests as coreutils, SCRAM of RFC 5802 section 5.
KNOWN = [
    ("DES-CRYPT", "JBOZ0DgmtucwE", "08/15!test~4711"),
    ("CRYPT", "JBOZ0DgmtucwE", "08/15!test~4711"),
    ("MD5-CRYPT", "$1$3azHgidD$AL5P1n/E5AdIhCWu87wcI0", "hello"),
    ("SHA256-CRYPT", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "Hello world!"),
    (
        "SHA512-CRYPT",
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnI"
        "FNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
        "Hello world!",
    ),
    ("BLF-CRYPT", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
    ("SHA1", "qvTGHdzF6KLavt4PO0gs2a6pQ00=", "hello"),
    ("SHA", "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d", "hello"),
    ("SHA.B64", "qvTGHdzF6KLavt4PO0gs2a6pQ00", "hello"),
    ("sha.hex", "AAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D", "hello"),
    ("PLAIN-MD5", "5d41402abc4b2a76b9719d911017c592", "hello"),
    ("PLAIN-MD5", "XUFAKrxLKna5cZ2REBfFkg==", "hello"),
    ("LDAP-MD5", "XUFAKrxLKna5cZ2REBfFkg==", "hello"),
    ("LDAP-MD5", "5d41402abc4b2a76b9719d911017c592", "hello"),
    ("MD5", "5d41402abc4b2a76b9719d911017c592", "hello"),
    ("PLAIN-MD4", "866437cb7a794bce2b727acc0362ee27", "hello"),
    ("PLAIN", "hello", "hello"),
    ("CLEARTEXT", "{x}hello", "{x}hello"),
    ("PLAIN.HEX", "68656c6c6f", "hello"),
    ("PLAIN-TRUNC", "5-hello", "hello and more"),
    ("PLAIN-TRUNC", "9-hello", "hello"),
    (
        "SCRAM-SHA-1",
        "4096,QSXCR+Q6sek8bf92,6dlGYMOdZcOPutkcNY8U2g7vK9Y=,D+CSWLOshSulAsxiupA+qs2/fTE=",
        "pencil",
    ),
]


@pytest.mark.parametrize(("scheme", "stored", "password"), KNOWN)
async def test_known_answers(schemes: SchemeSet, scheme: str, stored: str, password: str) -> None:
    assert await schemes.verify(password, scheme, stored, "u")
    assert not await schemes.verify(f"X{password}", scheme, stored, "u")
    assert not await schemes.verify("", scheme, stored, "u")


@pytest.mark.parametrize("name", ALIVE)
@pytest.mark.parametrize("user", ["bob", "bob@example.org"])
def test_what_it_makes_is_what_it_takes(schemes: SchemeSet, name: str, user: str) -> None:
    if name == "PLAIN-TRUNC":
        return  # makes PLAIN, as Dovecot's does
    stored = schemes.generate("pässword", name, user)
    assert schemes.verify_sync("pässword", name, stored, user)
    assert not schemes.verify_sync("passsword", name, stored, user)
    if name == "DIGEST-MD5":
        assert not schemes.verify_sync("pässword", name, stored, "eve")


@pytest.mark.parametrize("name", ["SHA256", "SSHA", "CRAM-MD5", "BLF-CRYPT"])
@pytest.mark.parametrize("suffix", [".hex", ".b64", ".BASE64"])
def test_encodings(schemes: SchemeSet, name: str, suffix: str) -> None:
    stored = schemes.generate("hello", name + suffix)
    assert schemes.verify_sync("hello", name + suffix, stored, "")


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("SHA256", "qvTGHdzF6KLavt4PO0gs2a6pQ00="),
        ("SHA", "not base64!"),
        ("SHA.HEX", "xyz"),
        ("SSHA", "qvTGHdzF6KLavt4PO0gs2a6pQ00="),
        ("PBKDF2", "$2$x$1$00"),
        ("PBKDF2", "$1$x$0$" + "00" * 20),
        ("SCRAM-SHA-1", "4095,QSXCR+Q6sek8bf92,6dlGYMOdZcOPutkcNY8U2g7vK9Y=,D+CSWLOshSulAsxiupA+"),
        ("SCRAM-SHA-256", "4096,AAAA,AAAA,AAAA"),
        ("SCRAM-SHA-256", "x"),
        ("ARGON2ID", "$2y$05$x"),
        ("ARGON2ID", "$argon2id$v=19$m=1,t=1"),
        ("CRYPT", "$nosuch$x"),
        ("MD5", "zz"),
        ("PLAIN-TRUNC", "hello"),
        ("LANMAN", "x"),
        ("NTLM", "x"),
        ("RPA", "x"),
        ("SKEY", "x"),
        ("OTP", "x"),
    ],
)
def test_bad_data_is_told_without_repeating_it(schemes: SchemeSet, name: str, stored: str) -> None:
    with pytest.raises(BadStoredPassword) as caught:
        schemes.verify_sync("hello", name, stored, "")
    assert len(stored) < 4 or stored not in str(caught.value)


@pytest.mark.parametrize("name", ["FOO", "SHA.ROT13", "", ".hex", "{"])
def test_unknown_schemes_are_named(schemes: SchemeSet, name: str) -> None:
    with pytest.raises(UnknownScheme, match="known: ARGON2I"):
        schemes.verify_sync("hello", name, "x", "")


def test_an_empty_crypt_password_matches_nothing(schemes: SchemeSet) -> None:
    assert not schemes.verify_sync("", "CRYPT", "", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{SHA}x", ("SHA", "x")),
        ("{SHA.hex}x", ("SHA.hex", "x")),
        ("{nothing closes", ("", "{nothing closes")),
        ("plain", ("", "plain")),
        ("$1$salt$hash", ("MD5-CRYPT", "$1$salt$hash")),
        ("$1$salt$hash$rest", ("MD5-CRYPT", "$1$salt$hash")),
        ("$1$salt", ("", "$1$salt")),
        ("{}x", ("", "x")),
    ],
)
def test_prefixes(text: str, expected: tuple[str, str]) -> None:
    assert split_scheme(text) == expected


@given(
    st.sampled_from([n for n in ALIVE if "ARGON" not in n]),
    st.text(alphabet=st.characters(codec="ascii", exclude_characters="\0"), max_size=80),
)
def test_garbage_only_raises_what_is_documented(name: str, stored: str) -> None:
    with contextlib.suppress(BadStoredPassword):
        ALL.verify_sync("hello", name, stored, "u")


def test_aliases(schemes: SchemeSet) -> None:
    assert schemes.same("clear", "PLAIN")
    assert schemes.same("SHA.HEX", "SHA1")
    assert not schemes.same("SHA", "SSHA")
