"""The mutants of the checks: a function's code is compiled again with one thing changed, and put in its place.

The function object stays, so whoever imported it by name sees the change. Only functions and methods are changed, not
what a module makes when it is loaded.
"""

import ast
import copy
import importlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple, TypeVar

from tests.mutation.mutants import Mutant

ROOT = Path(__file__).parents[2]
CHECKS = ("cdi_sync/rules/kinds.py", "cdi_sync/rules/items.py", "cdi_sync/rules/named/*.py")
DATES = ("cdi_sync/calendar.py", "cdi_sync/law.py")
# reading a file and refusing what it says, the holidays of the library: other tests hold them, on other files
_NOT_DECIDING = {
    *("_limit", "_units", "_history", "_dated", "_check_covered", "_by_tier", "_check_keys", "_table", "_text"),
    *("_day", "_value", "_choice", "_check_choice", "_labels", "_religious", "_weekend", "_corrections", "_correction"),
    "_checked_day",
    *("_typed_like", "_library_names", "_morocco", "build_calendar", "iso_week", "InForce.number", "InForce.share"),
    *("InForce.numbers", "HolidayChange.__post_init__", "_Library.on", "_Library._holiday", "load_holidays"),
}
_SWAPS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip
_SIGNS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_EFFECTS = {"severity", "curable", "until", "overdue"}

Function = ast.FunctionDef
_T = TypeVar("_T")


class Change(NamedTuple):
    """A node, what takes its place, what tells the change, and the node on whose lines it is executed."""

    sort: str
    node: ast.AST
    instead: ast.AST
    told: str
    at: ast.expr


def files() -> Sequence[Path]:
    """The files whose functions are changed."""
    return [path for pattern in (*CHECKS, *DATES) for path in sorted(ROOT.glob(pattern))]


def code_mutants(path: Path, text: str | None = None) -> Iterator[Mutant]:
    """The mutants of a module's functions, as its file (or `text`, for the tests of this tool) writes them."""
    tree = ast.parse(text if text is not None else path.read_text(encoding="utf-8"))
    name = str(path.relative_to(ROOT))
    module = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    for owner, function in _functions(tree):
        qualified = f"{owner.name}.{function.name}" if owner else function.name
        if qualified in _NOT_DECIDING:
            continue
        seen: dict[tuple[str, str], int] = {}
        for change in _changes(function):
            seen[change.sort, change.told] = seen.get((change.sort, change.told), 0) + 1
            count = seen[change.sort, change.told]
            yield Mutant(
                change.sort, path.stem.upper(), name, change.at.lineno, qualified,
                f"{change.told} ({count})" if count > 1 else change.told,
                _swapped(module, qualified, owner, function, change),
                lines=frozenset(range(change.at.lineno, (change.at.end_lineno or change.at.lineno) + 1)),
            )  # fmt: skip


def _functions(tree: ast.Module) -> Iterator[tuple[ast.ClassDef | None, Function]]:
    for node in tree.body:
        if isinstance(node, Function):
            yield None, node
        elif isinstance(node, ast.ClassDef):
            yield from ((node, inner) for inner in node.body if isinstance(inner, Function))


def _changes(function: Function) -> Iterator[Change]:
    for node in (each for statement in function.body for each in ast.walk(statement)):
        if isinstance(node, ast.Compare):
            yield from _comparisons(node)
        elif isinstance(node, ast.BoolOp):
            yield from _operands(node)
        elif isinstance(node, ast.comprehension):
            yield from _conditions(node)
        elif isinstance(node, ast.If) and not isinstance(node.test, ast.BoolOp):
            told = f"if {ast.unparse(node.test)} → jamais"
            yield Change("condition", node.test, ast.Constant(False), told, node.test)
        elif isinstance(node, ast.Call):
            yield from _effects(node)


def _comparisons(node: ast.Compare) -> Iterator[Change]:
    for rank, sign in enumerate(node.ops):
        other = _SWAPS.get(type(sign))
        if other:
            ops = [*node.ops[:rank], other(), *node.ops[rank + 1 :]]
            instead = ast.Compare(node.left, ops, node.comparators)
            yield Change("comparaison", node, instead, f"{ast.unparse(node)} → {_SIGNS[other]}", node)


def _operands(node: ast.BoolOp) -> Iterator[Change]:
    word = "and" if isinstance(node.op, ast.And) else "or"
    for rank, operand in enumerate(node.values):
        if _is_nothing(operand):
            continue  # `x or 0`: a way of writing what is missing, not a clause
        rest = _without(node.values, rank)
        instead = rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
        yield Change("condition", node, instead, f"sans {ast.unparse(operand)} ({word})", node)


def _is_nothing(node: ast.expr) -> bool:
    """True for a constant that stands for nothing: 0, "", ()."""
    return (isinstance(node, ast.Constant) and not node.value) or (isinstance(node, ast.Tuple) and not node.elts)


def _conditions(node: ast.comprehension) -> Iterator[Change]:
    for rank, condition in enumerate(node.ifs):
        instead = ast.comprehension(node.target, node.iter, _without(node.ifs, rank), node.is_async)
        yield Change("condition", node, instead, f"sans {ast.unparse(condition)} (for)", condition)


def _effects(node: ast.Call) -> Iterator[Change]:
    if ast.unparse(node.func) not in {"Problem", "replace"}:
        return
    for rank, keyword in enumerate(node.keywords):
        if keyword.arg in _EFFECTS:
            instead = ast.Call(node.func, node.args, _without(node.keywords, rank))
            yield Change("effet", node, instead, f"sans {ast.unparse(keyword)}", node)


def _without(values: Sequence[_T], rank: int) -> list[_T]:
    return [*values[:rank], *values[rank + 1 :]]


def _swapped(
    module: str, qualified: str, owner: ast.ClassDef | None, function: Function, change: Change
) -> Callable[[], None]:
    def apply() -> None:
        changed = _Replacing(change).visit(copy.deepcopy(function, {id(change.node): change.node}))
        assert isinstance(changed, Function)
        changed.decorator_list = []
        target = _function(importlib.import_module(module), qualified)
        target.__code__ = _compiled(owner, changed)

    return apply


class _Replacing(ast.NodeTransformer):
    def __init__(self, change: Change) -> None:
        self.change = change

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self.change.node:
            return ast.copy_location(self.change.instead, node) if isinstance(node, ast.expr) else self.change.instead
        changed: ast.AST = self.generic_visit(node)
        return changed


def _compiled(owner: ast.ClassDef | None, function: Function) -> CodeType:
    """The code of that function alone."""
    body: list[ast.stmt] = [function]
    if owner:
        body = [ast.ClassDef(name=owner.name, bases=[], keywords=[], body=[function], decorator_list=[])]
    tree = ast.fix_missing_locations(ast.Module(body=body, type_ignores=[]))
    code = compile(tree, f"<mutant of {function.name}>", "exec")
    for _ in range(2 if owner else 1):
        code = next(each for each in code.co_consts if isinstance(each, CodeType))
    return code


def _function(module: ModuleType, qualified: str) -> FunctionType:
    """The function that holds the code, whatever wraps it."""
    owner, _, name = qualified.rpartition(".")
    found: Any = vars(getattr(module, owner) if owner else module)[name]
    for wrapping in ("fget", "func", "__func__"):
        found = getattr(found, wrapping, found) if not isinstance(found, FunctionType) else found
    while hasattr(found, "__wrapped__"):
        found = found.__wrapped__
    assert isinstance(found, FunctionType), qualified
    return found
