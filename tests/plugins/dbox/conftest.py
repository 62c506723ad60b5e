"""Stores of both formats that Dovecot and culver work on."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.plugins.dbox.dovecot import FORMATS, Dovecot

Make = Callable[..., Dovecot]


@pytest.fixture
def make_dovecot() -> Iterator[Make]:
    """Makes a store of a format with options of mail_location."""
    if shutil.which("doveadm") is None:
        pytest.skip("the real Dovecot (doveadm) is not installed")
    if os.geteuid() != 0:
        pytest.skip("doveadm can only be run by root, who becomes the mail user")
    with contextlib.ExitStack() as stack:
        # Not below pytest's own directory, which it closes to everybody but root.
        def make(name: str, options: str = "", settings: str = "") -> Dovecot:
            directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="dbox"))
            return Dovecot(Path(directory), name, options, settings)

        yield make


@pytest.fixture(params=sorted(FORMATS))
def dovecot(request: pytest.FixtureRequest, make_dovecot: Make) -> Dovecot:
    """A store of each format."""
    return make_dovecot(str(request.param))
