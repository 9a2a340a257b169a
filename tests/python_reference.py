"""The page of the Python interface, made of signatures and docstrings; nothing is imported.

It begins with the names that ``docsearch_cli`` hands out. What their members give or take is
followed to its own class, so nothing that a program gets hold of is left out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support import REPOSITORY

PACKAGE = "docsearch_cli"
# Sections of a docstring that are shown, and how a row of each begins.
_SECTIONS = re.compile(r"^(Args|Returns|Yields|Raises):\n((?:[ ]{4}.*\n?|\n)+)", re.MULTILINE)
# What iterating gives is used without its name.
_ITERATED = ("__iter__",)
_ENTRY = re.compile(r"^(\*{0,2}[\w.]+): ", re.MULTILINE)


class UndocumentedError(Exception):
    """Something that a program may use says nothing of itself."""


@dataclass(frozen=True)
class Module:
    """A module, parsed."""

    name: str
    tree: ast.Module

    def find(self, name: str) -> tuple[Module, ast.stmt] | None:
        """Return where a name is defined, here or where it is imported from; None if not here."""
        for node in _statements(self.tree):
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name:
                return self, node
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
                return None if "TypeVar(" in ast.unparse(node.value) else (self, node)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
                for alias in node.names:
                    if (alias.asname or alias.name) == name:
                        return module_of(node.module or "").find(alias.name)
        return None


@cache
def module_of(name: str) -> Module:
    """Return a module of the package by its dotted name."""
    path = REPOSITORY.joinpath(*name.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return Module(name, ast.parse(Path(file).read_text("utf-8")))


def _statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield the statements of a module, with those under ``if TYPE_CHECKING``."""
    for node in tree.body:
        yield node
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from node.body


def public_names() -> list[str]:
    """Return the names that the package hands out."""
    for node in module_of(PACKAGE).tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return [name for name in ast.literal_eval(node.value) if not name.startswith("__")]
    raise LookupError("__all__")


def definitions() -> dict[str, tuple[Module, ast.stmt]]:
    """Return what the page describes, by name: what is handed out first, then what that leads to.

    Raises:
        UndocumentedError: If two things have one name.
    """
    waiting = [(module_of(PACKAGE), name) for name in public_names()]
    found: dict[str, tuple[Module, ast.stmt]] = {}
    while waiting:
        module, name = waiting.pop(0)
        definition = module.find(name)
        if definition is None:
            continue  # of Python, or of a library
        if name in found:
            if found[name][0].name != definition[0].name:
                raise UndocumentedError(f"{name} is two things")
            continue
        found[name] = definition
        waiting += [(definition[0], other) for other in _names_in(definition[1])]
    return found


def _names_in(node: ast.stmt) -> Iterator[str]:
    """Yield the names in the types of what a program sees of a definition."""
    types: list[ast.expr | None] = []
    if isinstance(node, ast.ClassDef):
        types += node.bases
        for member in members(node):
            types += _types_of(member)
    elif isinstance(node, ast.Assign):
        types.append(node.value)
    else:
        types += _types_of(node)
    for kind in types:
        if kind is not None:
            text = ast.unparse(kind)
            yield from dict.fromkeys(re.findall(r"\b[A-Z]\w*", text))


def _types_of(member: ast.stmt) -> list[ast.expr | None]:
    if isinstance(member, ast.AnnAssign):
        return [member.annotation]
    if isinstance(member, ast.FunctionDef):
        every = (*member.args.args, *member.args.kwonlyargs, member.args.kwarg)
        return [*(item.annotation for item in every if item is not None), member.returns]
    return []


def members(node: ast.ClassDef) -> list[ast.AnnAssign | ast.FunctionDef]:
    """Return the members of a class that a program may use, in their order."""
    return [
        member
        for member in node.body
        if (
            isinstance(member, ast.FunctionDef)
            and (not member.name.startswith("_") or member.name in _ITERATED)
        )
        or (isinstance(member, ast.AnnAssign) and not ast.unparse(member.target).startswith("_"))
    ]


