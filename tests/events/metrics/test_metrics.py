"""Metrics: what is counted, in which groups, and what survives a reload."""

import math
from typing import Annotated

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from culver.bus import Bus
from culver_events.auth import AuthRequestFinished
from culver_events.event import Event, doc, event, secret
from culver_events.filter import FilterError
from culver_events.imap import ImapCommandFinished
from culver_events.mail import MailExpunged
from culver_events.metrics import Distribution, Metrics
from culver_events.metrics.buckets import exponential, linear
from culver_events.metrics.definition import MetricDefinition, MetricError, define
from culver_events.metrics.openmetrics import dump, render
from culver_events.registry import default_registry
from culver_events.scope import Scope

REGISTRY = default_registry()


def metric(
    name: str = "commands", filter: str = "event=imap_command_finished", **more: str
) -> MetricDefinition:
    return define(REGISTRY, name, filter, **more)  # type: ignore[arg-type]


class World:
    """Metrics on a bus; each command takes the time it is told."""

    def __init__(self, *definitions: MetricDefinition) -> None:
        self.now = 0
        self.bus = Bus(REGISTRY)
        self.metrics = Metrics(REGISTRY, definitions)
        self.bus.subscribe(self.metrics.hear, self.metrics)
        self.root = Scope(emitter=self.bus, clock=lambda: self.now)

    def command(self, name: str, usecs: int, out: int = 0, user: str = "alice") -> None:
        scope = self.root.child(cmd_name=name, user=user)
        self.now += usecs
        scope.emit(
            ImapCommandFinished(tagged_reply_state="OK", tagged_reply="OK", net_out_bytes=out)
        )

    def counts(self, name: str = "commands") -> dict[str, int]:
        return {row: series.duration.count for row, series in self.metrics[name].rows()}

    def samples(self) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        """What Prometheus's own strict parser reads from the page."""
        families = list(text_string_to_metric_families(self.page()))  # type: ignore[no-untyped-call]
        return {
            (s.name, tuple(sorted(s.labels.items()))): s.value for f in families for s in f.samples
        }

    def page(self) -> str:
        return render(self.metrics, "1.0", 12.5)


def test_a_distribution() -> None:
    some = Distribution()
    for value in (4, 2, 9, 1):
        some.add(value)

    assert (some.count, some.sum, some.min, some.max, some.avg) == (4, 16, 1, 9, 4)
    assert math.isclose(some.stddev, math.sqrt(38 / 4))
    assert (some.median, some.percentile(75), some.percentile(100)) == (2, 4, 9)
    assert (some.percentile(0), some.percentile(1)) == (1, 1)
    assert dump(some, ["count", "avg", "stddev", "%75"]) == ["4", "4", "3.08", "4"]
    with pytest.raises(ValueError, match="allowed: count sum"):
        dump(some, ["mean"])


def test_an_empty_distribution_is_all_zero() -> None:
    assert (
        dump(Distribution(), ["count", "sum", "min", "max", "avg", "median", "stddev", "%95"])
        == ["0"] * 8
    )


def test_percentiles_of_many_values_are_near() -> None:
    some = Distribution()
    for value in range(100_000):
        some.add(value)

    assert abs(some.percentile(50) - 50_000) < 10_000
    assert some.count == 100_000


@pytest.mark.parametrize(
    ("value", "name"),
    [(-5, "ninf_1"), (1, "ninf_1"), (2, "2_10"), (10, "2_10"), (10.5, "11_100"), (101, "101_inf")],
)
def test_exponential_ranges(value: float, name: str) -> None:
    buckets = exponential(0, 2, 10)

    assert buckets.name(buckets.index(value)) == name


@pytest.mark.parametrize(
    ("value", "name"), [(0, "ninf_0"), (1, "1_5"), (5, "1_5"), (6, "6_10"), (11, "11_inf")]
)
def test_linear_ranges(value: float, name: str) -> None:
    buckets = linear(0, 10, 5)

    assert buckets.name(buckets.index(value)) == name


