"""Tokens -> tree. Recursive descent over Dovecot's grammar:

expr  = term *( ( "AND" / "OR" ) term )        ; equal precedence, from the left
term  = "NOT" term / "(" expr ")" / key op value
"""

from typing import Final, cast

from culver_events.filter.errors import FilterError
from culver_events.filter.lexer import Token, TokenKind, tokens
from culver_events.filter.tree import All, Any, Compare, Node, Not, Operator

MAX_DEPTH: Final = 60
"""Nesting of parentheses, NOTs and alternations of AND with OR. Each costs Python stack frames
when parsing and a nested call when matching; written filters stay below five."""


def parse(text: str) -> Node | None:
    """The tree of a filter; None for an empty one, which matches everything. Raises FilterError."""
    parser = _Parser(text)
    if parser.next.kind == "end":
        return None
    node = parser.expr(0)
    parser.expect("end", "AND, OR or the end")
    return node


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.at = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def expect(self, kind: TokenKind, allowed: str) -> Token:
        if self.next.kind != kind:
            raise self.wrong(allowed)
        return self.take()

    def wrong(self, allowed: str) -> FilterError:
        token = self.next
        problem = f"unexpected {token.text!r}" if token.kind != "end" else "it ends too early"
        return FilterError(self.text, token.position, token.text, problem, allowed)

    def expr(self, depth: int) -> Node:
        node = self.term(depth)
        while self.next.kind in ("and", "or"):
            joint = self.take()
            same = All if joint.kind == "and" else Any
            term = [self.term(depth)]
            while self.next.kind == joint.kind:
                self.take()
                term.append(self.term(depth))
            node = same((node, *term))
            depth = self.deeper(depth)
        return node

    def term(self, depth: int) -> Node:
        if self.next.kind == "not":
            self.take()
            return Not(self.term(self.deeper(depth)))
        if self.next.kind == "open":
            self.take()
            node = self.expr(self.deeper(depth))
            self.expect("close", "AND, OR or )")
            return node
        return self.comparison()

    def deeper(self, depth: int) -> int:
        if depth >= MAX_DEPTH:
            token = self.next
            raise FilterError(
                self.text, token.position, token.text, "nested too deeply", f"{MAX_DEPTH} levels"
            )
        return depth + 1

    def comparison(self) -> Compare:
        if self.next.kind not in ("word", "string"):
            raise self.wrong("a key, NOT or (")
        key = self.take()
        op = self.expect("op", "one of = < > <= >=")
        # AND, OR and NOT are plain words after an operator, as in Dovecot.
        if self.next.kind not in ("word", "string", "and", "or", "not"):
            raise self.wrong("a value")
        value = self.take()
        return Compare(
            key.text, cast("Operator", op.text), value.text, key.position, value.position
        )
