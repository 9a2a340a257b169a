"""What a step declares to look at, and what it looks at, are the same."""

import json
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import asdict, fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docsearch_cli.corpus.formats.table import FORMATS
from docsearch_cli.explore.agents.edges_only import decide_by_edges
from docsearch_cli.explore.agents.local import decide
from docsearch_cli.explore.agents.table import AGENTS
from docsearch_cli.explore.build_view import build_view
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.explore.seeds import Candidate
from docsearch_cli.explore.step_functions import FUNCTIONS, SEARCH_PLAN, declared_input
from docsearch_cli.explore.view import EdgeView, SectionView, View
from docsearch_cli.fingerprint import STEP_MODULES, STEP_PARTS
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from docsearch_cli.steps import canonical_json
from tests.support import FENWICK, REPOSITORY, usual_or_soak

QUESTION = "how long are snapshots kept"
WORDS = ("snapshot", "kept", "long", "other", "words", "**bold**", "[link](x.md)", ".", "\n\n")
TERMS = ("snapshot", "kept", "long")

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)
shares = st.sampled_from((0.0, 0.25, 0.5, 1.0))
sections = st.builds(
    SectionView,
    section=st.integers(0, 3),
    heading=st.sampled_from(("", "Snapshots", "Other")),
    line_start=st.integers(1, 9),
    line_end=st.integers(10, 20),
    score=shares,
    text=texts,
)
edges = st.builds(
    EdgeView,
    target=st.sampled_from(("b.md", "c.md", "d.md")),
    path=st.sampled_from(("b.md", "c.md")),
    title=st.sampled_from(("B", "C")),
    kind=st.sampled_from(("link", "mention", "part")),
    direction=st.sampled_from(("out", "in")),
    weight=shares,
    line=st.integers(0, 9),
    text=st.sampled_from(("", "text")),
    score=shares,
    terms=st.lists(st.sampled_from(TERMS), unique=True).map(tuple),
    said=st.lists(st.sampled_from(TERMS), unique=True).map(tuple),
)
views = st.builds(
    View,
    question=st.just(QUESTION),
    tokens=st.just(TERMS),
    idf=st.fixed_dictionaries({term: st.sampled_from((0.5, 3.0)) for term in TERMS}),
    known_share=st.floats(0, 1),
    node=st.sampled_from(("a.md", "z.md")),
    path=st.sampled_from(("a.md", "z.md")),
    title=st.sampled_from(("A", "Z")),
    markup=st.sampled_from(("markdown", "text")),
    content_hash=st.sampled_from(("0" * 8, "1" * 8)),
    node_score=shares,
    covered=st.lists(st.sampled_from(TERMS), unique=True).map(tuple),
    sections=st.lists(sections, max_size=3).map(tuple),
    sections_total=st.integers(0, 9),
    edges=st.lists(edges, max_size=4).map(tuple),
    edges_total=st.integers(0, 9),
    language=st.sampled_from(("english", "german")),
    stems=st.dictionaries(
        st.sampled_from(WORDS), st.lists(st.sampled_from(TERMS), max_size=2).map(tuple), max_size=3
    ),
)


LOCAL = AGENTS["local"].function


def declared(view):
    return declared_input(LOCAL, canonical_json(view.to_dict()))


# What an agent does not look at: for people and for the record.
UNDECLARED = {
    View: {"node", "path", "title", "node_score", "sections_total", "edges_total", "model"},
    SectionView: {"line_end", "score"},
    EdgeView: {"path", "title", "line", "text"},
}


def undeclared_changes(view, other, section, edge):
    """Return a view that is ``view`` in all that is declared, and the others in the rest."""

    def mixed(one, another):
        return replace(one, **{name: getattr(another, name) for name in UNDECLARED[type(one)]})

    return replace(
        mixed(view, other),
        sections=tuple(mixed(item, section) for item in view.sections),
        edges=tuple(mixed(item, edge) for item in view.edges),
    )


@settings(max_examples=usual_or_soak(75, 300), deadline=None)
@given(view=views, other=views, section=sections, edge=edges)
def test_what_is_not_declared_changes_no_decision(view, other, section, edge):
    changed = undeclared_changes(view, other, section, edge)

    assert declared(changed) == declared(view)
    for step in (decide, decide_by_edges):
        assert step(changed) == step(view)