def describe(name: str, module: Module, node: ast.stmt) -> str:
    """Return what the page says of a definition.

    Raises:
        UndocumentedError: If it, or a member whose name and type do not say all, has no docstring.
    """
    if isinstance(node, ast.Assign):
        return f"### {name}\n\n```text\n{name} = {ast.unparse(node.value)}\n```\n"
    if isinstance(node, ast.FunctionDef):
        return f"### {name}\n\n{_function(node, f'{module.name}.{name}')}"
    assert isinstance(node, ast.ClassDef)
    where = f"{module.name}.{name}"
    # Programs are handed these: how one is made is no business of theirs.
    words = re.sub(r"^Args:\n(?:[ ]{4}.*\n?|\n)+", "", _doc_of(node, where), flags=re.MULTILINE)
    parts = [f"### {name}\n", _prose(words)]
    fields: list[str] = []
    for member, after in _with_next(node):
        if isinstance(member, ast.AnnAssign):
            said = _string(after)
            fields.append(_row(ast.unparse(member.target), member.annotation, said))
        elif _is_property(member):
            said = _doc_of(member, f"{where}.{member.name}")
            fields.append(_row(member.name, member.returns, said))
    if fields:
        parts.append("| | type | |\n| --- | --- | --- |\n" + "\n".join(fields) + "\n")
    for member in members(node):
        if isinstance(member, ast.FunctionDef) and not _is_property(member):
            parts.append(f"#### {name}.{member.name}\n")
            parts.append(_function(member, f"{where}.{member.name}"))
    return "\n".join(parts)


def _with_next(node: ast.ClassDef) -> Iterator[tuple[ast.AnnAssign | ast.FunctionDef, ast.stmt]]:
    """Yield the members of a class, each with the statement after it."""
    wanted = members(node)
    for place, member in enumerate(node.body):
        if member in wanted:
            after = node.body[place + 1] if place + 1 < len(node.body) else member
            yield wanted[wanted.index(member)], after


def _is_property(member: ast.FunctionDef) -> bool:
    return any("property" in ast.unparse(mark) for mark in member.decorator_list)


def _doc_of(node: ast.ClassDef | ast.FunctionDef, where: str) -> str:
    said = ast.get_docstring(node)
    if not said:
        raise UndocumentedError(f"{where} has no docstring")
    return said


def _string(node: ast.stmt) -> str:
    """Return a docstring of a field: the string after it; empty where name and type say all."""
    is_string = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return str(node.value.value) if is_string else ""  # type: ignore[attr-defined]


def _function(node: ast.FunctionDef, where: str) -> str:
    arguments = ast.unparse(node.args).removeprefix("self").removeprefix(", ")
    returns = f" -> {ast.unparse(node.returns)}" if node.returns is not None else ""
    line = f"{node.name}({arguments}){returns}"
    if len(line) > 90:
        parts = re.split(r", (?![^\[]*\])", arguments)
        line = f"{node.name}(\n" + "".join(f"    {part},\n" for part in parts) + f"){returns}"
    return f"```text\n{line}\n```\n\n{_prose(_doc_of(node, where))}"


def _prose(doc: str) -> str:
    """Return a docstring as Markdown: its words, and a list for each of its sections."""
    sections = dict(_SECTIONS.findall(f"{doc}\n"))
    text = _SECTIONS.sub("", f"{doc}\n").strip()
    parts = [_inline(paragraph) for paragraph in re.split(r"\n\s*\n", text)]
    for title, body in sections.items():
        lines = re.sub(r"^ {4}", "", body, flags=re.MULTILINE).strip()
        if title in ("Args", "Raises"):
            pieces = _ENTRY.split(lines)[1:]
            rows = zip(pieces[::2], pieces[1::2], strict=True)
            listed = "\n".join(f"- `{name}`: {_inline(said)}" for name, said in rows)
            parts.append(f"{'Takes' if title == 'Args' else 'Raises'}\n\n{listed}")
        else:
            parts.append(f"{title} {_inline(lines[0].lower() + lines[1:])}")
    return "\n\n".join(parts) + "\n"


def _inline(text: str) -> str:
    return " ".join(text.split()).replace("``", "`")


def _row(name: str, kind: ast.expr | None, said: str) -> str:
    cells = (f"`{name}`", f"`{ast.unparse(kind)}`" if kind is not None else "", _inline(said))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def body(found: Mapping[str, tuple[Module, ast.stmt]] | None = None) -> str:
    """Return what the page says of everything."""
    found = found if found is not None else definitions()
    handed_out = public_names()
    parts = ["## What is handed out\n"]
    parts += [describe(name, *found[name]) for name in handed_out]
    parts.append("## What they give and take\n")
    parts += [describe(name, *found[name]) for name in sorted(found.keys() - set(handed_out))]
    return "\n".join(parts)
