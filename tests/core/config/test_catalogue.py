"""The table of Dovecot's names."""

import pytest

from culver.config.catalogue import catalogue
from culver.config.common import COMMON

KNOWN = [known for known in catalogue().values() if known.place == "2.3"]


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.name)
def test_every_default_is_of_its_kind(known: object) -> None:
    one = next(k for k in KNOWN if k is known)

    assert one.kind.to_text(one.kind.parse(one.default)) == one.default


def test_what_is_declared_is_known_and_has_dovecots_default() -> None:
    """Each setting of the kernel is one of 2.3's, of the same default."""
    declared = {n: s for n, s in COMMON.all_settings.items() if not s.is_strmap}
    expected = {name: catalogue()[name].default for name in declared}

    assert {name: s.default_text for name, s in declared.items()} == expected


def test_places() -> None:
    assert catalogue()["quota_rule"].place == "plugin"
    assert catalogue()["auth_allow_cleartext"].old_names == ("disable_plaintext_auth",)
    assert catalogue()["dovecot_config_version"].place == "2.4"
    assert len(KNOWN) > 300
