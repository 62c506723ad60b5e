"""Metrics that the operator defines over events: `metric NAME { filter = ... group_by = ... }`."""

from culver_events.metrics.definition import GroupBy, MetricDefinition, MetricError
from culver_events.metrics.distribution import Distribution
from culver_events.metrics.metrics import Metrics

__all__ = ["Distribution", "GroupBy", "MetricDefinition", "MetricError", "Metrics"]
