"""Questions that say which pages are searched, and synonyms, by the real command."""

import json

import pytest

from tests.support import write_files

PAGES = {
    "guides/queue.md": "---\ntags: [ops]\ndate: 2025-03-01\n---\n# Queues\n"
    "A dead letter is retried by the broker. See [the store](store.md).\n",
    "guides/store.md": "---\ntags: [ops/disk]\ndate: 2024-01-01\n---\n# Store\n"
    "The broker keeps what was retried in a store of kafka. See [queues](queue.md).\n",
    "old/queue.md": "# Old queues\nA letter was retried when dead, by the broker.\n",
    "access.md": "# Access\nRole Based Access Control (RBAC) is checked by the broker.\n",
    "groups.md": "# Groups\nWith role based access control a group has members. Use `-members`.\n",
}
QUESTION = "how is a letter retried by the broker"


@pytest.fixture
def home(inline, tmp_path):
    write_files(tmp_path / "docs", PAGES)
    assert inline("index", "docs").code == 0
    return tmp_path


@pytest.fixture
def ask(inline, home):
    def run(question=QUESTION, *more):
        ended = inline("ask", question, "--json", "--engine", "inline", *more)
        assert ended.code == 0, ended.stderr
        return json.loads(ended.stdout)["data"]

    return run


def paths(data):
    return {item["path"] for item in data["documents"]}


def seen(data):
    """Every page that a result names anywhere."""
    return {
        *paths(data),
        *(item["path"] for item in data["evidence"]),
        *(step["path"] for step in data["steps"]),
    }


@pytest.mark.parametrize("mode", ["--simple", "--deep"])
@pytest.mark.parametrize(
    ("said", "flags", "left"),
    [
        ("path:guides/*", (), {"guides/queue.md", "guides/store.md"}),
        ("", ("--path", "guides/*"), {"guides/queue.md", "guides/store.md"}),
        ("", ("--path", "old", "--path", "access"), {"old/queue.md", "access.md"}),
        ("-path:guides -rbac", (), {"old/queue.md"}),
        ("-kafka tag:ops", (), {"guides/queue.md"}),
        ("", ("--tag", "ops", "--tag", "ops/disk"), {"guides/store.md"}),
        ("title:store", (), {"guides/store.md"}),
        ("after:2025", (), {"guides/queue.md"}),
        ("before:2025", (), {"guides/store.md"}),
        ("", ("--since", "2024", "--until", "2024-06"), {"guides/store.md"}),
    ],
)
def test_pages_that_are_left_out_are_nowhere(ask, mode, said, flags, left):
    data = ask(f"{QUESTION} {said}", mode, *flags)

    assert seen(data) == left
    assert data["filter"]["pages"] <= len(PAGES) == data["filter"]["of"]
    assert data["question"].startswith(QUESTION)


def test_the_flags_and_the_question_hold_together(ask):
    assert seen(ask(f"{QUESTION} -kafka", "--deep", "--path", "guides")) == {"guides/queue.md"}


def test_a_phrase_is_ranked_where_it_stands_and_agents_go_on_from_there(ask):
    simple = ask('"dead letter" retried broker', "--simple")
    deep = ask('"dead letter" retried broker', "--deep")

    assert seen(simple) == {"guides/queue.md"}
    assert {step["path"] for step in deep["steps"] if step["depth"] == 0} == {"guides/queue.md"}
    assert "old/queue.md" not in paths(deep) or "old/queue.md" in {
        step["path"] for step in deep["steps"] if step["depth"] > 0
    }
    assert simple["filter"]["preferred"] is False
    assert simple["filter"]["conditions"] == [
        {"kind": "phrase", "value": "dead letter", "excludes": False}
    ]


def test_in_a_question_of_whole_words_a_phrase_comes_first_and_keeps_nothing_out(ask, inline):
    data = ask('how is a "dead letter" retried by the broker', "--simple")
    shown = inline("ask", 'how is a "dead letter" retried by the broker', "--simple").stdout
    unheld = inline("ask", 'how is an "odd letter" retried by the broker', "--simple").stdout

    assert data["documents"][0]["path"] == "guides/queue.md"
    assert "old/queue.md" in paths(data)
    assert (data["filter"]["preferred"], data["filter"]["holding"]) == (True, 1)
    assert 'preferred: "dead letter" (1 of 5 pages holds it)' in shown
    assert 'no page holds "odd letter": searched for its words' in unheld


def test_what_was_applied_is_said_on_the_output(inline, home):
    shown = inline("ask", f"{QUESTION} -kafka path:guides", "--simple")
    markdown = inline("ask", f"{QUESTION} -kafka path:guides", "--simple", "--format", "md")

    assert "without: kafka; only path: guides (1 of 5 pages)" in shown.stdout
    assert "without: kafka; only path: guides" in markdown.stdout


def test_where_no_page_is_left_the_nearest_is_named(inline, home):
    shown = inline("ask", f"{QUESTION} tag:opps")

    assert shown.code == 0
    assert "no page is tagged opps; did you mean: ops" in shown.stdout


