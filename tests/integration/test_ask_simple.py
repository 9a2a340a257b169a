import json
import subprocess

import pytest

from tests.support import command_line


def paths(ended):
    return [item["path"] for item in ended.data["documents"]]


@pytest.fixture
def ask(inline, index_of):
    """Index a few files, then ask a question by keyword."""

    def run(files, question, *more):
        index_of(files)
        return inline("ask", question, "--simple", "--json", *more)

    return run


def test_the_match_in_a_corpus_of_two_is_found_alone(ask):
    found = ask({"a.md": "# A\n\nIt is windy.\n", "b.md": "# B\n\nIt rains.\n"}, "windy")

    assert paths(found) == ["a.md"]


def test_the_only_page_is_found(ask):
    assert paths(ask({"a.md": "# Turbine\n"}, "turbine")) == ["a.md"]


def test_a_word_in_half_of_the_pages_finds_that_half(ask):
    files = {"a.md": "keyword1", "b.md": "keyword1", "c.md": "x", "d.md": "y"}
    found = ask(files, "keyword1").data["documents"]

    assert [item["path"] for item in found] == ["a.md", "b.md"]
    assert all(item["score"] > 0 for item in found)


def test_a_word_in_every_page_finds_every_page(ask):
    files = {"a.md": "oven one", "b.md": "oven two", "c.md": "oven three"}

    assert paths(ask(files, "oven")) == ["a.md", "b.md", "c.md"]


def test_nothing_is_found_that_does_not_match(ask):
    found = ask({"a.md": "# A\n", "b.md": "# B\n"}, "zzzzqq")

    assert found.code == 0
    assert found.document["status"] == "success"
    assert (found.data["documents"], found.data["evidence"]) == ([], [])
    assert found.data["answer"]["text"] == ""
    assert found.data["answer"]["citations"] == []
    assert found.data["answer"]["found"] is False


@pytest.mark.parametrize("files", [{}, {"a.md": ""}, {"a.md": "\n\n"}])
def test_an_index_without_words_can_be_asked(ask, inline, files):
    found = ask(files, "x marks")

    assert found.code == 0
    assert found.data["documents"] == []
    assert "not found in these documents" in inline("ask", "x marks", "--simple").stdout


@pytest.mark.parametrize("question", ["windy", "WINDY", "windy?", '"windy"'])
def test_case_and_punctuation_of_a_question_do_not_matter(ask, question):
    assert paths(ask({"a.md": "It is windy.", "b.md": "w i n d y"}, question)) == ["a.md"]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("中文合約轉換體驗課問題", "中文合約"),
        ("しりとり", "しりとり"),
        ("끝말잇기", "끝말잇기"),
        ("fixed in 1.0.21", "1.0.21"),
        ("fixed in 1.0.21", '"1.0.21"'),
    ],
)
def test_words_of_every_kind_are_found(ask, text, question):
    assert paths(ask({"a.md": text, "b.md": "nothing like it"}, question)) == ["a.md"]


def test_an_accent_is_found_in_either_spelling(ask):
    files = {"phe\u0301nome\u0300ne.md": "# Le phe\u0301nome\u0300ne\n", "b.md": "# B\n"}

    assert len(paths(ask(files, "phénomène"))) == 1


def test_a_line_number_is_the_files(ask, corpus_folder):
    lines = [f"Line {n} says nothing.\n" for n in range(1, 301)]
    lines[119] = "The zebra stands here.\n"
    evidence = ask({"a.md": "# Long\n\n" + "\n".join(lines)}, "zebra").data["evidence"][0]
    text = (corpus_folder / "a.md").read_text().splitlines()

    quoted = text[evidence["line_start"] - 1 : evidence["line_end"]]
    assert "The zebra stands here." in quoted
    assert quoted == evidence["quote"].splitlines()


