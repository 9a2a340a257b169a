"""Places in a module that can be broken, and what each becomes.

Passed over is what no test should pin: annotations, decorators, docstrings, messages of errors and
of logs, assertions, f-strings, and what only a type checker reads.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_OPPOSITES: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_BOUNDARIES: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
}  # fmt: skip
_ARITHMETIC: Mapping[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "minimum": "maximum",
    "maximum": "minimum", "argmin": "argmax", "argmax": "argmin"}  # fmt: skip
# What a function returns instead, by the beginning of its annotation.
_EMPTY = {"str": '""', "bytes": 'b""', "int": "0", "float": "0.0", "tuple": "()", "list": "[]",
    "dict": "{}", "set": "set()", "frozenset": "frozenset()", "Mapping": "{}",
    "Sequence": "()"}  # fmt: skip
# Names of objects whose calls tell and do nothing.
_TELLING = ("log", "logger", "logging", "warnings")
# Names that say something about the code and are read by nothing here.
_ABOUT = ("__all__", "__slots__", "__version__", "__author__")
_COMPOUND = (ast.BoolOp, ast.BinOp, ast.Compare, ast.UnaryOp, ast.IfExp, ast.Lambda, ast.NamedExpr)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module."""

    module: str
    """Path of the module from the root of the repository."""
    line: int
    kind: str
    before: str
    """The source line where the change begins, without indent."""
    after: str
    """The same line after the change."""
    start: int
    """Where the replaced bytes begin in the module."""
    end: int
    replacement: str

    def source(self, original: bytes) -> bytes:
        """Return the changed module."""
        return original[: self.start] + self.replacement.encode() + original[self.end :]


def _text(node: ast.AST) -> str:
    text = ast.unparse(node)
    return f"({text})" if isinstance(node, _COMPOUND) else text


def _callee(node: ast.expr) -> str:
    """Return the first name of what is called: ``log`` of ``log.info``."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr | ast.List | ast.Tuple | ast.ListComp) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )


class _Places(ast.NodeVisitor):
    """Collects ``(node, kind, replacement)`` for every place worth a change."""

    def __init__(self) -> None:
        self.found: list[tuple[ast.expr | ast.stmt, str, str]] = []
        self._returns: list[str] = []

    def _add(self, node: ast.expr | ast.stmt, kind: str, replacement: str) -> None:
        self.found.append((node, kind, replacement))

    def _visit_all(self, nodes: Sequence[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)

    # What is passed over: annotations, decorators, messages, what only types or readers see.

    def _visit_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._visit_all([*node.args.defaults, *filter(None, node.args.kw_defaults)])
        self._returns.append(ast.unparse(node.returns) if node.returns is not None else "")
        self._visit_all(node.body)
        self._returns.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._visit_function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._visit_function(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._visit_all(node.body)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None and _callee(node.target) not in _ABOUT:
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        if not any(_callee(target) in _ABOUT for target in node.targets):
            self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        """Leave messages alone; that an error is raised is changed by the ``if`` above it."""

    def visit_Assert(self, node: ast.Assert) -> None:
        """Leave assertions alone: they narrow types."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Leave f-strings alone: Python 3.11 does not know where their parts stand."""

    # What is changed.

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self._add(node, "boolean", repr(not node.value))
        elif isinstance(node.value, int):
            # One more of many is often as good; twice as many seldom is.
            other = node.value + 1 if node.value < 10 else node.value * 2
            self._add(node, "number", repr(other))
        elif isinstance(node.value, float):
            self._add(node, "number", repr(node.value * 1.5 if node.value else 1.0))

    def visit_Compare(self, node: ast.Compare) -> None:
        for kind, table in (("comparison", _OPPOSITES), ("boundary", _BOUNDARIES)):
            for at, operator in enumerate(node.ops):
                if (other := table.get(type(operator))) is not None:
                    ops = [*node.ops[:at], other(), *node.ops[at + 1 :]]
                    changed = ast.Compare(node.left, ops, node.comparators)
                    self._add(node, kind, _text(changed))
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        self._add(node, "and/or", _text(ast.BoolOp(other, node.values)))
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self._add(node, "not dropped", _text(node.operand))
        elif isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
            self._add(node, "sign", _text(node.operand))
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        texts = _is_text(node.left) or _is_text(node.right)
        # Outside of functions "|" joins types.
        joins_types = isinstance(node.op, ast.BitOr | ast.BitAnd) and not self._returns
        other = _ARITHMETIC.get(type(node.op))
        if other is not None and not texts and not joins_types:
            self._add(node, "arithmetic", _text(ast.BinOp(node.left, other(), node.right)))
        if isinstance(node.op, ast.Add | ast.Sub):
            self._add(node, "term dropped", _text(node.left))
        if isinstance(node.op, ast.Add):
            self._add(node, "term dropped", _text(node.right))
        if not joins_types:
            self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if (other := _ARITHMETIC.get(type(node.op))) is not None and not _is_text(node.value):
            changed = ast.AugAssign(node.target, other(), node.value)
            self._add(node, "arithmetic", ast.unparse(changed))
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is None:
            return
        annotation = self._returns[-1] if self._returns else ""
        if annotation == "bool":
            self._add(node.value, "returned value", f"not ({ast.unparse(node.value)})")
        else:
            plain = annotation if "| None" not in annotation else ""
            other = _EMPTY.get(plain.partition("[")[0], "None")
            if ast.unparse(node.value) != ast.unparse(ast.parse(other, mode="eval")):
                self._add(node.value, "returned value", other)
        self.generic_visit(node)

    def visit_If(self, node: ast.If) -> None:
        told = {name.id for name in ast.walk(node.test) if isinstance(name, ast.Name)}
        if told & {"TYPE_CHECKING", "__name__"}:
            self._visit_all(node.orelse)
            return
        self._branch(node.test, has_other=bool(node.orelse))
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._branch(node.test, has_other=True)
        self.generic_visit(node)

    def _branch(self, test: ast.expr, *, has_other: bool) -> None:
        # What is named in the test would be missing elsewhere: any test would notice.
        if not any(isinstance(inner, ast.NamedExpr) for inner in ast.walk(test)):
            self._add(test, "branch dropped", "False")
            if has_other:
                self._add(test, "branch dropped", "True")

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            if not any(isinstance(inner, ast.NamedExpr) for inner in ast.walk(test)):
                self._add(test, "condition dropped", "True")
        self.generic_visit(node)

    def visit_Slice(self, node: ast.Slice) -> None:
        if node.upper is not None:
            whole = ast.unparse(ast.Slice(node.lower, None, node.step))
            self._add(node, "end of slice dropped", whole)
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call):
            if _callee(node.value.func) not in _TELLING:
                self._add(node, "call dropped", "pass")
                self.visit(node.value)
        elif not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func
        said = name.id if isinstance(name, ast.Name) else ""
        if _callee(name) in _TELLING:
            return
        if isinstance(name, ast.Attribute) and name.attr in _NAMES:
            changed = ast.Attribute(name.value, _NAMES[name.attr], name.ctx)
            self._add(name, "min/max", ast.unparse(changed))
        elif said in _NAMES:
            self._add(name, "min/max", _NAMES[said])
        if said in ("isinstance", "issubclass"):
            self.visit(node.args[0])
        elif said == "cast":
            self._visit_all(node.args[1:])
        else:
            self.generic_visit(node)