SECTION = SectionView(0, "Snapshots", 3, 4, 1.0, "A **snapshot**.")
EDGE = EdgeView("b.md", "b.md", "B", "mention", "out", 1.0, 3, "b", 0.5, ("kept",))
VIEW = View(
    QUESTION, TERMS, dict.fromkeys(TERMS, 1.0), 1.0, "a.md", "a.md", "A", "markdown", "0" * 8, 0.5,
    (), (SECTION,), 1, (EDGE,), 1,
)  # fmt: skip

# What an agent looks at, and another value that it decides otherwise for.
DECLARED = {
    View: {
        "question": "SNAPSHOTS",
        "tokens": ("kept", "long"),
        "idf": {"snapshot": 9.0, "kept": 1.0, "long": 1.0},
        "known_share": 0.5,
        "language": "hungarian",
        "stems": {"snapshot": ("kept",)},
        "markup": "text",
        "covered": ("kept",),
        "sought": ("snapshot",),
        "also": (("kept", ("snapshot",)),),
    },
    SectionView: {
        "section": 1,
        "heading": "Kept",
        "line_start": 2,
        "text": "Kept.",
        "above": ("Kept",),
    },
    EdgeView: {
        "target": "c.md",
        "kind": "link",
        "direction": "in",
        "weight": 0.5,
        "score": 0.9,
        "terms": (),
        "said": ("kept",),
    },
}
PARTS = {SectionView: "sections", EdgeView: "edges"}


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind, changes in DECLARED.items() for name in changes],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_what_is_declared_can_change_a_decision(kind, name):
    change = {name: DECLARED[kind][name]}
    part = PARTS.get(kind, name)
    if kind is not View:
        (item,) = getattr(VIEW, part)
        change = {part: (replace(item, **change),)}
    other = replace(VIEW, **change)
    before, after = declared(VIEW), declared(other)

    assert decide(other) != decide(VIEW)
    assert [name for name in after if after[name] != before.get(name)] == [part]


@pytest.mark.parametrize("kind", [View, SectionView, EdgeView])
def test_each_field_of_a_view_is_looked_at_or_not(kind):
    """A new field belongs to one side: here, and in what is declared."""
    whole = {"content_hash", *PARTS.values()} if kind is View else set()
    names = [*DECLARED[kind], *UNDECLARED[kind], *whole]

    assert sorted(names) == sorted(field.name for field in fields(kind))


def test_a_document_counts_as_a_whole():
    assert declared(VIEW) != declared(replace(VIEW, content_hash="1" * 8))


def test_every_step_declares_its_input():
    for definition in FUNCTIONS.values():
        assert callable(definition.declare)
    assert declared_input("explore.plan@1", b'{"b":1,"a":[2]}') == {"a": b"[2]", "b": b"1"}


def test_the_plan_of_a_search_is_a_step_of_bytes():
    candidates = [
        Candidate("a.md", 0, "a.md", "A", 0.4, "", started=False),
        Candidate("b.md", 1, "b.md", "B", 0.4, "the b", started=False),
        Candidate("c.md", 2, "c.md", "C", 0.1, "", started=False),
    ]
    facts = {"candidates": [asdict(item) for item in candidates], "most": 2}

    assert json.loads(FUNCTIONS[SEARCH_PLAN](canonical_json(facts))) == {
        "seeds": [
            {"node": "b.md", "row": 1, "path": "b.md", "priority": 0.9, "source": "title"},
            {"node": "a.md", "row": 0, "path": "a.md", "priority": 0.4, "source": "keyword"},
        ]
    }


LOADED_BY_A_STEP = """
import json, sys
before = set(sys.modules)
from docsearch_cli.explore.step_functions import FUNCTIONS
import docsearch_cli.explore.agents.llm, docsearch_cli.explore.written_answer  # when it runs
for payload in json.loads(sys.stdin.read()):
    FUNCTIONS['explore.local@6'](payload.encode())
loaded = {
    name: getattr(getattr(module, "__spec__", None), "origin", None) or ""
    for name, module in sys.modules.items()
    if name not in before
}
print(json.dumps(loaded))
"""


