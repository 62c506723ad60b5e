"""Compose a configuration for a command, and tell what is wrong with it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from culver.composition import Composition

PLACES = ("/etc/culver/culver.conf", "/etc/dovecot/dovecot.conf")


def find_config(given: str | None) -> str | None:
    """The file that was named, or the first of the usual places that exists."""
    if given is not None:
        return given
    return next((path for path in PLACES if os.path.exists(path)), None)


def composed(given: str | None, overrides: dict[str, str] | None = None) -> Composition | None:
    """Everything of a configuration; None after its errors were printed to stderr."""
    from culver.composition import compose
    from culver.config.errors import ConfigErrors
    from culver.loader import PluginError

    path = find_config(given)
    try:
        return compose(path, overrides=overrides)
    except ConfigErrors as errors:
        for error in errors.errors:
            print(f"culver: {error}", file=sys.stderr)
    except PluginError as error:
        print(f"culver: {error}", file=sys.stderr)
    except OSError as error:
        print(f"culver: can't read {path}: {error.strerror}", file=sys.stderr)
    return None
