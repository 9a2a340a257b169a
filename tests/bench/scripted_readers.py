"""Readers that look for an answer by a script, each in its own way, until they have seen it.

No reader judges what it reads: it is told when it has seen enough, the same for all. Every reply is
counted as a language model would get it. A question is answered once text of every gold document
was shown, and the answer in it where a gold document holds it word for word.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from docsearch_cli.cli.output import Output
from docsearch_cli.cli.output_formats.markdown_answer import write_markdown
from docsearch_cli.cli.shell_paths import paths_here
from docsearch_cli.cli.show_result import place_words_of
from docsearch_cli.config import Settings
from docsearch_cli.corpus.plain_text import plain_text
from docsearch_cli.errors import InputError
from docsearch_cli.evaluation.answers import find_answer, holds, searchable_answers
from docsearch_cli.evaluation.questions import GoldQuestion
from docsearch_cli.explore.keyword_ranking import simple_ranking
from docsearch_cli.index.passage import Passage, read_passage
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.mcp_server.replies import explore_reply, search_reply, show_reply
from docsearch_cli.search.ask import ask, prepare_question
from docsearch_cli.search.result import AskMode, AskOptions, AskResult, check_result
from docsearch_cli.service.document_service import DocumentService
from docsearch_cli.service.replies import Place

# A token is so many bytes of UTF-8, for all readers alike.
TOKEN_BYTES = 4
MOST_CALLS = 20
# As tools of coding agents cut: lines and characters of a grep, lines of a file.
_GREP_LINES = 100
_GREP_CHARS = 30_000
_READ_LINES = 2_000
# So many greps come before files are read; then one more each time so many were read in vain.
_FIRST_GREPS = 3
_READ_AT_ONCE = 5
# Pages of the keyword ranking that are read whole.
RANKED_PAGES = 5
# Ranked documents that are looked at where the quotes were not enough: there is no lead after them.
_SHOWN_DOCUMENTS = 10
# Of one without a quote, lines shown from its beginning.
_FIRST_LINES = 80
# Places that a call of the server's show asks for.
_SHOWN_AT_ONCE = 5
# A word of fewer letters is not looked for, nor, beside three others, one that more files hold.
_LEAST_LETTERS = 3
_RARE_FILES = 20
_RARE_SHARE = 0.05


class Corpus:
    """The files of a set, as grep sees them.

    Args:
        folder: Of the documents.
        index: Their index.
        home: Its ``.docsearch`` folder.
    """

    def __init__(self, folder: Path, index: IndexReader, home: Path) -> None:
        self.folder = folder
        self.index = index
        self.home = home
        self.texts: dict[str, str] = {}
        for row in range(len(index.paths)):
            path = index.paths[row]
            if (folder / path).is_file():
                self.texts[path] = (folder / path).read_bytes().decode("utf-8", "replace")
        self.lower = {path: text.lower() for path, text in self.texts.items()}

    def matching(self, word: str) -> list[str]:
        """Return the files that hold a word, whatever its case."""
        return [path for path, text in self.lower.items() if word in text]


@dataclass
class Seen:
    """What a reader has seen of one question, and what that took."""

    corpus: Corpus
    question: GoldQuestion
    after: list[int] = field(default_factory=list)
    """Tokens seen in all, after each call."""
    is_answered: bool = False
    _shown: dict[str, list[str]] = field(default_factory=dict)
    _wanted: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        answers = self.question.answers
        index = self.corpus.index
        if any(find_answer(index, path, answers) for path in self.question.gold):
            self._wanted = searchable_answers(answers)

    @property
    def calls(self) -> int:
        """How many calls it took so far."""
        return len(self.after)

    @property
    def tokens(self) -> int:
        """How many tokens it has seen."""
        return self.after[-1] if self.after else 0

    @property
    def may_go_on(self) -> bool:
        """Whether there is more to look for, and another call for it."""
        return not self.is_answered and self.calls < MOST_CALLS

    def call(self, reply: str, shown: Mapping[str, str]) -> None:
        """Note a call.

        Args:
            reply: All that came back.
            shown: The text of documents in it, by path.
        """
        self.after.append(self.tokens - (-len(reply.encode()) // TOKEN_BYTES))
        for path, text in shown.items():
            if path in self.question.gold:
                self._shown.setdefault(path, []).append(text)
        self.is_answered = all(path in self._shown for path in self.question.gold) and (
            not self._wanted or any(self._holds(path) for path in self._shown)
        )

    def _holds(self, path: str) -> bool:
        text = "\n".join(self._shown[path])
        if holds(self._wanted, text):
            return True
        nodes = self.corpus.index.nodes_of_document(path)
        markup = self.corpus.index.markup(int(self.corpus.index.node_documents[nodes.start]))
        return holds(self._wanted, plain_text(text, markup))


def grep_and_read(seen: Seen, *, lines_count: bool) -> None:
    """Grep for the rarest words and read whole files, those with most of the words first.

    Args:
        seen: The question.
        lines_count: Whether a line that grep prints counts as text of its document.
    """
    corpus = seen.corpus
    words = dict.fromkeys(re.findall(r"\w+", seen.question.question.lower()))
    found = {word: corpus.matching(word) for word in words if len(word) >= _LEAST_LETTERS}
    most = max(_RARE_FILES, _RARE_SHARE * len(corpus.texts))
    rare = sum(len(files) <= most for files in found.values())
    left = sorted(found, key=lambda word: (len(found[word]), word))[: max(rare, _FIRST_GREPS)]
    scores: dict[str, float] = {}
    read: set[str] = set()
    while seen.may_go_on and (left or len(read) < len(scores)):
        for word in left[: _FIRST_GREPS if not scores else 1]:
            if not seen.may_go_on:
                return
            left.remove(word)
            reply, shown = _grep(corpus, word, found[word])
            seen.call(reply, shown if lines_count else {})
            for path in found[word]:
                weight = math.log(1 + len(corpus.texts) / len(found[word]))
                scores[path] = scores.get(path, 0.0) + weight
        unread = sorted(scores.keys() - read, key=lambda path: (-scores[path], path))
        for path in unread[:_READ_AT_ONCE]:
            if not seen.may_go_on:
                return
            read.add(path)
            _read(seen, path)


def _grep(corpus: Corpus, word: str, files: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return what ``grep -rni`` prints, cut, and the lines of each document in it."""
    reply: list[str] = []
    shown: dict[str, str] = {}
    left = _GREP_CHARS
    for path, number, line in _matches(corpus, word, files):
        printed = f"{path}:{number}:{line}"
        if len(reply) == _GREP_LINES or len(printed) > left:
            break
        left -= len(printed) + 1
        reply.append(printed)
        shown[path] = f"{shown.get(path, '')}\n{line}"
    return "\n".join(reply), shown


