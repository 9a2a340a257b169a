import pytest

from docsearch_cli.index.filtered_pages import FilteredPages
from docsearch_cli.index.written_options import is_written_option
from docsearch_cli.retrieval.conditions import Condition
from tests.unit.index.small import index_of

FILES = {
    "guides/queue.md": (
        "---\ntitle: The queue\ntags: [ops, project/alpha]\ndate: 2025-03-01\n---\n"
        "# The queue\nA dead [letter](../old/queue.md)\nis kept. Kafka's way.\n"
    ),
    "guides/letter.md": "---\naliases: [Post office]\nupdated: 2024-06-30T10:00:00Z\n"
    "categories: Project\n---\n# Letters\nThe letter is dead, says zeromq.\n",
    "old/queue.md": "# Old\ntags:: none\nFind it by -name, '-type' or colour.\n"
    'A low\\-level, **Iowa**-class, "odd"-kind.\n\n## Dead letter\nGone, by K8s.\n',
    "zh.md": "# 合約\n中文合約轉換體驗\n",
    "note.md": "---\ntags: '#Project/Beta'\ndate: 01/02/2025\n---\n"
    "# Note\nReports of kafka, 8 of k.\n",
}
PATHS = ["guides/letter.md", "guides/queue.md", "note.md", "old/queue.md", "zh.md"]


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    return index_of(tmp_path_factory.mktemp("pages"), FILES)


@pytest.fixture
def left(index):
    def paths(*conditions, beginning=False):
        pages = FilteredPages(index, [Condition(*item) for item in conditions])
        mask = pages.beginning if beginning else pages.allowed
        return [path for path, is_left in zip(index.paths_list, mask, strict=True) if is_left]

    index.paths_list = [index.paths[row] for row in range(len(index.paths))]
    return paths


@pytest.mark.parametrize(
    ("condition", "paths"),
    [
        (("path", "guides"), PATHS[:2]),
        (("path", "guides", True), PATHS[2:]),
        (("title", "queue"), [PATHS[1]]),
        (("title", "POST office"), [PATHS[0]]),
        (("tag", "project"), PATHS[:3]),
        (("tag", "#project/alpha/"), [PATHS[1]]),
        (("tag", "proj"), []),
        (("tag", "project", True), PATHS[3:]),
        (("since", "2024-06-30"), PATHS[:2]),
        (("since", "2024-07-01"), [PATHS[1]]),
        (("until", "2024-06-30"), [PATHS[0]]),
        (("word", "kafka", True), [PATHS[0], *PATHS[3:]]),
        (("word", "report", True), [path for path in PATHS if path != "note.md"]),
        (("word", "合約", True), PATHS[:4]),
        (("word", "k8s", True), PATHS[:3] + PATHS[4:]),
        (("word", "the", True), PATHS),
        (("phrase", "dead letter", True), [PATHS[0], PATHS[2], PATHS[4]]),
    ],
)
def test_each_condition_leaves_its_pages(left, condition, paths):
    assert left(condition) == paths


def test_of_several_paths_one_is_enough_and_of_tags_all_are_wanted(left):
    assert left(("path", "old"), ("path", "zh.md")) == PATHS[3:]
    assert left(("tag", "ops"), ("tag", "project")) == [PATHS[1]]
    assert left(("path", "guides"), ("tag", "ops")) == [PATHS[1]]


def test_a_phrase_decides_where_a_search_begins_and_not_what_it_may_open(left):
    assert left(("phrase", "Dead letter")) == PATHS
    assert left(("phrase", "Dead letter"), beginning=True) == [PATHS[1], PATHS[3]]
    assert left(("phrase", "合約轉換"), beginning=True) == ["zh.md"]
    assert left(("phrase", "is dead, says"), beginning=True) == [PATHS[0]]


