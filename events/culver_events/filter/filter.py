"""A filter that is ready to use."""

from culver_events.event import Event
from culver_events.filter.compiler import Compiler, Matcher, Term, always, never, settled
from culver_events.filter.parser import parse
from culver_events.record import Record
from culver_events.registry import EventRegistry


class Filter:
    """Passes records or not.

    `warnings` names what the filter mentions that exists in Dovecot and is never emitted here.
    """

    __slots__ = ("_bound", "_registry", "_term", "text", "uses_source", "warnings")

    def __init__(
        self, text: str, term: Term | None, registry: EventRegistry, compiler: Compiler
    ) -> None:
        self.text = text
        self.uses_source = compiler.uses_source
        self.warnings = tuple(f"{name} is never emitted" for name in compiler.unheard)
        self._term = term
        self._registry = registry
        self._bound: dict[type[Event], Matcher] = {}

    def __call__(self, record: Record) -> bool:
        """Whether the record passes."""
        cls = type(record.event)
        test = self._bound.get(cls)
        if test is None:
            test = self._bound[cls] = self.bind(cls) or never
        return test(record)

    def bind(self, cls: type[Event]) -> Matcher | None:
        """The test for records of one class: shorter than the whole filter where the class
        settles a part of it. None if no event of the class can ever pass."""
        if self._term is None:
            return always
        test = settled(self._term, cls)
        return None if test is never else test

    def can_match(self, cls: type[Event]) -> bool:
        """False only if no event of this class can ever pass, whatever its fields and scope."""
        return self.bind(cls) is not None

    def classes(self) -> frozenset[type[Event]]:
        """All registered classes whose events may pass."""
        return frozenset(cls for cls in self._registry if self.can_match(cls))

    def __repr__(self) -> str:
        """The text, as one would write it."""
        return f"Filter({self.text!r})"


def compile_filter(text: str, registry: EventRegistry) -> Filter:
    """Compile a filter; an empty one passes everything.

    Raises FilterError for bad grammar, for an event, category or field that neither the registry
    nor Dovecot knows, and for a comparison that could never fit the field's type.
    """
    compiler = Compiler(text, registry)
    tree = parse(text)
    term = None if tree is None else compiler.compile(tree)
    return Filter(text, term, registry, compiler)
