"""Settings of mdbox (inventory R4-044)."""

from __future__ import annotations

from typing import Annotated

from culver.config.settings import Settings, doc
from culver.config.types import Duration, Size


class MdboxSettings(Settings, prefix="mdbox"):
    """When mdbox starts a new file of mails."""

    rotate_size: Annotated[Size, doc("Size up to which mails are added to a file")] = Size(10 << 20)
    rotate_interval: Annotated[
        Duration, doc("Age up to which mails are added to a file; 0 = any")
    ] = Duration(0)
    preallocate_space: Annotated[
        bool, doc("Whether a new file takes its whole size at once; has no effect here")
    ] = False
