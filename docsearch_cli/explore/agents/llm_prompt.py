"""What a language model is shown of a page, and the form of its reply.

Everything that it may name has a number: sentences, sections, pages that can be opened. It is shown
the page's best sections first and may ask for more of those in its view; how much of them an agent
reads is bounded by the view.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from docsearch_cli.corpus.formats.table import is_paged
from docsearch_cli.explore.view import EdgeView, SectionView, View
from docsearch_cli.llm.exchange import Message, ModelRequest
from docsearch_cli.llm.fencing import RULE, fenced, shown_text
from docsearch_cli.retrieval.quotes import Quotable, ReadSection
from docsearch_cli.retrieval.tokens import spelled, spellings
from docsearch_cli.steps import estimate_tokens

# Raise it when what a model is told changes: replies are kept by it.
PROMPT = "decide@1"
# The best sections up to this many tokens are shown at once; a model asks for the others.
_FIRST_TOKENS = 600
# Of the pages that can be opened, those that promise most; a reply follows a few.
MOST_EDGES = 20
MOST_FOLLOWED = 8
MOST_SENTENCES = 12
MOST_SECTIONS = 8
MOST_WORDS_CHARS = 160
MOST_REASON_CHARS = 200
# Titles, paths and anchors are names; a longer one is cut.
_MOST_NAME_CHARS = 120
_MOST_TERMS = 8
# A reply that did not fit is shown again as far as this.
_MOST_REPEATED_CHARS = 600

_TASK = """\
You search a set of linked documents for what answers one question. You are at one page of them. \
You see sentences of the page, and pages that can be opened next. You decide what to do here.

Reply with one JSON object and nothing else:
- "action": "answer" if sentences shown here answer the question or a part of it; "expand" if they \
do not and a page that can be opened may; "dead_end" if neither{more}
- "relevance": 0 to 1, how much of the question the sentences you name answer
- "sentences": numbers of the sentences that say it, the most telling first, at most {sentences}; \
none if none does
- "edges": the pages worth opening, best first, at most {followed}: {{"edge": number, "promise": 0 \
to 1}}; with answer and expand
- "sections": {sections}
- "look_for": a few words: what is still to be found; empty if nothing is
- "reason": one short sentence

Use only numbers that are shown. Never answer from what you know yourself.

{rule}"""
_MORE = (
    '; "read_more" if sections that are not shown yet may hold the answer (give their numbers in'
    ' "sections")'
)
_SECTIONS = "numbers of the sections to read, with read_more; else empty"
_NO_SECTIONS = "empty"


class Repair(NamedTuple):
    """A reply that could not be used, and why."""

    text: str
    problem: str


class Sentence(NamedTuple):
    """A sentence that is shown."""

    section: int
    """Its section's place in the view."""
    place: int
    """Its place in the section."""


@dataclass(frozen=True)
class ShownPage:
    """A view as a model is shown it."""

    view: View
    read: tuple[int, ...]
    """Places of the sections that are shown, in the order in which they are."""
    may_read_more: bool

    @classmethod
    def first(cls, view: View) -> ShownPage:
        """Return what is shown of a page at first."""
        shown: list[int] = []
        left = _FIRST_TOKENS
        for place, section in enumerate(view.sections):
            left -= estimate_tokens(section.text)
            if shown and left < 0:
                break
            shown.append(place)
        return cls(view, tuple(shown), True)

    def with_sections(self, places: Sequence[int], *, may_read_more: bool) -> ShownPage:
        """Return the page with more of its sections."""
        return ShownPage(self.view, (*self.read, *places), may_read_more)

    @cached_property
    def unread(self) -> tuple[int, ...]:
        """Places of the sections that can still be asked for."""
        if not self.may_read_more:
            return ()
        return tuple(place for place in range(len(self.view.sections)) if place not in self.read)

    @cached_property
    def sections(self) -> Mapping[int, ReadSection]:
        """The sections that are shown, cut into sentences, by their place."""
        return {place: self._cut(self.view.sections[place]) for place in self.read}

    def _cut(self, section: SectionView) -> ReadSection:
        view = self.view
        quotable = Quotable(
            section.section,
            section.heading,
            section.text,
            section.line_start,
            paged=is_paged(view.markup),
            above=section.above,
        )
        return ReadSection(quotable, view.markup, view.tokens, view.language)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Every sentence that is shown: the first has the number 1."""
        return tuple(
            Sentence(place, unit)
            for place, section in self.sections.items()
            for unit in section.quotable
        )

    @cached_property
    def edges(self) -> tuple[int, ...]:
        """Places of the edges that are shown, one for each page: the first has the number 1."""
        found: dict[str, int] = {}
        for place, edge in enumerate(self.view.edges):
            if len(found) == MOST_EDGES:
                break
            found.setdefault(edge.target, place)
        return tuple(found.values())

    @property
    def tokens_read(self) -> int:
        """About how many tokens of the page's text are shown."""
        return sum(estimate_tokens(self.view.sections[place].text) for place in self.read)


