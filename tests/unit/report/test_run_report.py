import re
from dataclasses import replace
from pathlib import Path

import pytest

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.report.links import DocumentLinks
from docsearch_cli.report.run_report import run_report, tree_lines
from docsearch_cli.runs.store import making_sense
from tests.unit.report.pages import (
    HOSTILE,
    Page,
    grown_run,
    hostile_run,
    record,
    rendered,
    run_data,
)

ELEMENTS = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "a",
    "header",
    "p",
    "code",
    "h1",
    "dl",
    "div",
    "dt",
    "dd",
    "nav",
    "ul",
    "li",
    "main",
    "section",
    "h2",
    "h3",
    "span",
    "ol",
    "blockquote",
    "table",
    "caption",
    "thead",
    "tr",
    "th",
    "tbody",
    "td",
    "figure",
    "svg",
    "text",
    "path",
    "rect",
    "strong",
    "button",
    "form",
    "label",
    "input",
    "select",
    "option",
    "output",
    "details",
    "summary",
    "pre",
    "script",
}
READABLE = [
    f"{state}/{kind}"
    for state in ("796b7ea", "bebb1cb", "dac99c1", "15dfddd", "fa01e66")
    for kind in ("complete", "fork", "partial", "resumed")
]


def report_of(name):
    store = record(name)
    try:
        return run_report(Path("/nowhere"), store)
    finally:
        store.close()


@pytest.mark.parametrize("name", READABLE)
def test_every_record_that_is_read_has_a_report_with_links_that_lead_somewhere(name):
    page = Page(report_of(name))
    inner = {item["href"][1:] for item in page.all("a") if item["href"].startswith("#")}

    assert inner <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_the_same_record_gives_the_same_bytes():
    assert report_of("796b7ea/complete") == report_of("796b7ea/complete")


def test_a_report_shows_everything_that_the_record_holds():
    data = run_data()
    page = Page(rendered(data))

    assert data.trace.facts["question"] in page.text
    for item in data.evidence:
        assert " ".join(item.plain.split()) in page.text
    for card in data.cards:
        assert f"step-{card.number}" in page.ids
        assert card.row.id in page.text
        assert card.summary.reason in page.text
        for section in card.view.sections:
            assert " ".join(section.text.split()) in page.text
    for line in data.trace.ending["certificate"]:
        assert line["name"] in page.text
    for name in data.trace.limits:
        assert name in page.text
    assert data.trace.ending["dag"] in page.text


def test_a_report_says_the_deadline_that_was_set_and_apart_what_the_run_had_to_end():
    data = run_data()
    page = Page(rendered(data))
    (line,) = (x for x in data.trace.ending["certificate"] if x["name"] == "deadline_s")

    assert line["cap"] == data.trace.limits["deadline_s"] + 3
    assert f"{data.trace.limits['deadline_s']} (+ 3 to end)" in page.text


def test_a_report_says_what_was_not_followed_and_why():
    data = run_data()

    assert data.drops
    assert "opened already" in Page(rendered(data)).text


def test_hostile_text_stays_text():
    html = rendered(hostile_run())
    page = Page(html)
    attributes = {name for _, found in page.elements for name in found}
    addresses = [found["href"] for _, found in page.elements if "href" in found]

    assert {tag for tag, _ in page.elements} <= ELEMENTS
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert not {name for name in attributes if name.startswith("on") or name in ("style", "src")}
    assert all(address.startswith("#") for address in addresses)
    assert "{{ 7 * 7 }}" in html
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", html)
    assert html.encode("utf-8")


def test_a_text_of_a_megabyte_is_cut():
    data = run_data()
    card = data.cards[0]
    item = replace(card.attempts[0], log=HOSTILE * 10_000)
    cards = (replace(card, attempts=(item,)), *data.cards[1:])

    assert len(rendered(replace(data, cards=cards))) < 200_000


def test_a_run_that_was_interrupted_says_so():
    data = run_data("796b7ea/partial")

    assert "did not come to its own end" in Page(rendered(data)).text


def test_a_damaged_record_shows_what_is_left(tmp_path):
    import shutil
    import sqlite3

    from docsearch_cli.runs.store import RunStore
    from tests.unit.report.pages import RECORDS

    copy = tmp_path / "run.docsearch-run"
    shutil.copy(RECORDS / "796b7ea" / "complete.docsearch-run", copy)
    connection = sqlite3.connect(copy)
    connection.execute("update events set data = '{}' where seq = 9")
    connection.commit()
    connection.close()
    store = RunStore(copy)
    page = Page(run_report(Path("/nowhere"), store))
    store.close()

    assert "The record is damaged: what came after event 8 is lost" in page.text
    assert "The run did not get so far: it has no answer." in page.text


def test_a_run_without_times_says_that_there_is_no_time_line():
    text = Page(report_of("bebb1cb/complete")).text

    assert "There is none: the record does not say when its attempts began" in text


def test_commands_to_replay_are_left_out_where_there_is_no_run_to_replay():
    store = record("796b7ea/complete")
    html = run_report(Path("/nowhere"), store, can_replay=False)
    store.close()

    assert not re.search(r"<dt>Again</dt>", html)


def test_the_tree_has_every_step_once_and_closes_what_it_opens():
    data = run_data()
    lines = list(tree_lines(data))
    kinds = [kind for kind, _ in lines]

    assert sorted(card.number for _, card in lines if card is not None) == [
        card.number for card in data.cards
    ]
    assert kinds.count("open") == kinds.count("close")


def test_a_deep_tree_is_no_deep_recursion():
    data = grown_run(1)
    card = data.cards[0]
    chain = tuple(
        replace(
            card,
            summary=replace(card.summary, number=n, parent=n - 1 or None, depth=n),
            children=(n + 1,) if n < 3_000 else (),
        )
        for n in range(1, 3_001)
    )

    assert len(list(tree_lines(replace(data, cards=chain)))) == 3_000 + 2_999


def test_a_long_run_shows_whole_what_is_quoted_and_counts_the_rest():
    html = rendered(grown_run(2_000))
    page = Page(html)

    assert len([item for item in page.all("details") if item.get("class") == "step"]) == 2_000
    assert "The run is too long to show all of every step" in page.text
    assert len(page.elements) < 150_000
    assert len(html) < 6_000_000


def test_without_an_index_nothing_is_linked():
    assert DocumentLinks(None).address("a.md") == ""
    assert DocumentLinks(None).states(run_data().evidence)[0] == "elsewhere"


def test_a_record_that_lacks_what_a_report_shows_makes_no_sense():
    data = run_data()
    ending = {**data.trace.ending, "certificate": [{"used": 1, "cap": 2}]}
    trace = replace(data.trace, ending=ending)
    lacking = replace(data, picture=replace(data.picture, trace=trace))

    with pytest.raises(RunCorruptError, match="name"), making_sense():
        rendered(lacking)
