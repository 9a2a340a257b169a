"""The readers that show what an agent saves: each is told when it has seen enough."""

import pytest

from docsearch_cli.config import load_settings
from docsearch_cli.evaluation.questions import GoldQuestion
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from tests.bench.scripted_readers import Corpus, Seen, grep_and_read, read_ranked, use_tools
from tests.support import write_files

PAGES = {
    "a.md": "# Mill\n\nThe mill is run by Greta, who lives at the harbour.\n",
    "b.md": "# Harbour\n\nThe harbour has a lamp.\n\nIts colour is amber.\n",
    **{f"n{n:02}.md": f"# Note {n}\n\nNothing of it, number {n}.\n" for n in range(30)},
}
QUESTION = GoldQuestion("1", "what colour has the lamp at the harbour?", ("b.md",), ("amber",))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("readers")
    docs = write_files(folder / "docs", PAGES)
    build_index(folder / ".docsearch", [docs])
    return Corpus(docs, open_index(folder / ".docsearch"), folder / ".docsearch")


def test_a_grep_that_prints_the_answer_counts_only_where_lines_do(corpus):
    files, lines = Seen(corpus, QUESTION), Seen(corpus, QUESTION)
    grep_and_read(files, lines_count=False)
    grep_and_read(lines, lines_count=True)

    assert files.is_answered and lines.is_answered
    assert files.calls == 4  # three greps, and the file
    assert lines.calls < files.calls
    assert lines.tokens < files.tokens


def test_every_reply_is_counted_in_quarters_of_its_bytes(corpus):
    seen = Seen(corpus, QUESTION)
    seen.call("äää", {})
    seen.call("abc", {"n01.md": "amber"})

    assert (seen.calls, seen.tokens, seen.is_answered) == (2, 3, False)
    seen.call("", {"b.md": "a lamp"})
    assert not seen.is_answered
    seen.call("", {"b.md": "It is **amber**."})
    assert seen.is_answered


def test_all_gold_must_be_seen_and_a_reader_without_leads_stops(corpus):
    both = GoldQuestion("2", "harbour lamp", ("b.md", "n07.md"))
    for reader in (lambda seen: grep_and_read(seen, lines_count=True), read_ranked):
        seen = Seen(corpus, both)
        reader(seen)

        assert not seen.is_answered
        assert seen.calls <= 20


def test_the_tools_answer_with_what_the_product_prints(corpus):
    seen = Seen(corpus, QUESTION)
    use_tools(seen, load_settings({}))

    assert seen.is_answered
    assert seen.calls == 1
    assert 50 < seen.tokens < 400
