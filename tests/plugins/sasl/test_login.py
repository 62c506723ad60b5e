"""LOGIN, as a table."""

from __future__ import annotations

import pytest

from culver.auth.client import Challenge
from culver.auth.mechanism import Done, Failed, Verdict, VerifyPlain
from culver.auth.result import PassdbResult
from culver_plugins.sasl.login import Login

USER, PASSWORD = Challenge(b"Username:"), Challenge(b"Password:")


@pytest.mark.parametrize(
    ("responses", "prompts"),
    [
        ([None, b"bob", b"secret"], [USER, PASSWORD]),
        ([b"", b"bob", b"secret"], [USER, PASSWORD]),
        ([b"bob", b"secret"], [PASSWORD]),
    ],
)
def test_prompts(responses: list[bytes | None], prompts: list[Challenge]) -> None:
    login = Login()
    assert [login.step(response) for response in responses] == [
        *prompts,
        VerifyPlain("bob", "secret"),
    ]


@pytest.mark.parametrize("result", list(PassdbResult))
def test_verdicts(result: PassdbResult) -> None:
    end = Login().resume(Verdict(result))
    if result is PassdbResult.OK:
        assert end == Done()
    else:
        assert end == Failed(temporary=result is PassdbResult.INTERNAL_FAILURE)
