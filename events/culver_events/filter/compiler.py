"""Tree -> closures, checked against the registry.

Each node becomes a `Term`: what to call on a record, and what can be said of an event class
before any of its events exists. The latter is what keeps `bus.wants` exact.
"""

from collections.abc import Callable
from functools import reduce
from typing import Final

import msgspec

from culver_events.categories import OLD_NAMES, lineage
from culver_events.dovecot import DOVECOT_EVENTS, DOVECOT_FIELDS
from culver_events.event import LEVELS, Event, EventInfo, FieldInfo, event_info
from culver_events.filter.checks import VALUE_TYPES, Check, Impossible, check, matches_absent
from culver_events.filter.errors import FilterError, nearest
from culver_events.filter.tree import All, Any, Compare, Node, Not
from culver_events.filter.values import has_wildcard, pattern
from culver_events.record import Record
from culver_events.registry import EventRegistry

Matcher = Callable[[Record], bool]


class Verdict(msgspec.Struct, frozen=True):
    """What a term can say of the events of one class."""

    may_match: bool
    may_miss: bool


ALWAYS: Final = Verdict(True, False)
NEVER: Final = Verdict(False, True)
EITHER: Final = Verdict(True, True)


class Term(msgspec.Struct, frozen=True):
    """A compiled node. `bind` gives the test for records of one class; it may leave out what
    `verdict` already settles for that class."""

    bind: Callable[[type[Event]], Matcher]
    verdict: Callable[[type[Event]], Verdict]


def always(record: Record) -> bool:
    """The test that all records pass."""
    return True


def never(record: Record) -> bool:
    """The test that no record passes."""
    return False


def settled(term: Term, cls: type[Event]) -> Matcher:
    """The shortest test that is right for this class."""
    verdict = term.verdict(cls)
    if not verdict.may_match:
        return never
    return term.bind(cls) if verdict.may_miss else always


class Compiler:
    """Compiles one filter. `unheard` collects names that Dovecot knows and culver never emits;
    `uses_source` tells whether records need their source location."""

    def __init__(self, text: str, registry: EventRegistry) -> None:
        self.text = text
        self.registry = registry
        self.unheard: list[str] = []
        self.uses_source = False

    def compile(self, node: Node) -> Term:
        """The term of a node. Raises FilterError."""
        match node:
            case Compare():
                return self.comparison(node)
            case All(terms):
                return _all([self.compile(term) for term in terms])
            case Any(terms):
                return _any([self.compile(term) for term in terms])
            case Not(term):
                return _not(self.compile(term))

    def comparison(self, node: Compare) -> Term:
        """`key op value`."""
        if node.key == "event":
            return self.event(node)
        if node.key == "category":
            return self.category(node)
        if node.key == "source_location":
            return self.source_location(node)
        return self.field(node)

    def equality(self, node: Compare) -> None:
        """Refuse any operator but `=`."""
        if node.op != "=":
            problem = f"{node.key} {node.op} makes no sense"
            raise FilterError(self.text, node.key_position, node.op, problem, "=")

    def event(self, node: Compare) -> Term:
        """`event=NAME`, case-sensitive, wildcards allowed."""
        self.equality(node)
        fits = pattern(node.value, ignore_case=False)
        names = self.registry.names()
        if not any(map(fits, names)):
            self._unknown_event(node, names, fits)
        return Term(
            lambda cls: always if fits(event_info(cls).name) else never,
            lambda cls: ALWAYS if fits(event_info(cls).name) else NEVER,
        )

    def _unknown_event(self, node: Compare, names: list[str], fits: Callable[[str], bool]) -> None:
        if any(map(fits, DOVECOT_EVENTS)):
            self.unheard.append(f"event={node.value}")
            return
        wild = has_wildcard(node.value)
        problem = f"no event matches {node.value!r}" if wild else f"no event is {node.value!r}"
        like = nearest(node.value, [*names, *DOVECOT_EVENTS])
        raise FilterError(
            self.text,
            node.value_position,
            node.value,
            problem,
            "a name in docs/reference/events.md",
            like,
        )

    def category(self, node: Compare) -> Term:
        """`category=NAME`: the class's or the scope's, parents count; or a log level."""
        self.equality(node)
        name = OLD_NAMES.get(node.value, node.value)
        if not self.registry.knows_category(name):
            known = self.registry.categories()
            problem = f"no category is {node.value!r}"
            like = nearest(name, known)
            allowed = "service:NAME, or a name in docs/reference/events.md"
            raise FilterError(self.text, node.value_position, node.value, problem, allowed, like)
        return _level(name) if name in LEVELS else _category(name)

    def source_location(self, node: Compare) -> Term:
        """`source_location=file[:line]`, wildcards allowed."""
        self.equality(node)
        self.uses_source = True
        wanted = node.value if ":" in node.value else node.value + ":*"
        fits = pattern(wanted, ignore_case=False)

        def matches(record: Record) -> bool:
            return record.source is not None and fits(record.source)

        return Term(lambda cls: matches, lambda cls: EITHER)

    def field(self, node: Compare) -> Term:
        """`FIELD op VALUE`, either generation's name."""
        name = self.registry.canonical(node.key)
        infos = self._described(node, name)
        absent = matches_absent(node)
        checks = self._checks(node, infos)

        def matches(record: Record) -> bool:
            value = record.get(name)
            if value is None:
                return absent
            fits = checks.get(type(value))
            return fits is not None and fits(value)

        def matches_scope(record: Record) -> bool:
            value = record.scope.get(name)
            if value is None:
                return absent
            fits = checks.get(type(value))
            return fits is not None and fits(value)

        def bind(cls: type[Event]) -> Matcher:
            own = name == "duration" or name in event_info(cls).field_names
            return matches if own else matches_scope

        inherited = name == "duration" or self.registry.scope_info(name) is not None

        def verdict(cls: type[Event]) -> Verdict:
            if inherited or name in event_info(cls).field_names:
                return EITHER
            return ALWAYS if absent else NEVER

        return Term(bind, verdict)

    def _described(self, node: Compare, name: str) -> tuple[FieldInfo, ...]:
        if name == "duration":
            return (DURATION,)
        infos = self.registry.field_infos(name)
        if infos:
            return infos
        if name in DOVECOT_FIELDS:
            self.unheard.append(f"field {name}")
            return ()
        problem = f"no event has a field {node.key!r}"
        like = nearest(node.key, self.registry.field_names())
        raise FilterError(
            self.text,
            node.key_position,
            node.key,
            problem,
            "a field in docs/reference/events.md",
            like,
        )

    def _checks(self, node: Compare, infos: tuple[FieldInfo, ...]) -> dict[type, Check]:
        """Type of value -> test. A name that two events use differently has several kinds; the
        comparison must be possible for one of them."""
        checks: dict[type, Check] = {}
        refusal: Impossible | None = None
        for info in infos:
            try:
                test = check(node, info)
            except Impossible as impossible:
                refusal = refusal or impossible
                continue
            for kind in VALUE_TYPES[info.kind]:
                checks.setdefault(kind, test)
        if refusal is not None and not checks:
            raise FilterError(
                self.text, node.value_position, node.value, refusal.problem, refusal.allowed
            )
        return checks


