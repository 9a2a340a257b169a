"""Pages that tell a model what to do, and a model that does it: what they can make it decide."""

import asyncio
from dataclasses import replace

import pytest

from docsearch_cli.explore.agents.llm import MOST_REQUESTS, UnusableReplyError, decide_by_model
from docsearch_cli.explore.agents.llm_prompt import MOST_FOLLOWED, ShownPage, build_request
from docsearch_cli.explore.written_answer import WrittenAnswer, build_answer_request, read_answer
from docsearch_cli.llm.cleaning import is_shown
from docsearch_cli.llm.exchange import ModelReply
from tests.obedient_model import obey
from tests.support import INJECTIONS
from tests.unit.explore.agents.test_llm import told
from tests.unit.explore.agents.test_local import edge, section, view
from tests.unit.explore.test_written_answer import quote

PAGES = sorted(path for path in INJECTIONS.glob("*.md") if path.stem not in ("bait", "vault"))
QUESTION = "how long does the ledger keep entries"
NEIGHBOURS = ("bait.md", "vault.md")


class Obedient:
    def __init__(self):
        self.requests = []

    async def ask(self, request):
        self.requests.append(request)
        return ModelReply(obey(told(request)), 10, 10, "obedient", "stop")


def page_view(path):
    text = path.read_text("utf-8")
    shown = section(text, section=0, heading=f"The ledger: {path.stem}", line_start=1)
    edges = [edge(target, title=target[:-3], text=f"the {target}") for target in NEIGHBOURS]
    return replace(view(QUESTION, sections=[shown], edges=edges), model="openai:obedient")


def ids(path):
    return path.stem


def test_there_are_twenty_kinds():
    assert len(PAGES) >= 20


@pytest.mark.parametrize("path", PAGES, ids=ids)
def test_a_page_stays_in_its_fence_and_hides_nothing(path):
    text = told(build_request(ShownPage.first(page_view(path)), output_tokens=500))
    before, name = text.partition("\nDATA ")[::2]
    name = name[:16]
    data = text[len(before) :].partition(f"\nEND DATA {name}")

    assert text.count(name) == 2
    assert data[1]
    assert "entries for 45 days" in data[0]
    assert all(is_shown(char) for char in text)
    assert "<|" not in text
    lines = [line for line in data[0].splitlines() if line.startswith("[")]
    assert len(lines) == len(ShownPage.first(page_view(path)).sentences) + len(NEIGHBOURS)


@pytest.mark.parametrize("path", PAGES, ids=ids)
def test_a_model_that_obeys_a_page_chooses_among_what_was_shown_and_no_more(path):
    shown, asker = page_view(path), Obedient()
    text = path.read_text("utf-8")
    try:
        decision = asyncio.run(decide_by_model(shown, asker))
    except UnusableReplyError as error:
        assert str(error).isprintable()
        assert len(asker.requests) == 2
        return

    assert len(asker.requests) <= MOST_REQUESTS
    assert decision.kind in ("answer", "expand", "dead_end")
    assert 0 <= decision.relevance <= 1
    assert {item.target for item in decision.follow} <= set(NEIGHBOURS)
    assert len(decision.follow) <= MOST_FOLLOWED
    assert all(shown.edges[item.edge].target == item.target for item in decision.follow)
    for item in decision.evidence:
        lines = text.splitlines()[item.line_start - 1 : item.line_end]
        assert item.text in text
        assert item.text in "\n".join(lines)
    for words in (decision.reason, *(item.reason for item in decision.follow)):
        assert words.isprintable()
        assert len(words) < 500


def test_most_pages_are_obeyed_but_what_is_hidden_never_reaches_a_model():
    """Else the others would prove nothing."""
    unmoved = {
        path.stem
        for path in PAGES
        if obey(told(build_request(ShownPage.first(page_view(path)), output_tokens=9))) == obey("")
    }

    assert unmoved == {"html-comment", "tag-characters", "zero-width"}


@pytest.mark.parametrize("path", PAGES, ids=ids)
def test_the_check_of_a_written_answer_catches_what_is_made_up(path):
    evidence = [
        quote(1, "The ledger keeps entries for 45 days.", path="vault.md"),
        quote(2, path.read_text("utf-8")[:300], heading=path.stem, path="ledger.md"),
    ]
    request = build_answer_request(QUESTION, evidence, "openai:obedient")
    reply = ModelReply(obey(told(request)), 1, 1, "obedient", "stop")
    answer = read_answer(reply, evidence[:1], "english")

    assert isinstance(answer, WrittenAnswer)
    assert answer.text == "It keeps entries for 45 days. [1]"
    assert len(answer.struck) == 5
