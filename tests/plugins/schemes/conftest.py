"""All schemes in a set."""

from __future__ import annotations

import pytest

from culver.auth.schemes import SchemeSet
from culver_plugins.schemes.plugin import all_schemes


@pytest.fixture
def schemes() -> SchemeSet:
    return SchemeSet(all_schemes())
