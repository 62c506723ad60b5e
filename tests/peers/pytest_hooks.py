"""What the test suite adds to pytest for peers: an option, a mark, a block in the summary."""

import pytest
from tests.peers import need
from tests.peers.servers import KINDS


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--servers`."""
    parser.addoption(
        "--servers",
        default="culver",
        help=f"comma-separated servers that the interop tests run against: {', '.join(KINDS)}",
    )


def chosen_servers(config: pytest.Config) -> list[str]:
    """What `--servers` names; UsageError, with the allowed names, for an unknown one."""
    given = str(config.getoption("--servers"))
    kinds = [word.strip() for word in given.split(",")]
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise pytest.UsageError(f"--servers: {unknown}: allowed are {', '.join(KINDS)}")
    return kinds


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark that `need` sets."""
    config.addinivalue_line("markers", "peer(*names): needs these peers, see tests/peers/need.py")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that has to do with a server once for each of `--servers`."""
    if "server_kind" in metafunc.fixturenames:
        metafunc.parametrize("server_kind", chosen_servers(metafunc.config), scope="session")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose peer is missing, before its fixtures cost anything."""
    names = [str(name) for mark in item.iter_markers("peer") for name in mark.args]
    if isinstance(item, pytest.Function) and hasattr(item, "callspec"):
        names += [str(kind) for key, kind in item.callspec.params.items() if key == "server_kind"]
    for name in names:
        need.require(name)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one block what could not be tested on this machine."""
    if lines := need.report():
        terminalreporter.section("peers missing on this machine")
        for line in lines:
            terminalreporter.write_line(line)