DURATION: Final = FieldInfo(
    "duration", "int", "Time from the start of the scope to the event", "usecs"
)
"""The field that all events have."""


def _all(terms: list[Term]) -> Term:
    def verdict(cls: type[Event]) -> Verdict:
        found = [term.verdict(cls) for term in terms]
        return Verdict(all(v.may_match for v in found), any(v.may_miss for v in found))

    def bind(cls: type[Event]) -> Matcher:
        tests = [test for term in terms if (test := settled(term, cls)) is not always]
        if len(tests) <= 4:
            return reduce(_both, tests) if tests else always
        return lambda record: all(test(record) for test in tests)

    return Term(bind, verdict)


def _any(terms: list[Term]) -> Term:
    def verdict(cls: type[Event]) -> Verdict:
        found = [term.verdict(cls) for term in terms]
        return Verdict(any(v.may_match for v in found), all(v.may_miss for v in found))

    def bind(cls: type[Event]) -> Matcher:
        tests = [test for term in terms if (test := settled(term, cls)) is not never]
        if len(tests) <= 2:
            return reduce(_either, tests) if tests else never
        return lambda record: any(test(record) for test in tests)

    return Term(bind, verdict)


def _both(first: Matcher, second: Matcher) -> Matcher:
    return lambda record: first(record) and second(record)


def _either(first: Matcher, second: Matcher) -> Matcher:
    return lambda record: first(record) or second(record)


def _not(term: Term) -> Term:
    def verdict(cls: type[Event]) -> Verdict:
        found = term.verdict(cls)
        return Verdict(found.may_miss, found.may_match)

    def bind(cls: type[Event]) -> Matcher:
        test = settled(term, cls)
        return lambda record: not test(record)

    return Term(bind, verdict)


def _level(name: str) -> Term:
    def verdict(cls: type[Event]) -> Verdict:
        info = event_info(cls)
        if "level" in info.field_names:
            return EITHER
        return ALWAYS if info.level == name else NEVER

    def matches(record: Record) -> bool:
        return record.level == name

    return Term(lambda cls: matches, verdict)


def _category(name: str) -> Term:
    def own(info: EventInfo) -> bool:
        return name in lineage(info.category)

    def matches(record: Record) -> bool:
        return any(name in lineage(one) for one in record.scope.categories)

    def bind(cls: type[Event]) -> Matcher:
        return always if own(event_info(cls)) else matches

    return Term(bind, lambda cls: ALWAYS if own(event_info(cls)) else EITHER)
