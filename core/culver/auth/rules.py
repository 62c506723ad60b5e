"""The part of ``passdb { }`` and ``userdb { }`` that every driver has (inventory 3.1, 3.2)."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

ResultRule: TypeAlias = Literal[
    "return", "return-ok", "return-fail", "continue", "continue-ok", "continue-fail"
]


class PassdbRules(msgspec.Struct, frozen=True, kw_only=True):
    """How a passdb takes part in the chain.  Field names are the settings'."""

    driver: str = ""
    args: str = ""
    name: str = ""
    default_fields: str = ""
    override_fields: str = ""
    deny: bool = False
    """A user who is found here may not log in."""
    master: bool = False
    """Its users may log in as somebody else."""
    pass_: bool = False
    """Old form of ``result_success = continue``."""
    skip: Literal["never", "authenticated", "unauthenticated"] = "never"
    mechanisms: tuple[str, ...] = ()
    """Only for these; ``none`` stands for lookups without authentication.  Empty: for all."""
    username_filter: tuple[str, ...] = ()
    """Patterns with ``*`` and ``?``; one that starts with ``!`` excludes."""
    result_success: ResultRule = "return-ok"
    result_failure: ResultRule = "continue"
    result_internalfail: ResultRule = "continue"
    auth_verbose: Literal["default", "yes", "no"] = "default"


class UserdbRules(msgspec.Struct, frozen=True, kw_only=True):
    """How a userdb takes part in the chain.  Field names are the settings'."""

    driver: str = ""
    args: str = ""
    name: str = ""
    default_fields: str = ""
    override_fields: str = ""
    skip: Literal["never", "found", "notfound"] = "never"
    result_success: ResultRule = "return-ok"
    result_failure: ResultRule = "continue"
    result_internalfail: ResultRule = "continue"
    auth_verbose: Literal["default", "yes", "no"] = "default"
