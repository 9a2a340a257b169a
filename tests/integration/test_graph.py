import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.support import command_line

FILES = {
    "a.md": (
        "# Alpha Page\n\n[b](b.md) and [gone](missing.md).\n\n```\n[not](never.md)\n```\n"
        "and `[[no link]]`, [self](#alpha-page), [out](https://example.org).\n"
    ),
    "b.md": "# Beta Page\n\n[[note]]\n",
    "x/note.md": "# Note X\n",
    "y/note.md": "# Note Y\n",
    "lonely.md": "# Quiet Corner\n",
}


@pytest.fixture
def graph(inline, index_of):
    index_of(FILES)
    return lambda *words: inline("graph", *words)


def test_broken_links_are_named_with_their_line(graph):
    broken = graph("links", "--json").data["broken"]

    assert [(link["source_path"], link["line"], link["target"]) for link in broken] == [
        ("a.md", 3, "missing.md")
    ]


def test_ambiguous_links_name_the_candidates(graph):
    (link,) = graph("links", "--json").data["ambiguous"]

    assert link["source_path"] == "b.md"
    assert link["candidates"] == ["x/note.md", "y/note.md"]
    assert link["chosen"] in link["candidates"]


def test_faults_are_called_by_their_whole_names(graph):
    kinds = {line.split()[0] for line in graph("links").stdout.splitlines() if line[:3] == "   "}

    assert "ambiguous" in kinds
    assert kinds <= {"broken", "ambiguous", "outside", "unknown", "orphan"}


def test_pages_that_nothing_touches_are_orphans(graph):
    data = graph("links", "--json").data

    assert data["orphans"] == ["lonely.md", *sorted(
        path for path in ("x/note.md", "y/note.md") if path != data["ambiguous"][0]["chosen"]
    )]  # fmt: skip


def test_the_report_is_readable(graph):
    shown = graph("links").stdout

    assert "a.md:3  -> missing.md" in shown
    assert "lonely.md" in shown


def test_the_json_of_links_has_its_keys(graph):
    keys = set(graph("links", "--json").data)

    assert {"resolved", "external", "local", "broken", "ambiguous", "unknown", "orphans"} <= keys


def test_stats_count_nodes_and_edges_by_kind(graph):
    data = graph("stats", "--json").data

    assert data["nodes"] == 5
    assert data["edges"] == sum(data["edges_by_kind"].values()) == 2


def test_a_broken_link_makes_no_phantom_page(graph):
    data = graph("stats", "--json").data

    assert "missing.md" not in {node for node, _ in data["central"]}


def test_the_graph_of_nothing_has_zeros(inline, index_of):
    index_of({})

    assert inline("graph", "stats", "--json").data["nodes"] == 0
    assert inline("graph", "links").code == 0


@pytest.mark.parametrize(
    "words", [["stats"], ["links"], ["path", "a", "b"], ["export", "--out", "x"]]
)
def test_a_graph_without_index_is_an_error(inline, words):
    assert inline("graph", *words, "--json").code == 3


def test_every_link_to_one_page_is_one_edge(inline, index_of):
    index_of({"a.md": "# A\n\n" + "[b](b.md)\n\n" * 50, "b.md": "# B\n"})

    assert inline("graph", "stats", "--json").data["edges"] == 1


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("[x](Hop_(networking).md)", "Hop_(networking).md"),
        ("[t](<a (b).md>)", "a (b).md"),
        ("[t](a%20b.md)", "a b.md"),
        ('[t](a.md "title")', "a.md"),
        ("[[note#section]]", "note.md"),
        ("[t](note.md#section)", "note.md"),
        ("[t](/note.md)", "note.md"),
        ("[t](./note.md)", "note.md"),
    ],
)
def test_links_of_every_form_resolve(inline, index_of, link, target):
    index_of({"from.md": f"# From\n\n{link}\n", target: "# Some Where\n\n## Section\n"})
    data = inline("graph", "links", "--json").data

    assert data["broken"] == []
    assert data["resolved"] == 1


@pytest.mark.parametrize(
    ("kinds", "code"),
    [
        ("broken", 5),
        ("ambiguous", 5),
        ("broken,ambiguous", 5),
        ("orphans", 5),
        ("outside", 0),
        ("", 0),
        ("x", 2),
    ],
)
def test_a_check_fails_on_what_it_names(graph, kinds, code):
    assert graph("links", "--fail-on", kinds).code == code
    assert graph("links", "--json", "--fail-on", kinds).code == code