def test_groups_of_values_and_ranges() -> None:
    world = World(metric(group_by="cmd_name duration:exponential:1:3:10"))
    for name, usecs in (("FETCH", 5), ("FETCH", 50), ("NOOP", 5), ("NOOP", 5000)):
        world.command(name, usecs)

    assert world.counts() == {
        "commands": 4,
        "commands_FETCH_duration_11_100": 1,
        "commands_FETCH_duration_ninf_10": 1,
        "commands_NOOP_duration_1001_inf": 1,
        "commands_NOOP_duration_ninf_10": 1,
    }


def test_groups_of_truth_values_lists_and_absent_fields() -> None:
    world = World(
        metric("auths", "event=auth_request_finished", group_by="success reason_code uid")
    )
    world.root.reason("a", "b").reason("c", "d").emit(AuthRequestFinished(success=True))
    world.root.emit(AuthRequestFinished(success=False))

    assert world.counts("auths") == {"auths": 2, "auths_no__": 1, "auths_yes_a:b,c:d_": 1}


def test_fields_are_summed_and_what_is_no_number_is_counted() -> None:
    world = World(metric(fields="bytes_out cmd_name mailbox"))
    world.command("FETCH", 1, out=100)
    world.command("FETCH", 1, out=300)
    fields = world.metrics["commands"].total.fields

    assert (fields["net_out_bytes"].sum, fields["net_out_bytes"].avg) == (400, 200)
    assert (fields["cmd_name"].count, fields["cmd_name"].sum) == (2, 0)
    assert fields["mailbox"].count == 0


def test_too_many_groups_share_one_and_are_counted() -> None:
    definition = define(REGISTRY, "users", "user=*", group_by="user", max_series=2)
    world = World(definition)
    for user in ("a", "b", "c", "d", "a"):
        world.command("NOOP", 1, user=user)

    assert world.counts("users") == {"users": 5, "users__overflow": 2, "users_a": 2, "users_b": 1}
    assert world.metrics["users"].overflowed == 2
    assert world.samples()["culver_metric_overflow_total", (("metric", "users"),)] == 2


def test_only_what_a_metric_counts_is_wanted() -> None:
    world = World(metric())

    assert world.bus.wants(ImapCommandFinished)
    assert not world.bus.wants(MailExpunged)


def test_a_reload_keeps_what_is_defined_as_before() -> None:
    world = World(metric(), metric("fetches", "cmd_name=FETCH"))
    world.command("FETCH", 1)
    world.metrics.load([metric(), metric("fetches", "cmd_name=*FETCH")])

    assert world.counts() == {"commands": 1}
    assert world.counts("fetches") == {"fetches": 0}


def test_a_failed_reload_changes_nothing() -> None:
    world = World(metric())
    world.command("FETCH", 1)
    broken = MetricDefinition("bad", "evnt=x")
    with pytest.raises(FilterError):
        world.metrics.load([broken])
    with pytest.raises(MetricError, match="a name of its own"):
        world.metrics.load([metric(), metric(filter="user=a")])

    assert world.counts() == {"commands": 1}


def test_metrics_can_be_added_removed_and_reset() -> None:
    world = World(metric())
    world.metrics.add(metric("more", "cmd_name=FETCH"))
    world.command("FETCH", 1)

    assert [m.definition.name for m in world.metrics] == ["commands", "more"]
    assert world.counts("more") == {"more": 1}
    assert (world.metrics.remove("more"), world.metrics.remove("more")) == (True, False)

    world.metrics.reset()

    assert world.counts() == {"commands": 0}


