"""Noticing: readers of events. Log lines, exports, the metrics page; none of them delays mail."""
