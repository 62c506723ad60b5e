"""Metrics and the export of events."""

from typing import Annotated

from culver.config.settings import Block, SpaceList, TimeMsecs, doc


class MetricBlock(Block, section="metric"):
    """A count of events."""

    filter: Annotated[
        str, doc("Which events", example="event=imap_command_finished AND tagged_reply_state=OK")
    ] = ""
    event_name: Annotated[str, doc("Obsolete form of filter: event=NAME")] = ""
    source_location: Annotated[str, doc("Obsolete form of filter: source_location=FILE:LINE")] = ""
    categories: Annotated[str, doc("Obsolete form of filter: category=NAME")] = ""
    fields: Annotated[SpaceList, doc("Numeric fields of which sums and averages are kept")] = (
        SpaceList()
    )
    group_by: Annotated[
        SpaceList,
        doc("Fields that part the count", example="cmd_name duration:exponential:1:5:10"),
    ] = SpaceList()
    description: Annotated[str, doc("What it means, for OpenMetrics")] = ""
    exporter: Annotated[str, doc("The event_exporter that its events go to")] = ""
    exporter_include: Annotated[SpaceList, doc("What an exported event holds")] = SpaceList(
        ("name", "hostname", "timestamps", "categories", "fields")
    )


class EventExporterBlock(Block, section="event_exporter"):
    """Where events go."""

    format: Annotated[str, doc("How an event is written", allowed="none, json, tab-text")] = ""
    format_args: Annotated[SpaceList, doc("Details of format", example="time-rfc3339")] = (
        SpaceList()
    )
    transport: Annotated[
        str, doc("What carries it", allowed="drop, log, http-post, file, unix")
    ] = ""
    transport_args: Annotated[str, doc("Details of transport, such as a URL")] = ""
    transport_timeout: Annotated[TimeMsecs, doc("How long one request may take")] = TimeMsecs(0.25)