def build_request(
    page: ShownPage, *, output_tokens: int, repair: Repair | None = None
) -> ModelRequest:
    """Return what a model is asked at a page.

    Args:
        page: What it is shown.
        output_tokens: Most tokens of its reply.
        repair: Its reply to the same, where that could not be used.

    Returns:
        The request.
    """
    task = _TASK.format(
        more=_MORE if page.unread else "",
        sections=_SECTIONS if page.unread else _NO_SECTIONS,
        sentences=MOST_SENTENCES,
        followed=MOST_FOLLOWED,
        rule=RULE,
    )
    question = shown_text(page.view.question)
    told = f"Question: {question}\n\n{fenced(_lines(page), question)}\n\nQuestion: {question}"
    messages = [Message("system", task), Message("user", told)]
    if repair is not None:
        messages.append(Message("assistant", repair.text[:_MOST_REPEATED_CHARS]))
        messages.append(
            Message("user", f"This reply cannot be used: {repair.problem}. Reply again.")
        )
    return ModelRequest(page.view.model, tuple(messages), _schema(page), output_tokens, PROMPT)


def _schema(page: ShownPage) -> dict[str, Any]:
    """Return the JSON schema of a reply: flat, and every field required, as strict modes ask."""
    actions = ["answer", "expand", "dead_end"] + (["read_more"] if page.unread else [])
    share = {"type": "number", "minimum": 0, "maximum": 1}
    edge = {
        "type": "object",
        "properties": {"edge": {"type": "integer"}, "promise": share},
        "required": ["edge", "promise"],
        "additionalProperties": False,
    }
    fields: dict[str, Any] = {
        "action": {"type": "string", "enum": actions},
        "relevance": share,
        "sentences": _list_of({"type": "integer"}, MOST_SENTENCES),
        "edges": _list_of(edge, MOST_FOLLOWED),
        "sections": _list_of({"type": "integer"}, MOST_SECTIONS if page.unread else 0),
        "look_for": {"type": "string", "maxLength": MOST_WORDS_CHARS},
        "reason": {"type": "string", "maxLength": MOST_REASON_CHARS},
    }
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def _list_of(item: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "items": item, "maxItems": most}


def _lines(page: ShownPage) -> list[str]:
    """Return the page, line by line."""
    view = page.view
    words = spellings(view.question, view.language)
    lines = [f"Page: {_name(view.title)} ({_name(view.path)})"]
    if view.covered:
        lines.append(f"Found on the way here: {_listed(view.covered, words)}")
    if view.sought:
        lines.append(f"Words from the page that led here: {_listed(tuple(view.sought), words)}")
    number = 0
    for place, section in page.sections.items():
        lines.append(f"Section {place + 1}: {_heading(view.sections[place])}")
        for unit in section.quotable:
            number += 1
            lines.append(f"[{number}] {shown_text(section.units[unit].plain)}")
    if page.unread:
        lines.append("Sections that are not shown yet:")
        for place in page.unread:
            tokens = estimate_tokens(view.sections[place].text)
            lines.append(f"[{place + 1}] {_heading(view.sections[place])} (about {tokens} tokens)")
    if page.edges:
        lines.append("Pages that can be opened:")
        for number, place in enumerate(page.edges, 1):
            lines.append(f"[{number}] {_edge_line(view.edges[place], words)}")
    return lines


def _heading(section: SectionView) -> str:
    return _name(" > ".join((*section.above, section.heading)))


def _edge_line(edge: EdgeView, words: Mapping[str, str]) -> str:
    parts = [f"{_name(edge.title)} ({_name(edge.path)}): {edge.label}"]
    if edge.text:
        parts.append(f'by the words "{_name(edge.text)}"')
    if edge.said:
        parts.append(f"beside {_listed(edge.said, words)}")
    if edge.terms:
        parts.append(f"holds {_listed(edge.terms, words)}")
    return ", ".join(parts)


def _listed(terms: Sequence[str], words: Mapping[str, str]) -> str:
    return " ".join(shown_text(word) for word in spelled(terms, words)[:_MOST_TERMS])


def _name(text: str) -> str:
    line = shown_text(text)
    return line if len(line) <= _MOST_NAME_CHARS else line[: _MOST_NAME_CHARS - 1] + "…"
