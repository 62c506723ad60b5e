"""Text forms of values, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.config.types import (
    CommaList,
    Duration,
    FileContent,
    IpList,
    Octal,
    Port,
    Secret,
    SettingType,
    Size,
    SpaceList,
    TimeMsecs,
    Unlimited,
    Url,
    parse_address,
)

GOOD: list[tuple[type[SettingType], str, object, str]] = [
    (Size, "0", 0, "0"),
    (Size, "512", 512, "512 B"),
    (Size, "10M", 10 << 20, "10 M"),
    (Size, "1 kiB", 1024, "1 k"),
    (Size, "1GB", 1 << 30, "1 G"),
    (Size, "1500k", 1500 << 10, "1500 k"),
    (Size, "1048576", 1 << 20, "1 M"),
    (Size, "3 t", 3 << 40, "3 T"),
    (Size, "18446744073709551615 B", 2**64 - 1, "18446744073709551615 B"),
    (Duration, "0", 0, "0"),
    (Duration, "90 s", 90, "90 secs"),
    (Duration, "60secs", 60, "1 mins"),
    (Duration, "5 m", 300, "5 mins"),
    (Duration, "2000ms", 2, "2 secs"),
    (Duration, "7 Days", 604800, "1 weeks"),
    (Duration, "24h", 86400, "1 days"),
    (TimeMsecs, "250 msecs", 0.25, "250 ms"),
    (TimeMsecs, "1 hour", 3600, "1 hours"),
    (Octal, "0600", 0o600, "0600"),
    (Octal, "384", 0o600, "0600"),
    (Octal, "0", 0, "00"),
    (Port, "65535", 65535, "65535"),
    (Unlimited, "unlimited", 2**32 - 1, "unlimited"),
    (Unlimited, "7", 7, "7"),
    (SpaceList, "  a  b ", ("a", "b"), "a b"),
    (CommaList, "*,::", ("*", "::"), "*, ::"),
    (FileContent, "x", "x", "x"),
    (Url, "https://x/", "https://x/", "https://x/"),
    (Url, "", "", ""),
]
BAD: list[tuple[type[SettingType], str]] = [
    (Size, ""),
    (Size, "x"),
    (Size, "-1"),
    (Size, "1X"),
    (Size, "1 Bk"),
    (Size, "99999999T"),
    (Duration, "10"),
    (Duration, "1 fortnight"),
    (Duration, "10 ms"),
    (Duration, "4294967296 s"),
    (Duration, ""),
    (TimeMsecs, "4294968 secs"),
    (Octal, "0999"),
    (Octal, "x"),
    (Port, "65536"),
    (Port, "-1"),
    (Port, ""),
    (Unlimited, "infinite"),
    (Unlimited, "4294967296"),
    (IpList, "10.0.0.0/8 nowhere"),
    (IpList, "10.0.0.1/33"),
    (Url, "no url"),
]


@pytest.mark.parametrize(("kind", "text", "value", "normal"), GOOD)
def test_a_value_is_read_and_written(
    kind: type[SettingType], text: str, value: object, normal: str
) -> None:
    found = kind.parse(text)

    assert found == value
    assert isinstance(found, kind)
    assert found.to_text() == normal
    assert kind.parse(normal) == value


@pytest.mark.parametrize(("kind", "text"), BAD)
def test_a_wrong_value_is_refused(kind: type[SettingType], text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        kind.parse(text)


@given(st.sampled_from([Size, Duration, TimeMsecs, Octal, Port, Unlimited, IpList, Url]), st.text())
def test_garbage_is_a_value_error_or_comes_back_as_it_was(
    kind: type[SettingType], text: str
) -> None:
    try:
        found = kind.parse(text)
    except ValueError:
        return
    assert kind.parse(found.to_text()) == found


@given(st.integers(0, 2**64 - 1))
def test_every_size_survives_its_text(size: int) -> None:
    assert Size.parse(Size(size).to_text()) == size


@given(st.integers(0, 2**32 - 1))
def test_every_time_in_milliseconds_survives_its_text(msecs: int) -> None:
    assert TimeMsecs.parse(TimeMsecs(msecs / 1000).to_text()) == msecs / 1000


def test_networks() -> None:
    found = IpList.parse("10.1.2.3/8, [fd00::]/8 192.0.2.1")

    assert found.to_text() == "10.0.0.0/8 fd00::/8 192.0.2.1"
    assert found.has("10.255.0.1")
    assert found.has("fd12::1")
    assert found.has("192.0.2.1")
    assert not found.has("192.0.2.2")
    assert not found.has("not an address")
    assert not IpList().has("10.0.0.1")


def test_addresses_may_stand_in_brackets() -> None:
    assert str(parse_address("[::1]")) == "::1"
    assert parse_address("localhost") is None


def test_a_secret_does_not_print() -> None:
    secret = Secret.parse("geheim")

    assert "geheim" not in f"{secret} {secret!r} {[secret]}"
    assert secret.reveal() == secret.to_text() == "geheim"
    assert secret == Secret("geheim")
    assert hash(secret) == hash(Secret("geheim"))
    assert secret != Secret("x")
    assert secret != "geheim"
    assert secret
    assert not Secret()


def test_unlimited_says_so() -> None:
    assert Unlimited.parse("unlimited").is_unlimited
    assert not Unlimited(3).is_unlimited
