"""From a configuration file to a service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from culver.auth.build import ServicePlan, build_service, plan_of
from culver.auth.driver import DriverError
from culver.auth.rules import PassdbRules, UserdbRules
from culver.config.common import COMMON
from culver.config.common.auth import PassdbBlock, UserdbBlock
from culver.config.load import load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("plan", "named"),
    [
        (ServicePlan(passdbs=[PassdbRules(driver="nosuch")], userdbs=[]), "passdb driver 'nosuch'"),
        (ServicePlan(passdbs=[], userdbs=[UserdbRules(driver="x")]), "userdb driver 'x'"),
        (ServicePlan(passdbs=[], userdbs=[], mechanisms=("Y",)), "mechanism 'Y'"),
    ],
)
def test_unknown_things_are_named_with_what_is_allowed(
    registry: Any, plan: ServicePlan, named: str
) -> None:
    with pytest.raises(DriverError, match=f"{named} is unknown; allowed: [A-Z|a-z]"):
        build_service(plan, registry)


@pytest.mark.parametrize(
    ("rules", "block"), [(PassdbRules, PassdbBlock), (UserdbRules, UserdbBlock)]
)
def test_rules_follow_the_blocks(rules: Any, block: Any) -> None:
    """Every setting of a block is taken over, with the same default."""
    ours = {field.name: field.default for field in msgspec.structs.fields(rules)}
    for field in msgspec.structs.fields(block):
        if field.name in ours:
            assert field.default in (ours[field.name], msgspec.NODEFAULT), field.name
    missing = {f.name for f in msgspec.structs.fields(block)} - set(ours)
    assert not {name for name in missing if not name.startswith("section")}


def test_a_plan_from_a_file(tmp_path: Path, registry: Any) -> None:
    path = tmp_path / "dovecot.conf"
    path.write_text(
        "auth_mechanisms = plain login\nauth_failure_delay = 3s\n"
        "auth_username_format = %n\npassdb {\n driver = static\n args = password=x\n"
        " pass = no\n result_success = continue-ok\n}\nuserdb {\n driver = prefetch\n}\n"
    )
    plan = plan_of(load(str(path), COMMON))
    assert plan.mechanisms == ("plain", "login")
    assert plan.failure_delay == 3.0
    assert plan.usernames.username_format == "%n"
    assert [p.result_success for p in plan.passdbs] == ["continue-ok"]
    assert build_service(plan, registry).offer[1].name == "LOGIN"
