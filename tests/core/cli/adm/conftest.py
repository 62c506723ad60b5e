"""A user's store that doveadm and culver adm can both work on."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.peers.certificate import make_certificate
from tests.peers.config import ServerConfig, Site

from culver.cli.main import main

USERS = ["alice", "oracle", "subjec"]

Adm = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session")
def adm_site() -> Iterator[Site]:
    """Users without mail, in a folder that the mail's owner can reach; pytest's own are closed."""
    with tempfile.TemporaryDirectory(prefix="culver-adm-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield Site.make(folder, make_certificate(folder / "tls"), USERS)


@pytest.fixture(scope="session")
def config_file(adm_site: Site) -> Path:
    """A configuration for both; no server has to run."""
    folder = adm_site.mail.parent / "server"
    folder.mkdir()
    file = folder / "dovecot.conf"
    owner = adm_site.owner
    listed = folder / "listed"
    ids = f"{owner.uid}:{owner.gid}"
    listed.write_text("".join(f"{u}::{ids}::{adm_site.mail}/{u}::\n" for u in USERS))
    extra = f"""\
mail_uid = {owner.user}
mail_gid = {owner.group}
# A static userdb, which the configuration has first, can't list users.
userdb {{
  driver = passwd-file
  args = {listed}
}}
"""
    file.write_text(ServerConfig(site=adm_site, folder=folder, extra=extra).text())
    return file


@pytest.fixture
def adm(config_file: Path, capfd: pytest.CaptureFixture[str]) -> Adm:
    """Run ``culver adm WORDS``; gives exit code, output, errors."""

    def run(*words: str) -> tuple[int, str, str]:
        before = os.geteuid()
        code = main(["adm", "-c", str(config_file), *words])
        assert os.geteuid() == before
        out, err = capfd.readouterr()
        return code, out, err

    return run