REFUSED: list[tuple[dict[str, str], str]] = [
    ({"name": "a b"}, "a name without blanks"),
    ({"filter": " "}, "it is mandatory"),
    ({"fields": "bytes_oot"}, "did you mean bytes_out"),
    ({"group_by": "user:exponential"}, "field:exponential:MIN:MAX:BASE"),
    ({"group_by": "uid:exponential:1:3:7"}, "the base is 2 or 10"),
    ({"group_by": "uid:exponential:3:1:2"}, "lowest power < highest"),
    ({"group_by": "uid:linear:1:9:0"}, "step > 0"),
    ({"group_by": "uid:linear:1:9000:1"}, "at most 200 ranges"),
    ({"group_by": "uid:linear:a:b:c"}, "invalid literal"),
    ({"group_by": "uid:cubic:1:2:3"}, "field:linear:MIN:MAX:STEP"),
    ({"group_by": "nobody"}, "a field in docs"),
]


@pytest.mark.parametrize(("settings", "message"), REFUSED)
def test_a_definition_is_refused(settings: dict[str, str], message: str) -> None:
    with pytest.raises(MetricError, match=message):
        metric(**settings)


def test_a_secret_may_not_be_a_label() -> None:

    @event()
    class Leaky(Event):
        """Has a secret."""

        key_material: Annotated[str, doc("Key"), secret]

    registry = default_registry()
    registry.register(Leaky)
    with pytest.raises(MetricError, match="aren't secret"):
        define(registry, "leak", "event=leaky", group_by="key_material")


def test_the_page_of_a_plain_metric() -> None:
    world = World(metric(fields="net_out_bytes", description='All "commands"'))
    world.command("FETCH", 1_500_000, out=7)
    samples = world.samples()

    assert samples["culver_commands_total", ()] == 1
    assert samples["culver_commands_duration_seconds_total", ()] == 1.5
    assert samples["culver_commands_net_out_bytes_total", ()] == 7
    assert samples["process_start_time_seconds", ()] == 12.5
    assert samples["culver_build_info", (("version", "1.0"),)] == 1
    assert world.page().endswith("\n# EOF\n")


def test_the_page_of_grouped_metrics_and_labels_that_need_escapes() -> None:
    world = World(metric(group_by="cmd_name user"))
    world.command('a"b\\c\nd', 1)
    world.command("NOOP", 1, user="ü")
    samples = world.samples()

    assert samples["culver_commands_total", (("cmd_name", 'a"b\\c\nd'), ("user", "alice"))] == 1
    assert samples["culver_commands_total", (("cmd_name", "NOOP"), ("user", "ü"))] == 1


def test_the_page_of_a_histogram() -> None:
    world = World(metric(group_by="cmd_name duration:exponential:5:6:10"))
    for usecs in (50_000, 500_000, 5_000_000):
        world.command("FETCH", usecs)
    samples = world.samples()
    fetch = ("cmd_name", "FETCH")

    assert samples["culver_commands_bucket", (fetch, ("le", "0.1"))] == 1
    assert samples["culver_commands_bucket", (fetch, ("le", "1.0"))] == 2
    assert samples["culver_commands_bucket", (fetch, ("le", "+Inf"))] == 3
    assert samples["culver_commands_count", (fetch,)] == 3
    assert samples["culver_commands_sum", (fetch,)] == 5.55


def test_a_histogram_of_a_field_sums_that_field() -> None:
    world = World(metric(group_by="net_out_bytes:linear:0:10:5"))
    for out in (3, 7, 100):
        world.command("FETCH", 1, out=out)

    assert world.samples()["culver_commands_sum", ()] == 110
    assert world.samples()["culver_commands_bucket", (("le", "10.0"),)] == 2


def test_a_field_that_was_negative_is_a_gauge() -> None:
    world = World(metric(fields="net_out_bytes"))
    world.command("FETCH", 1, out=-5)

    assert world.samples()["culver_commands_net_out_bytes", ()] == -5


def test_names_that_openmetrics_has_not_are_left_out() -> None:
    world = World(
        metric("com-mands"),
        metric("a", fields="uid"),
        metric("a_uid"),
        metric(fields="id_param_x-y"),
    )
    world.command("FETCH", 1)
    names = {name for name, _ in world.samples()}

    assert "culver_a_uid_total" in names
    assert not any("com-mands" in name or "x-y" in name for name in names)
