import time

import pytest

from docsearch_cli.errors import ConfigError
from docsearch_cli.index.link_check import EXCEPTIONS_NAME, check_links, findings_of, orphans_of
from tests.unit.index.small import index_of

FILES = {
    "a.md": "# A\n\n[x](gone.md) [y](gen/x.md) [z](b.md)\n",
    "b.md": "# B\n\n[x](gone.md) [o](../out.md)\n",
    "c.md": "# Lone\n",
}


def check(tmp_path, exceptions):
    index = index_of(tmp_path, FILES)
    (tmp_path / "docs" / EXCEPTIONS_NAME).write_text(exceptions)
    return check_links(index)


def links(report, kind):
    return [(link["source_path"], link["target"]) for link in report[kind]]


@pytest.mark.parametrize(
    ("exceptions", "broken"),
    [
        ("", [("a.md", "gone.md"), ("a.md", "gen/x.md"), ("b.md", "gone.md")]),
        ("gen/*\n", [("a.md", "gone.md"), ("b.md", "gone.md")]),
        ("# a comment\n\na.md -> *gone.md\n", [("a.md", "gen/x.md"), ("b.md", "gone.md")]),
        ("*\n", []),
        ("gon\n", [("a.md", "gone.md"), ("a.md", "gen/x.md"), ("b.md", "gone.md")]),
        ("g.*\n", [("a.md", "gone.md"), ("a.md", "gen/x.md"), ("b.md", "gone.md")]),
    ],
)
def test_patterns_allow_links(tmp_path, exceptions, broken):
    report = check(tmp_path, exceptions)

    assert links(report, "broken") == broken
    assert len(report["excused"]) + len(report["broken"]) + len(report["outside"]) == 4


def test_what_cannot_be_read_is_named(tmp_path):
    index = index_of(tmp_path, FILES)
    (tmp_path / "docs" / EXCEPTIONS_NAME).write_bytes(b"\xff\n")

    with pytest.raises(ConfigError, match=EXCEPTIONS_NAME):
        check_links(index)


def test_orphans_are_nodes_that_no_edge_touches(tmp_path):
    assert orphans_of(index_of(tmp_path, FILES)) == ["c.md"]


def test_hostile_pattern_takes_linear_time(tmp_path):
    began = time.monotonic()

    check(tmp_path, "*a" * 5_000 + "\n")

    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("pages", "kind"),
    [(4, "unknown"), (3, "broken")],
)
def test_a_way_of_writing_that_mostly_leads_nowhere_is_not_understood(tmp_path, pages, kind):
    files = {f"p{n}.md": f"# P\n\n[x](/far{n}/x)\n" for n in range(pages)}
    files |= {"a.md": "# A\n\n[y](gone.md) [z](/b) [z](b.md)\n", "b.md": "# B\n"}
    report = check_links(index_of(tmp_path, files))

    rooted = [link for link in report[kind] if link["way"] == "root"]
    assert len(rooted) == pages
    assert {link["reason"] for link in rooted} == {"unread" if kind == "unknown" else "missing"}
    assert ("a.md", "gone.md") in links(report, "broken")


@pytest.mark.parametrize(("pages", "kind"), [(10, "unknown"), (9, "broken")])
def test_a_relative_way_needs_more_targets(tmp_path, pages, kind):
    files = {f"p{n}.md": f"# P\n\n[x](far{n}/x)\n" for n in range(pages)}
    report = check_links(index_of(tmp_path, files))

    assert len(report[kind]) == pages


def test_a_way_of_writing_that_mostly_leads_somewhere_is_understood(tmp_path):
    far = "".join(f"[x](/far/{number}) " for number in range(10))
    files = {"a.md": f"# A\n\n{far}{'[z](/b) ' * 10}\n", "b.md": "# B\n"}
    report = check_links(index_of(tmp_path, files))

    assert len(report["broken"]) == 10


def test_each_format_has_its_own_ways(tmp_path):
    page = "<p>" + '<a href="/b">b</a> ' * 20
    files = {f"p{n}.md": f"# P\n\n[x](/far/{n})\n" for n in range(10)}
    files |= {"b.md": "# B\n", "c.html": page}
    report = check_links(index_of(tmp_path, files))

    assert len(report["unknown"]) == 10


def test_a_page_that_is_all_wrong_is_broken(tmp_path):
    dead = " ".join(f"[x](/far/{n}) [y](#gone{n}) [z](gone{n})" for n in range(10))

    assert len(check_links(index_of(tmp_path, {"a.md": f"# A\n\n{dead}\n"}))["broken"]) == 30


def test_a_fault_that_goes_upwards_is_the_same_place(tmp_path):
    files = {f"p{n}/a.md": "# A\n\n[x](../guide.md)\n" for n in range(5)}
    files |= {f"q/p{n}/a.md": "# A\n\n[x](../guide.md)\n" for n in range(5)}
    files |= {f"p{n}/in/a.md": "# A\n\n[x](../../help.md)\n" for n in range(5)}
    files |= {f"q/p{n}/b.md": "# A\n\n[x](../../help.md)\n" for n in range(5)}
    found = findings_of(check_links(index_of(tmp_path, files))["broken"])

    # Two missing guides, of five pages each; one missing help, of ten.
    assert sorted((f.link["target"], f.pages) for f in found if f.pages > 1) == [
        ("../../help.md", 10)
    ]
    assert sum(f.links for f in found) == 20