@pytest.mark.parametrize("words", [[], ["--json"], ["--format", "github"]])
def test_a_check_fails_whoever_reads_its_result(index_of, words):
    links = " ".join(f"[t](gone-{number}.md)" for number in range(3_000))
    home = index_of({"a.md": f"# A\n\n{links}\n"})
    check = ["graph", "links", "--fail-on", "broken", *words]
    line = " ".join(f"'{word}'" for word in command_line(*check, "--limit", "9999"))
    done = subprocess.run(
        ["/bin/bash", "-c", f"{line} | head -1 >&2; exit ${{PIPESTATUS[0]}}"],
        cwd=home,
        capture_output=True,
        check=False,
    )

    assert done.returncode == 5
    assert done.stderr.count(b"\n") == 1


def test_what_only_a_build_has_is_counted_apart(inline, index_of):
    index_of({"a.md": "# A\n\n[t](api/x.html)\n", "mkdocs.yml": "site_name: x\n"})
    (link,) = inline("graph", "links", "--json").data["unknown"]

    assert (link["target"], link["reason"]) == ("api/x.html", "generated")
    assert "0 broken, 0 ambiguous, 1 unknown" in inline("graph", "links").stdout
    assert inline("graph", "links", "--fail-on", "broken,outside").code == 0
    assert inline("graph", "links", "--fail-on", "unknown").code == 5
    shown = inline("graph", "links", "--format", "github", "--fail-on", "broken").stdout
    assert shown == ""
    shown = inline("graph", "links", "--format", "github", "--fail-on", "unknown").stdout
    assert shown.startswith("::error file=")


def test_a_failed_check_says_so_in_its_result(graph):
    result = graph("links", "--json", "--fail-on", "broken")

    assert result.document["exit_code"] == 5
    assert [link["target"] for link in result.data["broken"]] == ["missing.md"]


def test_a_format_that_is_none_is_a_usage_error(graph):
    assert graph("links", "--format", "xml").code == 2


def test_annotations_name_file_line_and_target(graph, monkeypatch, tmp_path):
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    lines = graph("links", "--format", "github", "--fail-on", "broken").stdout.splitlines()

    assert [line.partition(" file=")[0] for line in lines] == ["::error", "::warning"]
    assert lines[0].endswith("a.md,line=3,title=broken link::missing.md  (missing)")


@pytest.fixture
def footer(inline, index_of):
    """Index twelve pages in two folders with one footer, and run commands on them."""
    page = "# P{n}\n\n[legal]({up}legal.html) and [x](only{n}.md)\n"
    folders = {f"p{n}.md": page.format(n=n, up="") for n in range(6)}
    folders |= {f"in/p{n}.md": page.format(n=n, up="../") for n in range(6, 12)}
    index_of(folders)
    return lambda *words: inline("graph", *words)


def test_the_same_fault_of_many_pages_is_one_finding(footer):
    lines = footer("links", "--fail-on", "broken", "--limit", "99").stdout.splitlines()

    assert "24 broken" in lines[0]
    (line,) = [line for line in lines if "legal.html" in line]
    assert line.endswith("legal.html  (missing; also on 11 other pages)")
    assert sum("only" in line for line in lines) == 12


def test_the_same_fault_of_many_pages_is_one_annotation(footer):
    result = footer("links", "--format", "github", "--fail-on", "broken")
    lines = result.stdout.splitlines()

    assert (result.code, len(lines)) == (5, 13)
    assert sum("legal.html  (missing; also on 11 other pages)" in line for line in lines) == 1


def test_the_json_has_each_link_and_what_is_repeated(footer):
    data = footer("links", "--json").data

    assert len(data["broken"]) == 24
    (found,) = data["repeated"]
    assert (found["kind"], found["links"], found["pages"]) == ("broken", 12, 12)
    assert found["first"] in data["broken"]


def test_names_cannot_make_annotations(inline, index_of):
    index_of({"x,y:\n::error file=z::q.md": "# X\n\n[t](<a%0A::warning::b.md>)\n"})
    (line,) = inline("graph", "links", "--format", "github").stdout.splitlines()

    assert line.startswith("::warning file=")
    assert "x%2Cy%3A%0A%3A%3Aerror file=z%3A%3Aq.md,line=3" in line
    assert "a%250A::warning::b.md" in line


def test_an_allowed_link_does_not_fail_a_check(inline, index_of):
    index_of({"a.md": "# A\n\n[x](gone.md) <!-- docsearch-ignore -->\n"})
    result = inline("graph", "links", "--json", "--fail-on", "broken")

    assert result.code == 0
    assert [link["target"] for link in result.data["excused"]] == ["gone.md"]


def test_targets_are_shown_as_they_are_written(inline, index_of):
    index_of({"a.md": "# A\n\n[x]({{ site.baseurl }}/gone%20x/)\n"})

    assert "-> {{ site.baseurl }}/gone%20x/  (missing)" in inline("graph", "links").stdout


CHAIN = {
    "a.md": "# Alpha Page\n\n[on](b.md)\n",
    "b.md": "# Beta Page\n\nSee\n\n[further on](c.md)\n",
    "c.md": "# Gamma Page\n",
    "sub/far.md": "# Far Away\n\n[near](../c.md)\n",
    "lonely.md": "# Quiet Corner\n",
}