def test_a_word_that_documents_write_as_an_option_is_kept(inline, home):
    shown = inline("ask", "which group has -members", "--simple")

    assert (
        '-members is searched for: the documents write it so; to leave the word out: -"members"'
        in (" ".join(shown.stderr.split()))
    )
    assert "without" not in shown.stdout


def test_a_date_that_cannot_be_read_is_named(inline, home):
    shown = inline("ask", f"{QUESTION} before:yesterday", "--simple")

    said = "before:yesterday has no date, so it is words; a date is 2025, 2025-07 or 2025-07-14"
    assert said in " ".join(shown.stderr.split())


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--since", "noon"), "--since 'noon' is no date"),
        (("--tag", "#"), "--tag '#' names nothing"),
        (("--path", ""), "--path '' names nothing"),
        (tuple(word for n in range(33) for word in ("--tag", f"t{n}")), "33 filters are given"),
        (("--start", "old/queue.md", "--path", "guides"), "is left out by: only path: guides"),
    ],
)
def test_wrong_filters_are_refused_by_name(inline, home, flags, said):
    ended = inline("ask", QUESTION, *flags)

    assert ended.code == 2
    assert said in " ".join(ended.stderr.split())


def test_the_record_keeps_the_filter(inline, ask, home):
    run = ask(f"{QUESTION} -kafka path:guides", "--deep")["run_id"]

    assert "filter: without: kafka; only path: guides" in inline("replay", run).stdout
    assert "VERIFIED" in inline("runs", "verify", run).stdout
    assert "[without: kafka; only path: guides]" in inline("runs", "list").stdout
    why = inline("runs", "why", run, "guides/store.md").stdout
    assert "left out by the filter without: kafka" in why
    forked = inline(
        "fork", run, "--at", "0", "--set", "max_agents=3", "--json", "--engine", "inline"
    )
    assert seen(json.loads(forked.stdout)["data"]) == {"guides/queue.md"}
    assert inline("replay", run, "--step", "1").code == 0


def test_a_dry_run_begins_where_the_search_does(inline, home):
    ended = inline("ask", QUESTION, "--dry-run", "--json", "--path", "guides", "--deep")

    seeds = json.loads(ended.stdout)["data"]["seeds"]
    assert {seed["path"] for seed in seeds} == {"guides/queue.md", "guides/store.md"}


def test_an_evaluation_filters_too(inline, home):
    lines = [
        {"id": "1", "question": f"{QUESTION} path:old", "gold": ["guides/queue.md"]},
        {"id": "2", "question": QUESTION, "gold": ["guides/queue.md"]},
    ]
    (home / "q.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")

    def recall(*flags):
        ended = inline("eval", "q.jsonl", "--agents", "0,3", "--json", *flags)
        return [item["recall_at_5"] for item in json.loads(ended.stdout)["data"]["budgets"]]

    noted = inline("eval", "q.jsonl", "--agents", "0", "--path", "guides", "--tag", "ops")
    assert "for every question: only path: guides; only tag: ops" in noted.stderr
    assert recall() == [0.5, 0.5]
    assert recall("--path", "old") == [0.0, 0.0]


@pytest.mark.parametrize("mode", ["--simple", "--deep"])
def test_what_documents_explain_is_searched_for_too(ask, mode):
    data = ask("which members are in a group by RBAC", mode)

    assert data["synonyms"] == [
        {"words": "RBAC", "other": "Role Based Access Control", "origin": "documents"}
    ]
    assert data["documents"][0]["path"] == "groups.md"
    assert "access control" in data["evidence"][0]["plain"]


@pytest.mark.parametrize("mode", ["--simple", "--deep"])
def test_listed_synonyms_are_searched_for_and_recorded(inline, ask, home, mode):
    (home / "docsearch.toml").write_text('[synonyms]\nclub = ["group", "access"]\n', "utf-8")
    data = ask("what is a club", mode)

    assert data["answer"]["found"]
    assert data["respelled"] == {}
    assert "groups.md" in paths(data)
    if mode == "--deep":
        assert "VERIFIED" in inline("runs", "verify", data["run_id"]).stdout
        assert "club also searched as: group, access" in inline("replay", data["run_id"]).stdout


def test_the_settings_are_shown(inline, home):
    (home / "docsearch.toml").write_text('[synonyms]\nclub = ["group"]\n', "utf-8")

    assert "club: group" in inline("config", "show").stdout
    assert json.loads(inline("config", "show", "--json").stdout)["data"]["synonyms"] == {
        "club": ["group"]
    }


def test_an_updated_index_has_the_same_tags_dates_and_glossary(inline, home):
    (home / "docs" / "new.md").write_text("---\ntags: new\n---\nText.\n", "utf-8")
    (home / "docs" / "old" / "queue.md").unlink()

    assert inline("index", "docs").code == 0
    assert inline("index", "docs", "--verify").code == 0
