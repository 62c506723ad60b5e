"""Dovecot's event filter language: `compile_filter(text, registry)` -> `Filter`.

    event=imap_command_finished AND cmd_name=FETCH AND net_out_bytes > 1MB

One difference from what one might expect is Dovecot's, and is kept so that filters carry over:
AND and OR bind equally and from the left, so `a OR b AND c` is `(a OR b) AND c`.
"""

from culver_events.filter.errors import FilterError
from culver_events.filter.filter import Filter, compile_filter

__all__ = ["Filter", "FilterError", "compile_filter"]