@pytest.fixture(scope="module")
def loaded():
    """The modules that a step loads in a fresh process, and their files."""
    payloads = [
        canonical_json(replace(VIEW, markup=markup).to_dict()).decode()
        for markup in (row.name for row in FORMATS)
    ]
    done = subprocess.run(
        [sys.executable, "-c", LOADED_BY_A_STEP],
        input=json.dumps(payloads).encode(),
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_the_code_that_a_step_runs_is_part_of_its_key(loaded):
    own = {name.split(".")[1] for name in loaded if name.startswith("docsearch_cli.")}

    assert own == set(STEP_PARTS)


def test_the_packages_that_a_step_calls_are_part_of_its_key(loaded):
    installed = sysconfig.get_paths()["platlib"], sysconfig.get_paths()["purelib"]
    called = {name.split(".")[0] for name, file in loaded.items() if file.startswith(installed)}

    assert called == {name.split(".")[0] for name in STEP_MODULES}


ASKED = "A receiver answered 410: which command puts the parked sink back to work?"


def keys(home):
    """Return the declared input of every node of the corpus, by node."""
    index = open_index(home)
    scored = ScoredQuestion(index, ASKED)
    views = [
        build_view(scored, node, covered=(), reading_tokens=1_200, most_edges=64)
        for node in range(index.node_count)
    ]
    return {view.node: (view.path, declared(view)) for view in views}


@pytest.fixture(scope="module")
def unedited(tmp_path_factory):
    """A folder of documents with their index, where nobody writes, and its keys."""
    folder = tmp_path_factory.mktemp("unedited")
    build_index(folder / ".docsearch", [shutil.copytree(FENWICK, folder / "docs")])
    return folder, keys(folder / ".docsearch")


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text + "\nLovely weather nowadays.\n",
        lambda text: text + "\n## Weather\n\nLovely nowadays.\n",
        lambda text: text.replace("\n## ", "\nHello.\n\n## ", 1),
    ],
    ids=["a paragraph", "a section", "lines before"],
)
@pytest.mark.parametrize("edited", ["changelog.md", "concepts/buffering.md", "glossary.md"])
def test_an_edit_of_one_document_changes_what_is_seen_of_it_and_nothing_else(
    tmp_path, unedited, edit, edited
):
    folder, before = unedited
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "docs" / edited
    file.write_text(edit(file.read_text()))
    build_index(tmp_path / ".docsearch", [tmp_path / "docs"])
    after = keys(tmp_path / ".docsearch")

    assert before[edited] != after[edited]
    assert elsewhere(before, edited) == elsewhere(after, edited)


def elsewhere(keys, node):
    """Return the declared input of every other node, without its edges to this one."""
    found = {}
    for other, (path, parts) in keys.items():
        edges = [edge for edge in json.loads(parts["edges"]) if edge[0] != node]
        found[other] = (path, {**parts, "edges": edges})
    return {other: parts for other, parts in found.items() if other != node}


def test_an_edit_of_the_best_page_is_seen_there_and_from_where_it_is_linked(tmp_path):
    docs = shutil.copytree(FENWICK, tmp_path / "docs")
    build_index(tmp_path / ".docsearch", [docs])
    before = keys(tmp_path / ".docsearch")
    index = open_index(tmp_path / ".docsearch")
    best = index.node_id(int(ScoredQuestion(index, ASKED).node_scores.argmax()))
    file = docs / best
    file.write_text(file.read_text().replace("\n## ", "\nLovely weather.\n\n## "))
    build_index(tmp_path / ".docsearch", [docs])
    after = keys(tmp_path / ".docsearch")
    readers = {node for node in before if f'["{best}"' in before[node][1]["edges"].decode()}
    changed = {node for node in before if before[node] != after[node]}

    assert best in changed
    assert changed <= {best, *readers}
    assert len(readers) < len(before) / 2


def test_a_moved_document_is_read_anew_by_nobody(tmp_path):
    docs = shutil.copytree(FENWICK, tmp_path / "docs")
    lonely = docs / "lonely.md"
    lonely.write_text("# Lonely\n\nA receiver of weather.\n")
    build_index(tmp_path / ".docsearch", [docs])
    before = keys(tmp_path / ".docsearch")
    lonely.rename(docs / "renamed.md")
    build_index(tmp_path / ".docsearch", [docs])
    after = keys(tmp_path / ".docsearch")

    assert after["renamed.md"][1] == before["lonely.md"][1]