def test_pages_hold_all_phrases_or_where_none_does_one_of_them(index, left):
    both = [("phrase", "dead letter"), ("phrase", "the queue")]
    apart = [("phrase", "dead letter"), ("phrase", "says zeromq")]

    assert left(*both, beginning=True) == [PATHS[1]]
    assert left(*apart, beginning=True) == [PATHS[0], PATHS[1], PATHS[3]]
    assert FilteredPages(index, [Condition(*item) for item in apart]).is_one_enough
    assert left(("phrase", "no such"), ("phrase", "nor this"), beginning=True) == []


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ([("tag", "projct")], "no page is tagged projct; did you mean: project"),
        ([("path", "guide")], "no page lies at guide; did you mean: guides"),
        ([("path", "xyz")], "no page lies at xyz; there are the folders and files"),
        (
            [("since", "2030-01-01")],
            "dated since 2030-01-01; 2 of 5 pages are dated, 2024-06-30 to",
        ),
        ([("title", "zebra")], "no page is titled zebra"),
        ([("phrase", "no such")], 'no page holds "no such"'),
        ([("phrase", "says letter")], 'no page holds "says letter"; 1 page holds its words apart'),
        ([("tag", "ops"), ("path", "old")], "no page is left by: only tag: ops; only path: old"),
    ],
)
def test_where_nothing_is_left_it_is_said_by_name(index, conditions, said):
    pages = FilteredPages(index, [Condition(*item) for item in conditions])

    assert said in pages.why_empty()


def test_without_tags_and_dates_that_is_said(tmp_path):
    plain = index_of(tmp_path, {"a.md": "# A\nText.\n"})

    assert "there are no tags" in FilteredPages(plain, [Condition("tag", "x")]).why_empty()
    no_dates = FilteredPages(plain, [Condition("until", "2024-01-01")]).why_empty()
    assert "no page has a date in its front matter" in no_dates


def test_the_conditions_against_a_page_are_named(index):
    pages = FilteredPages(
        index, [Condition("path", "old"), Condition("path", "guides"), Condition("tag", "ops")]
    )

    assert pages.reasons_against("note.md") == list(pages.conditions)
    assert pages.reasons_against("old/queue.md") == [Condition("tag", "ops")]
    assert pages.reasons_against("guides/queue.md") == []
    assert pages.reasons_against("gone.md") == []


@pytest.mark.parametrize(
    ("word", "is_option"),
    [
        *(("name", True), ("type", True), ("not", True)),
        *(("colour", False), ("Name", False), ("level", False), ("class", False), ("kind", False)),
        ("zebra", False),
    ],
)
def test_a_word_that_is_written_with_its_hyphen_is_an_option(index, word, is_option):
    assert is_written_option(index, word) == is_option


@pytest.mark.parametrize(
    ("question", "prefers"),
    [
        ("who wrote the report on which the dead letter is based?", True),
        ("why is a dead letter kept by Kafka?", True),
        ("dead letter kafka report way", False),  # words to search for
        ("what is a dead letter?", False),  # nothing beside it is searched for
        ("how is the dead letter kept", False),  # one word beside it
        ("dead letter", False),
        ("", False),
    ],
)
def test_a_phrase_in_a_question_of_whole_words_is_a_preference(index, question, prefers):
    pages = FilteredPages(index, [Condition("phrase", "dead letter")], question)

    assert pages.prefers_phrases is prefers
    assert bool(pages.beginning.all()) is prefers
    assert int(pages.holding.sum()) == 2


def test_the_stop_words_of_a_phrase_are_no_sign_of_a_question(index):
    phrase = Condition("phrase", "find it by")

    assert not FilteredPages(index, [phrase], "find it by kafka reports").prefers_phrases


def test_without_a_wanted_phrase_nothing_is_preferred(index):
    question = "why is a dead letter kept by Kafka?"
    left_out = Condition("phrase", "dead letter", excludes=True)

    assert not FilteredPages(index, [left_out], question).prefers_phrases
    assert not FilteredPages(index, [Condition("path", "old")], question).prefers_phrases


def test_a_preference_keeps_no_page_out(index):
    conditions = [Condition("phrase", "dead letter"), Condition("path", "guides")]
    pages = FilteredPages(index, conditions, "why is a dead letter kept by Kafka?")

    assert pages.reasons_against("guides/letter.md") == []
    assert pages.reasons_against("zh.md") == [conditions[1]]