def _matches(corpus: Corpus, word: str, files: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    for path in files:
        for number, line in enumerate(corpus.texts[path].split("\n"), start=1):
            if word in line.lower():
                yield path, number, line


def _read(seen: Seen, path: str) -> None:
    """Read a file whole, as far as a tool shows it at once."""
    text = "\n".join(seen.corpus.texts[path].split("\n")[:_READ_LINES])
    seen.call(text, {path: text})


def read_ranked(seen: Seen) -> None:
    """Rank the documents by keywords, and read the first five whole."""
    corpus = seen.corpus
    scored = prepare_question(corpus.index, seen.question.question).scored
    ranking = [item.path for item in simple_ranking(scored, RANKED_PAGES)]
    seen.call("\n".join(ranking), {})
    for path in ranking:
        if not seen.may_go_on:
            return
        _read(seen, path)


def use_tools(seen: Seen, settings: Settings) -> None:
    """Ask, explore where a keyword search was not enough, then show the sections of the quotes and
    the first lines of documents without one.

    Args:
        seen: The question.
        settings: How to search.
    """
    result = _ask(seen, settings, "auto")
    if seen.may_go_on and result.mode == "simple":
        result = _ask(seen, settings, "deep")
    quoted: dict[str, tuple[int, int]] = {}
    for item in result.findings.evidence:
        quoted.setdefault(item.path, (item.line_start, item.line_end))
    for document in result.findings.documents[:_SHOWN_DOCUMENTS]:
        if seen.may_go_on:
            first, last = quoted.get(document.path, (1, _FIRST_LINES))
            _show(seen, document.path, first, last, whole_section=document.path in quoted)


def use_mcp(seen: Seen, service: DocumentService) -> None:
    """Call the tools of ``docsearch mcp`` as their replies lead on: explore, then show the sections
    of the quotes and the places that are named besides, several in a call; then search and show.

    Args:
        seen: The question.
        service: The server's service, over the same index.
    """
    exploring = service.explore(
        seen.question.question, max_agents=20, max_depth=3, answer_tokens=400
    )
    explored = explore_reply(exploring.reply())
    _replied(seen, explored, explored["quotes"])
    places = [f"{quote['path']}:{quote['lines']}" for quote in explored["quotes"]]
    shown: set[str] = set()
    _show_places(seen, service, [*places, *explored.get("also", ())], shown)
    if not seen.may_go_on:
        return
    found = search_reply(service.search(seen.question.question, limit=8), "")
    _replied(seen, found, found["hits"])
    _show_places(seen, service, [f"{hit['path']}:{hit['lines']}" for hit in found["hits"]], shown)


def _show_places(
    seen: Seen, service: DocumentService, places: Sequence[str], shown: set[str]
) -> None:
    """Show the sections of places, so many in a call, one for each document."""
    new: dict[str, Place] = {}
    for place in map(Place.read, places):
        if place.path not in shown:
            new.setdefault(place.path, place)
    shown.update(new)
    left = list(new.values())
    while left and seen.may_go_on:
        first, *more = left[:_SHOWN_AT_ONCE]
        one = service.show(first.path, first.first, first.last, whole_section=True)
        room = service.caps.shown_chars - len(one.text)
        reply = show_reply(one, *service.show_more(more, room, whole_section=True))
        _replied(seen, reply, [reply, *reply.get("more", ())])
        left = [*map(Place.read, reply.get("left", ())), *left[_SHOWN_AT_ONCE:]]


def _replied(seen: Seen, reply: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Note a call: the reply as the server spells it, and the text of each of its rows."""
    shown: dict[str, str] = {}
    for row in rows:
        shown[row["path"]] = f"{shown.get(row['path'], '')}\n{row['text']}"
    seen.call(json.dumps(reply, ensure_ascii=False, separators=(",", ":")), shown)


def _ask(seen: Seen, settings: Settings, mode: AskMode) -> AskResult:
    corpus = seen.corpus
    options = AskOptions(settings, mode, "inline", use_cache=False, record=False)
    result = ask(corpus.home, corpus.index, seen.question.question, options)
    written = StringIO()
    with redirect_stdout(written):
        write_markdown(Output("ask"), check_result(corpus.index, result))
    shown: dict[str, str] = {}
    for item in result.findings.evidence:
        shown[item.path] = f"{shown.get(item.path, '')}\n{item.quote}"
    seen.call(written.getvalue(), shown)
    return result


def _show(seen: Seen, path: str, first: int, last: int, *, whole_section: bool) -> None:
    index = seen.corpus.index
    try:
        passage = read_passage(index, path, first, last, whole_section=whole_section)
    except InputError:  # its first lines hold nothing
        seen.call(f"{path} has no line {first}", {})
        return
    seen.call(_printed(index, passage), {path: "\n".join(line.text for line in passage.lines)})


def _printed(index: IndexReader, passage: Passage) -> str:
    """Return what ``docsearch show`` prints."""
    first, last = passage.lines[0].number, passage.lines[-1].number
    paths = paths_here(index.roots)
    head = place_words_of(passage.path, first, last, paths, paged=passage.paged)
    above = f"  {' > '.join(passage.headings)}" if passage.headings else ""
    width = len(str(last))
    lines = [f"{line.number:>{width}}  {line.text}" for line in passage.lines]
    return "\n".join([head + above, *lines])