def find_mutants(module: str, source: bytes) -> list[Mutant]:
    """List every change of a module, in the order of its lines.

    Args:
        module: Path of the module, as reports name it.
        source: What it holds.

    Returns:
        The changes; some may come to the same, see ``changes_code``.
    """
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    places = _Places()
    places.visit(ast.parse(source))
    found = []
    for node, kind, replacement in places.found:
        if node.end_lineno is None or node.end_col_offset is None:
            continue
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        before = lines[node.lineno - 1].decode().strip()
        changed = source[starts[node.lineno - 1] : start].decode() + replacement
        rest = source[end : starts[node.end_lineno]].decode()
        after = (changed + rest).strip()
        found.append(Mutant(module, node.lineno, kind, before, after, start, end, replacement))
    return sorted(found, key=lambda mutant: (mutant.start, mutant.end, mutant.replacement))


def changes_code(mutant: Mutant, original: bytes, seen: set[str]) -> bool:
    """Whether a mutant can be read, and differs from the original and from those seen before.

    Args:
        mutant: The change.
        original: The module without it.
        seen: Forms of the module that were drawn before; the mutant's is added.

    Returns:
        False if running it would tell nothing new.
    """
    try:
        form = ast.dump(ast.parse(mutant.source(original)))
    except SyntaxError:
        return False
    if form in seen or form == ast.dump(ast.parse(original)):
        return False
    seen.add(form)
    return True


def draw(sources: Mapping[str, bytes], sample: int, seed: int) -> list[Mutant]:
    """Draw mutants, one of each module in turn, until there are enough.

    Args:
        sources: The modules by path.
        sample: How many to draw at most.
        seed: The same seed draws the same mutants of the same code; a change of one module does
            not change what is drawn of another, but for how many.

    Returns:
        The mutants by module and line.
    """
    order = sorted(sources)
    random.Random(seed).shuffle(order)
    waiting: dict[str, list[Mutant]] = {}
    for module in order:
        waiting[module] = find_mutants(module, sources[module])
        random.Random(f"{seed} {module}").shuffle(waiting[module])
    seen: dict[str, set[str]] = {module: set() for module in order}
    drawn: list[Mutant] = []
    while len(drawn) < sample and any(waiting.values()):
        for module in order:
            while waiting[module] and len(drawn) < sample:
                mutant = waiting[module].pop()
                if changes_code(mutant, sources[module], seen[module]):
                    drawn.append(mutant)
                    break
    return sorted(drawn, key=lambda mutant: (mutant.module, mutant.start, mutant.replacement))
