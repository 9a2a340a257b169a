import pytest

from docsearch_cli.config import load_settings
from docsearch_cli.explore.keyword_ranking import simple_ranking
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.search.ask import ask
from docsearch_cli.search.result import AskOptions, SearchObserver


@pytest.fixture
def ranked(desk):
    return lambda question, most=20: [
        (item.path, item.score)
        for item in simple_ranking(ScoredQuestion(desk.index, question), most)
    ]


def test_a_document_is_ranked_once_by_its_best_section(ranked):
    found = ranked("pump valve water")

    assert found[0][0] == "pump.md"
    assert len({path for path, _ in found}) == len(found)
    assert found[0][1] == 1
    assert [score for _, score in found] == sorted((s for _, s in found), reverse=True)


def test_no_more_documents_than_asked_for(ranked):
    assert len(ranked("pump valve mill", most=2)) == 2


def test_documents_alike_are_ordered_by_path(tmp_path, corpus_folder):
    from docsearch_cli.index.build import build_index
    from docsearch_cli.index.store import open_index
    from tests.support import write_files

    text = "# Same\n\nOne zebra.\n"
    build_index(tmp_path / "x", [write_files(corpus_folder, {"b.md": text, "a.md": text})])
    scored = ScoredQuestion(open_index(tmp_path / "x"), "zebra")

    assert [item.path for item in simple_ranking(scored, 9)] == ["a.md", "b.md"]


def test_a_simple_search_reads_and_opens_nothing_else(desk):
    result = ask(
        desk.home, desk.index, "at how many bar does the valve open", desk.options(mode="simple")
    )

    assert (result.mode, result.run_id, result.steps) == ("simple", None, ())
    assert result.stop_reason == "simple"
    assert result.budget["agents_used"] == 0
    assert 0 < result.budget["tokens_returned"] <= result.budget["tokens_read"]
    assert "12 bar" in result.findings.evidence[0].quote


def test_what_is_read_is_told(desk):
    lines = {}

    class Reader(SearchObserver):
        def read(self, path, sections):
            lines[path] = [(item.line_start, item.line_end) for item in sections]

    options = desk.options(mode="simple")
    ask(desk.home, desk.index, "at how many bar does the valve open", options, observer=Reader())

    assert lines["valve.md"] == [(1, 3)]


def test_words_that_stand_nowhere_find_nothing(desk):
    result = ask(desk.home, desk.index, "zebra quagga", desk.options(mode="simple"))

    assert (result.findings.documents, result.findings.evidence) == ((), ())
    assert not result.findings.found


@pytest.mark.parametrize("most", [50, 60, 80, 100, 1_000])
def test_a_simple_search_reads_no_more_than_max_tokens(tmp_path, corpus_folder, most):
    from docsearch_cli.index.build import build_index
    from docsearch_cli.index.store import open_index
    from tests.support import write_files

    long = "The valve opens, and the pump lifts water. " * 5  # 54 tokens
    pages = {f"{name}.md": f"# {name}\n\n{long}\n" for name in "abcdef"}
    build_index(tmp_path / "x", [write_files(corpus_folder, pages)])
    settings = load_settings({"max_tokens": most}, environment={"DOCSEARCH_CONFIG_DIR": "/none"})
    options = AskOptions(settings=settings, mode="simple")
    result = ask(tmp_path, open_index(tmp_path / "x"), "valve pump", options)

    assert 50 <= result.budget["tokens_read"] <= most
    assert result.findings.evidence