def test_a_document_stands_by_its_best_section(ask):
    files = {
        "long.md": "# Long\n\n" + "filler words here. " * 300 + "\n\n## Zebra\n\nThe zebra runs.\n",
        "other.md": "# Other\n\nzoo " * 40 + "zebra",
    }

    assert paths(ask(files, "zebra runs"))[0] == "long.md"


def test_equal_documents_are_ordered_by_path(ask):
    assert paths(ask({"b.md": "oven", "a.md": "oven", "c.md": "x"}, "oven")) == ["a.md", "b.md"]


def test_quotes_are_printed_with_path_and_line(inline, index_of):
    index_of({"a.md": "# Port\n\nThe port is 7413.\n"})
    ended = inline("ask", "which port", "--simple")

    assert "a.md:3" in ended.stdout
    assert '"The port is 7413."' in ended.stdout
    assert ended.stderr == ""


def test_a_simple_question_starts_no_process_and_records_nothing(ask, tmp_path):
    found = ask({"a.md": "windy"}, "windy")

    assert found.data["run_id"] is None
    assert found.data["steps"] == []
    assert found.data["budget"]["agents_used"] == 0
    assert not (tmp_path / ".docsearch" / "runs").exists()


def test_the_mode_is_chosen_by_the_question_and_the_reason_shown(inline, index_of):
    index_of({"a.md": "# Windy Place\n\nIt is windy.\n", "b.md": "# B\n"})
    ended = inline("ask", "is it windy", "--json")

    assert ended.data["mode"] == "simple"
    assert ended.data["mode_reason"]


def test_an_index_that_was_empty_when_first_asked_is_asked_anew(inline, corpus_folder):
    inline("index", "docs")
    inline("ask", "windy", "--deep", "--engine", "inline")
    (corpus_folder / "a.md").write_text("It is windy.\n")
    inline("index", "docs")

    for mode in ("--simple", "--deep"):
        assert paths(inline("ask", "windy", mode, "--engine", "inline", "--json")) == ["a.md"]


BRIDGE = {
    "song.md": "# Long Song\n\nLong Song was composed by Greta Nymoen.\n",
    "greta.md": "# Greta Nymoen\n\nShe was born in Tromsø.\n",
    "port.md": "# Port\n\nThe default port is 7413, and it is open.\n",
}


@pytest.mark.parametrize(
    ("question", "mode"),
    [
        ("Where was the composer of Long Song born?", "deep"),
        ("What is the default port?", "simple"),
    ],
)
def test_a_named_page_that_leaves_the_rest_to_others_is_explored(inline, index_of, question, mode):
    index_of(BRIDGE)

    assert inline("ask", question, "--engine", "inline", "--json").data["mode"] == mode


def test_a_keyword_search_that_may_be_too_little_suggests_deep(inline, index_of):
    index_of(BRIDGE)
    question = "who composed the default port"
    unsure = inline("ask", question)

    assert "simple: " in unsure.stdout
    assert "--deep" in unsure.stderr
    assert inline("ask", question, "--simple").stderr == ""
    assert inline("ask", "What is the default port?").stderr == ""


UNKNOWN = "Is the TLS library in Fenwick validated to FIPS 140-3?"


@pytest.mark.parametrize("mode", ["--simple", "--deep"])
def test_what_is_not_in_the_documents_is_said_to_be_not_found(inline, fenwick, mode):
    data = inline("ask", UNKNOWN, mode, "--engine", "inline", "--json").data

    assert (data["answer"]["found"], data["answer"]["text"]) == (False, "")
    assert data["answer"]["citations"] == []
    assert data["answer"]["reason"].endswith("no document holds FIPS, 140-3")
    assert data["documents"]
    assert data["evidence"]


def test_the_line_that_says_not_found_stands_before_the_nearest_pages(inline, fenwick):
    lines = inline("ask", UNKNOWN, "--simple").stdout.splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("not found in these"))

    assert "no document holds FIPS, 140-3" in lines[place]
    assert lines[place + 1 : place + 3] == ["", "the closest passages"]
    assert lines[place + 3].startswith("1  ")


