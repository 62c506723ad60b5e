"""Sections of free keys."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import field

from culver.config.settings import Settings, doc


class DictSettings(Settings):
    """Dictionaries that plugins reach by name, as `proxy::NAME`."""

    dict_: Annotated[
        Mapping[str, str], doc("Name of each and its driver", example="quota = file:/srv/quota")
    ] = field(default_factory=dict[str, str])