@pytest.fixture
def chain(inline, index_of):
    index_of(CHAIN)
    return lambda *words: inline("graph", *words)


def test_a_way_shows_what_each_edge_says(chain):
    assert chain("path", "a.md", "c.md").stdout.splitlines() == [
        "docs/a.md",
        '  -> link "on", line 3',
        "docs/b.md",
        '  -> link "further on", line 5',
        "docs/c.md",
    ]


def test_a_way_against_the_edges_is_shown_and_said(chain):
    ended = chain("path", "c.md", "far.md")

    assert '  <- link "near", line 3 of docs/sub/far.md' in ended.stdout
    assert "no way in the direction of the edges" in ended.stderr


def test_the_json_of_a_way_has_its_hops(chain):
    data = chain("path", "a.md", "c.md", "--json").data
    back = chain("path", "c.md", "a.md", "--json").data

    assert (data["from"], data["to"], data["found"], data["directed"]) == (
        "a.md",
        "c.md",
        True,
        True,
    )
    assert (data["length"], data["equally_short"]) == (2, 1)
    assert data["hops"][1] == {
        "from": "b.md", "to": "c.md", "kind": "link", "direction": "out", "weight": 1.0,
        "line": 5, "count": 1, "text": "further on",
    }  # fmt: skip
    assert (back["directed"], [hop["direction"] for hop in back["hops"]]) == (False, ["in", "in"])


def test_pages_that_nothing_joins_are_no_error(chain):
    ended = chain("path", "a.md", "lonely.md")
    data = chain("path", "a.md", "lonely.md", "--json").data

    assert (ended.code, ended.stdout) == (0, "no way joins them\n")
    assert (data["found"], data["length"], data["hops"]) == (False, None, [])


def test_a_way_takes_only_the_kinds_that_were_named(chain):
    assert chain("path", "a.md", "c.md", "--kinds", "mention").stdout.startswith("no way")
    assert chain("path", "a.md", "c.md", "--kinds", "enti").code == 2


def test_a_page_that_is_not_there_is_an_error(chain):
    assert chain("path", "a.md", "nowhere.md").code == 3
    assert chain("export", "--around", "nowhere.md").code == 3


def test_what_is_near_a_page_is_exported(chain):
    data = json.loads(chain("export", "--format", "json", "--around", "a.md", "--hops", "1").stdout)

    assert [node["id"] for node in data["nodes"]] == ["a.md", "b.md"]
    assert data["graph"] == {"around": "a.md"}
    assert [(edge["source"], edge["target"], edge["line"]) for edge in data["edges"]] == [
        ("a.md", "b.md", 3)
    ]


def test_an_export_says_what_it_wrote(chain, tmp_path):
    data = chain("export", "--format", "svg", "--out", "g.svg", "--json").data

    assert data == {
        "format": "svg", "around": None, "file": "g.svg",
        "bytes": (tmp_path / "g.svg").stat().st_size, "nodes": 5, "edges": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--format", "pdf"], 2),
        (["--hops", "1"], 2),
        (["--json"], 2),
        (["--kinds", "x"], 2),
        (["--out", "none/g.xml"], 3),
        (["--out", "docs"], 3),
        (["--out", ""], 2),
        (["--around", ""], 2),
        (["--around", "a.md", "--hops", "-1"], 2),
    ],
)
def test_an_export_that_cannot_be_made_is_refused(chain, tmp_path, words, code):
    before = sorted(tmp_path.iterdir())

    assert chain("export", *words).code == code
    assert sorted(tmp_path.iterdir()) == before


def test_an_export_that_fails_leaves_the_file_as_it_was(chain, tmp_path):
    (tmp_path / "g.svg").write_text("mine")
    chain("export", "--format", "svg", "--around", "nowhere.md", "--out", "g.svg")

    assert (tmp_path / "g.svg").read_text() == "mine"


def test_what_is_no_file_is_written_to(chain):
    assert chain("export", "--out", os.devnull).code == 0
    assert not Path(os.devnull).is_file()


def test_a_picture_of_too_many_pages_says_how_to_see_a_part(inline, index_of):
    pages = {f"p{number:03}.md": f"# Page {number}\n\n[x](p000.md)\n" for number in range(401)}
    index_of(pages)
    ended = inline("graph", "export", "--format", "svg")

    assert ended.code == 3
    assert "401 pages" in ended.stderr
    assert "--format svg --around p000.md --hops 1" in ended.stderr
    assert inline("graph", "export", "--format", "graphml").code == 0


def test_equal_indexes_give_equal_exports(fenwick):
    command = command_line("graph", "export", "--format", "html")
    runs = [
        subprocess.run(
            command, cwd=fenwick, capture_output=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip

    assert runs[0] == runs[1]
