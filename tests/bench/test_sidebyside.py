"""The comparison's command line, and a short run of Dovecot against itself."""

import json
from pathlib import Path

import pytest
from tests.bench.bench_config import FORMS, BenchConfig
from tests.bench.load import MEASUREMENTS
from tests.bench.sidebyside import chosen, labels, main
from tests.peers.certificate import Certificate
from tests.peers.config import Ports, Site
from tests.peers.need import need
from tests.peers.owner import Owner

HERE = Path(__file__).parent


@pytest.mark.parametrize("form", FORMS)
def test_every_parameter_of_a_template_is_filled_in(form: str) -> None:
    file = Path("/f")
    site = Site(mail=file, users=file, owner=Owner.of_mail(), certificate=Certificate(*[file] * 3))
    config = BenchConfig(site=site, folder=file, form=form, ports=Ports(1, 2, 3, 4, 5))
    lines = [line for line in config.text().splitlines() if not line.startswith("#")]
    assert "base_dir = /f/run" in lines
    assert not any("@" in line.replace("postmaster@example.com", "") for line in lines)


def test_only_picks_steps_in_their_order() -> None:
    assert [step.name for step in chosen("select,lmtp")] == ["lmtp", "select"]
    assert chosen("") == list(MEASUREMENTS)
    with pytest.raises(SystemExit, match="allowed are login, lmtp"):
        chosen("select,selct")


@need("dovecot")
def test_a_server_may_come_twice() -> None:
    assert labels("dovecot,dovecot") == {"dovecot": "dovecot", "dovecot-2": "dovecot"}


def test_an_unknown_server_is_refused() -> None:
    with pytest.raises(SystemExit, match="allowed are dovecot, culver"):
        labels("cyrus")


@need("dovecot", "dovecot-lmtp")
@pytest.mark.interop
def test_all_steps_against_dovecot_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--servers", "dovecot", "--quick", "--rounds", "1", "--out", str(tmp_path)]
    assert main(words) == 0
    (file,) = tmp_path.iterdir()
    content = json.loads(file.read_text())
    assert [row["name"] for row in content["rows"]] == [step.name for step in MEASUREMENTS]
    assert all(row["medians"][0] > 0 for row in content["rows"])
    printed = capsys.readouterr().out
    assert all(f"\n{step.name} " in printed for step in MEASUREMENTS)
