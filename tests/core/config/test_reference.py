"""The reference, from the declarations."""

from typing import Annotated, Literal

from culver.config.common import COMMON, NamespaceBlock
from culver.config.reference import json_schema, markdown
from culver.config.schema import Declarations
from culver.config.settings import Settings, Size, doc


class CapSettings(Settings, prefix="cap"):
    """How large a mail may be."""

    size: Annotated[Size, doc("Largest mail", unit="bytes", example="1 M")] = Size(0)
    mode: Annotated[Literal["", "a|b"], doc("How", allowed="x")] = "a|b"
    count: Annotated[int, doc("Many")] = 3


def test_markdown() -> None:
    assert markdown(Declarations(settings=(CapSettings,)), "Cap").splitlines() == [
        "# Cap",
        "",
        "## CapSettings",
        "",
        "How large a mail may be.",
        "",
        "| Setting | Type | Default | Meaning |",
        "|---|---|---|---|",
        "| `cap_size` | Size | `0` | Largest mail (bytes). Example: `1 M` |",
        "| `cap_mode` | empty, `a\\|b` | `a\\|b` | How. Allowed: x |",
        "| `cap_count` | int | `3` | Many |",
    ]


def test_every_setting_of_the_kernel_has_a_row() -> None:
    page = markdown(COMMON)

    assert all(f"| `{name}` |" in page for name in COMMON.all_settings)
    assert "### `mailbox NAME { }`" in page


def test_json_schema() -> None:
    found = json_schema([CapSettings, NamespaceBlock])

    assert found["properties"]["cap_size"] == {
        "type": "string",
        "description": "Largest mail",
        "default": "0",
        "examples": ["1 M"],
    }
    assert found["properties"]["cap_mode"]["enum"] == ["", "a|b"]
    assert found["properties"]["cap_count"]["default"] == 3
    namespace = found["properties"]["namespace"]["items"]["properties"]
    assert namespace["inbox"]["type"] == "boolean"
    assert namespace["mailbox"]["items"]["properties"]["auto"]["default"] == "no"
