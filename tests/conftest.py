"""Hooks of the whole suite."""

import sys
from pathlib import Path

# Helpers are imported as tests.peers.x; with the importlib mode pytest itself adds no path.
sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.peers.pytest_hooks import (
    pytest_addoption,
    pytest_configure,
    pytest_generate_tests,
    pytest_runtest_setup,
    pytest_terminal_summary,
)

__all__ = [
    "pytest_addoption",
    "pytest_configure",
    "pytest_generate_tests",
    "pytest_runtest_setup",
    "pytest_terminal_summary",
]