def test_what_is_in_the_documents_is_found(ask):
    answer = ask({"a.md": "# A\n\nIt is windy.\n", "b.md": "It rains.\n"}, "windy").data["answer"]

    assert (answer["found"], answer["citations"]) == (True, [1])
    assert answer["text"] == "It is windy. [1]"


@pytest.mark.parametrize("flags", [("--max-agents", "5"), ("--agent", "edges")])
def test_limits_that_a_keyword_search_did_not_need_are_said_to_be_unused(inline, fenwick, flags):
    ended = inline("ask", "dead letters", *flags)

    assert ended.stdout.startswith("simple")
    assert "limits of agents and --agent are not used" in ended.stderr


UNSURE = "How big does one spill file get by default?"


def test_an_unsure_question_is_looked_at_first_and_told_so(inline, fenwick):
    data = inline("ask", UNSURE, "--engine", "inline", "--json").data
    shown = inline("ask", UNSURE, "--engine", "inline")

    assert (data["mode"], data["stop_reason"], data["complete"]) == ("deep", "look", True)
    assert data["mode_reason"].startswith(
        "unsure, so a look with 5 agents comes first: one section"
    )
    assert data["budget"]["agents_used"] == 5
    assert "stopped: only a look was taken (--deep goes on); 15 agents unspent" in shown.stdout
    assert inline("runs", "verify", data["run_id"]).code == 0


def test_a_dry_run_of_an_unsure_question_shows_the_look(inline, fenwick):
    found = inline("ask", UNSURE, "--dry-run", "--json").data["most"]
    lines = [line.split() for line in inline("ask", UNSURE, "--dry-run").stdout.splitlines()]

    assert (found["agents"], found["look_agents"]) == (20, 5)
    assert ["first", "to", "look", "5"] in lines
    assert "look_agents" not in inline("ask", UNSURE, "--dry-run", "--deep", "--json").data["most"]


@pytest.mark.parametrize("mode", ["--simple", "--deep"])
def test_a_misspelled_word_is_replaced_and_it_is_said(inline, fenwick, mode):
    words = ("ask", "what is in the confguration", mode, "--engine", "inline")
    ended = inline(*words)
    data = inline(*words, "--json").data

    assert 'no document holds "confguration": searched for "configuration"' in ended.stderr
    assert data["respelled"] == {"confguration": "configuration"}
    assert data["question"] == "what is in the confguration"
    right = inline("ask", "what is in the configuration", mode, "--engine", "inline", "--json").data
    assert data["evidence"] == right["evidence"]


def test_where_nothing_is_found_the_nearest_words_are_named(inline, index_of):
    index_of({"a.md": "# Zebra\n\nA zebra stands there, sitting and setting.\n"})
    ended = inline("ask", "satting wombats", "--simple")

    assert 'no document holds "satting"; did you mean: ' in ended.stderr
    assert "not found" in ended.stdout


def test_a_question_is_read_from_standard_input(fenwick):
    asked = "how do retries and the buffer limit work together?"
    words = ("--simple", "--json")
    ran = [
        subprocess.run(
            command_line("ask", *line), cwd=fenwick, input=asked.encode(), capture_output=True,
            check=True,
        )
        for line in (("-", *words), (asked, *words))
    ]  # fmt: skip
    read, given = (json.loads(ended.stdout)["data"] for ended in ran)

    assert read["question"] == asked
    assert read["evidence"] == given["evidence"]


def test_nothing_on_standard_input_is_no_question(docsearch, fenwick):
    assert docsearch("ask", "-").code == 2


@pytest.mark.parametrize("mode", ["--simple", "--deep"])
def test_an_index_without_documents_is_named_as_such(inline, index_of, mode):
    index_of({})

    assert "the index holds no documents: docsearch index PATH" in inline("ask", "x", mode).stdout
