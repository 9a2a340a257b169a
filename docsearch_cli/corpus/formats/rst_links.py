"""References of reStructuredText and of Sphinx: hyperlinks, roles, tables of contents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from docsearch_cli.corpus.encoding import line_number
from docsearch_cli.corpus.formats.rst_lines import continuation, find_labels, indentation
from docsearch_cli.corpus.formats.rst_plain import LABEL_START
from docsearch_cli.corpus.naming import heading_slug, label_key, one_line
from docsearch_cli.models import Link, LinkSyntax

_LITERAL = re.compile(r"``[^`\n](?:[^\n`]|`(?!`)|\n(?![ \t]*\n)){0,1000}?``")
_MARKED = re.compile(
    r"(?::(?P<role>[\w+.:-]{1,60}):)?(?<![\\`])`(?P<text>[^`]{1,1000})`(?P<tail>__?)?(?![`\w])"
)
_WORD = re.compile(
    r"(?<![\w`:@/.-])(?P<name>[^\W_](?:[\w.+:-]{0,100}[^\W_])?)(?P<tail>__?)(?![\w`_])"
)
# White space before the address is matched whole: from each character it would be quadratic.
_EMBEDDED = re.compile(r"(.*?)(?<!\s)\s*+(?<!\\)<((?:\\[<>]|[^<>\\]|\\(?![<>]))+)>", re.DOTALL)
_ESCAPED = re.compile(r"\\(?:\s|(.))")
_BARE = re.compile(r"(?<![\w<`_\"'(])(?:https?|ftp)://[^\s<>`\"']+")
_NAMED_TARGET = re.compile(LABEL_START + r"(?!_)(?:`([^`]+)`|((?:\\.|[^:\\])+)):(?:[ \t]+(\S.*))?$")
_ANONYMOUS_TARGET = re.compile(r"[ \t]*(?:\.\.[ \t]+__:|__)[ \t]+(\S.*)$")
_TOCTREE = re.compile(r"[ \t]*\.\.[ \t]+toctree::")
_INCLUDE = re.compile(r"[ \t]*\.\.[ \t]+include::[ \t]+(\S+)")
_TARGET_OPTION = re.compile(r"[ \t]*:target:[ \t]+(\S+)[ \t]*$")
_ENTRY = re.compile(r"(?:(.*?)(?<!\s)\s*+<([^<>]+)>|(\S.*))$")
_EXTERNAL_ROLE = re.compile(r"external(?:\+([^:]+))?:")
_DOCUMENT_ROLES: dict[str, LinkSyntax] = {
    "doc": "doc",
    "ref": "ref",
    "numref": "ref",
    "term": "ref",
    "any": "any",
    "download": "url",
}


@dataclass(slots=True)
class _Targets:
    """What the references of one file may point to inside it."""

    addresses: dict[str, str] = field(default_factory=dict)
    anonymous: list[str] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)
    slugs: dict[str, str] = field(default_factory=dict)
    """Key of a section title to its slug."""


def find_links(parsed: Sequence[str], titles: Sequence[str]) -> Iterator[Link]:
    """Find the links of a file.

    Args:
        parsed: The file's lines with unparsed blocks blanked out.
        titles: The section titles, which are targets as well.

    Yields:
        Links in the order of their lines, entries of tables of contents and inclusions included.
    """
    targets = _targets(parsed, titles)
    links = [*_directive_links(parsed), *_text_links(parsed, targets)]
    yield from sorted(links, key=lambda link: link.line)


def _targets(parsed: Sequence[str], titles: Sequence[str]) -> _Targets:
    targets = _Targets(slugs={label_key(title): heading_slug(title) for title in titles})
    targets.labels = {label_key(label) for _, label in find_labels(parsed)}
    for number, line in enumerate(parsed):
        if "__" in line and (anonymous := _ANONYMOUS_TARGET.match(line)):
            targets.anonymous.append(anonymous[1].strip())
        elif ".." in line and (named := _NAMED_TARGET.match(line)):
            address = named[3] or continuation(parsed, number)
            if address:
                name = label_key((named[1] or named[2]).replace("\\", ""))
                targets.addresses[name] = address.strip()
    return targets


def _directive_links(parsed: Sequence[str]) -> Iterator[Link]:
    tree_indent = -1
    has_patterns = False
    for number, line in enumerate(parsed, start=1):
        stripped = line.strip()
        if tree_indent >= 0 and stripped:
            if indentation(line) > tree_indent:
                has_patterns = has_patterns or stripped == ":glob:"
                yield from _tree_entry(stripped, number, has_patterns=has_patterns)
                continue
            tree_indent = -1
        if not stripped:
            continue
        if _TOCTREE.match(line):
            tree_indent, has_patterns = indentation(line), False
        elif found := _INCLUDE.match(line):
            if not found[1].startswith("<"):
                yield Link(found[1], "", number, "include")
        elif found := _TARGET_OPTION.match(line):
            yield Link(found[1], "", number)


def _tree_entry(entry: str, number: int, *, has_patterns: bool) -> Iterator[Link]:
    if entry.startswith((":", "..")):
        return
    link = tree_link(entry, number, has_patterns=has_patterns)
    if link is not None:
        yield link


def tree_link(entry: str, line: int, *, has_patterns: bool) -> Link | None:
    """Return the link that one line of a table of contents is.

    Args:
        entry: The line, without white space around it.
        line: Its number.
        has_patterns: Whether ``*`` and ``?`` in it stand for names.

    Returns:
        The link; None for an entry that leads nowhere: the page itself, a blank line.
    """
    found = _ENTRY.match(entry)
    if found is None:
        return None
    target, text = (found[2] or found[3]).strip(), one_line(found[1] or "")
    if target == "self":
        return None
    if has_patterns and any(sign in target for sign in "*?"):
        return Link(target, text, line, "glob")
    return Link(target, text, line, "url" if "://" in target else "entry")


def _text_links(parsed: Sequence[str], targets: _Targets) -> Iterator[Link]:
    text = "\n".join(_without_targets(parsed))
    starts, offset = [], 0
    for line in text.split("\n"):
        starts.append(offset)
        offset += len(line) + 1
    if "``" in text:
        text = _LITERAL.sub(_blanked, text)
    unnamed = iter(targets.anonymous)
    for found in _MARKED.finditer(text):
        if "\n\n" in found["text"]:
            continue
        for target, label, syntax in _marked_link(found, targets, unnamed):
            yield Link(
                target,
                one_line(_ESCAPED.sub(r"\1", label)),
                line_number(starts, found.start()),
                syntax,
            )
    text = _MARKED.sub(_blanked, text)
    for found in _BARE.finditer(text):
        address = found[0].rstrip(".,;:!?)]}*'")
        yield Link(address, address, line_number(starts, found.start()))
    for found in _WORD.finditer(text):
        local = _local_target(found["name"], targets)
        if found["tail"] == "_" and local:
            yield Link(local, found["name"], line_number(starts, found.start()))


def _without_targets(parsed: Sequence[str]) -> Iterator[str]:
    """Yield the lines with those of targets blanked out: an address is not a link by itself."""
    continues = False
    for number, line in enumerate(parsed):
        named = _NAMED_TARGET.match(line) if "_" in line else None
        is_target = bool(named) or ("__" in line and bool(_ANONYMOUS_TARGET.match(line)))
        yield "" if is_target or continues else line
        continues = named is not None and not named[3] and bool(continuation(parsed, number))


def _blanked(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])


def _marked_link(
    found: re.Match[str], targets: _Targets, unnamed: Iterator[str]
) -> Iterator[tuple[str, str, LinkSyntax]]:
    text, role = found["text"].strip(), found["role"]
    embedded = _EMBEDDED.fullmatch(text)
    label, target = (embedded[1], embedded[2].strip()) if embedded else (text, "")
    if role:
        link = role_link(role, text, 0)
        if link is not None:
            yield link.target, label, link.syntax
    elif not found["tail"]:
        return
    elif target:
        target = _followed(target, targets)
        if target:
            address = re.sub(r"\\([_<>])", r"\1", target)
            yield re.sub(r"\s+", "", address), label or target, "url"
    elif found["tail"] == "__":
        target = _followed(next(unnamed, ""), targets)
        if target:
            yield target, text, "url"
    elif (local := _local_target(text, targets)) is not None:
        yield local, text, "url"


def role_link(role: str, text: str, line: int) -> Link | None:
    """Return the link that a role of Sphinx makes of its text.

    Args:
        role: Its name, which may begin with a domain.
        text: What is between the backticks, ``label`` or ``text <label>``.
        line: The line it is on.

    Returns:
        None for a role that leads to no document.
    """
    project = _EXTERNAL_ROLE.match(role)
    name = role.lower().rpartition(":")[2]
    syntax = _DOCUMENT_ROLES.get(name)
    if syntax is None or text.startswith("!"):
        return None
    embedded = _EMBEDDED.fullmatch(text.strip())
    label, target = (embedded[1], embedded[2].strip()) if embedded else (text, text.strip())
    target = label_key(target) if syntax in ("ref", "any") else target.lstrip("~")
    if project is not None:  # a label of another project, named in the role
        return Link(f"{project[1] or 'external'}:{target}", one_line(label), line, "ref")
    return Link(f"term:{target}" if name == "term" else target, one_line(label), line, syntax)


def _followed(target: str, targets: _Targets) -> str:
    """Return what an address stands for that may itself be a reference: ``name_``."""
    if target.endswith("_") and not target.endswith("\\_"):
        return _local_target(target[:-1].strip("`"), targets) or ""
    return target


def _local_target(name: str, targets: _Targets) -> str | None:
    """Return what a name stands for in its file: an address, or ``#`` and an anchor."""
    key = label_key(name.replace("\\", ""))
    for _ in range(len(targets.addresses) + 1):  # a chain of aliases, at worst a ring
        address = targets.addresses.get(key)
        if address is None:
            break
        if not address.endswith("_") or address.endswith("\\_"):
            return re.sub(r"\s+", "", address.replace("\\_", "_"))
        key = label_key(address[:-1].strip("`"))
    if key in targets.labels:
        return f"#{key}"
    return f"#{targets.slugs[key]}" if key in targets.slugs else None
