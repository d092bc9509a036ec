"""Reads a formula of en_US into its tree, by recursive descent."""

from functools import lru_cache

from tests.google.sheets.formulas.syntax import Call, Literal, Name, Node, Rows, Span, read_reference
from tests.google.sheets.formulas.tokens import Token, tokens
from tests.google.sheets.formulas.values import BY_SHOWN, refers_to_nothing

_LEVELS = (
    {"=": "EQ", "<>": "NE", "<": "LT", "<=": "LTE", ">": "GT", ">=": "GTE"},
    {"&": "CONCAT"},
    {"+": "ADD", "-": "MINUS"},
    {"*": "MULTIPLY", "/": "DIVIDE"},
    {"^": "POW"},
)
_SIGNS = {"-": "UMINUS", "+": "UPLUS"}
_DEEPEST = 100


@lru_cache(maxsize=20_000)
def parse(text: str) -> Node:
    """The tree of a formula, "=" included. Raises ValueError when it can't be read."""
    return _Reader([token for token in tokens(text[1:]) if token.kind != "space"]).whole()


class _Reader:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._level(0)
        if self._at < len(self._tokens):
            raise ValueError(f"unexpected {self._tokens[self._at].text!r}")
        return node

    def _peek(self) -> str:
        """The sign that comes next, "" when something else does."""
        if self._at < len(self._tokens) and self._tokens[self._at].kind == "sign":
            return self._tokens[self._at].text
        return ""

    def _take(self, sign: str) -> bool:
        if self._peek() != sign:
            return False
        self._at += 1
        return True

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise ValueError(f"{sign!r} is missing")

    def _level(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._signed()
        self._depth += level == 0
        if self._depth > _DEEPEST:
            raise ValueError("too deep")
        node = self._level(level + 1)
        while operator := _LEVELS[level].get(self._peek()):
            self._at += 1
            node = Call(operator, (node, self._level(level + 1)))
        self._depth -= level == 0
        return node

    def _signed(self) -> Node:
        if operator := _SIGNS.get(self._peek()):  # binds tighter than "^": -2^2 is 4
            self._at += 1
            return Call(operator, (self._signed(),))
        node = self._spanned()
        while self._take("%"):
            node = Call("UNARY_PERCENT", (node,))
        return node

    def _spanned(self) -> Node:
        node = self._operand()
        while self._take(":"):
            node = Span(node, self._operand())
        return node

    def _operand(self) -> Node:
        if self._at == len(self._tokens):
            raise ValueError("ends too early")
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "number":
            return Literal(float(text))
        if kind == "string":
            return Literal(text[1:-1].replace('""', '"'))
        if kind == "error":
            return Literal(refers_to_nothing() if text.endswith("#REF!") else BY_SHOWN[text])
        if kind == "reference":
            return read_reference(text)
        if kind == "function":
            self._expect("(")
            return Call(text.upper(), self._list(")"))
        if kind == "name":
            return Literal(text.upper() == "TRUE") if text.upper() in ("TRUE", "FALSE") else Name(text)
        if text == "(":
            node = self._level(0)
            self._expect(")")
            return node
        if text == "{":
            return self._array()
        raise ValueError(f"unexpected {text!r}")

    def _list(self, closing: str) -> tuple[Node, ...]:
        if self._take(closing):
            return ()
        nodes = [self._argument(closing)]
        while self._take(",") or self._take(";"):
            nodes.append(self._argument(closing))
        self._expect(closing)
        return tuple(nodes)

    def _argument(self, closing: str) -> Node:
        return Literal(None) if self._peek() in (",", ";", closing) else self._level(0)

    def _array(self) -> Node:
        rows = [[self._level(0)]]
        while not self._take("}"):
            if self._take(";"):
                rows.append([self._level(0)])
            else:
                self._expect(",")
                rows[-1].append(self._level(0))
        return Rows(tuple(map(tuple, rows)))
