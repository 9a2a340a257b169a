"""An index built upon the one before equals one built anew, file by file, byte for byte."""

import errno
import os
import random
from pathlib import Path

import pytest

from docsearch_cli import files
from docsearch_cli.arrays import load_array
from docsearch_cli.corpus.formats import pdf
from docsearch_cli.corpus.walk.walk_roots import walk_in_time
from docsearch_cli.errors import CorpusVanishedError
from docsearch_cli.index import build
from docsearch_cli.index.build import build_index
from docsearch_cli.index.document_languages import LanguageSettings
from docsearch_cli.index.freshness import check_freshness
from docsearch_cli.index.link_report import read_link_report
from docsearch_cli.index.staleness import is_stale
from docsearch_cli.index.stat_cache import load_stats
from docsearch_cli.index.store import open_index, stat_folder
from docsearch_cli.retrieval.postings import merge_postings
from tests.support import usual_or_soak, write_files
from tests.unit.index.editing import Editor

SEEDS = usual_or_soak(8, 200)
FEW_SEEDS = usual_or_soak(3, 50)
# Edits at random may remove whatever there is.
ANY_LOSS = {"allow_empty": True, "allow_removal": True}
ROUNDS = 4


def contents(home):
    folder = open_index(home).folder
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture
def home(tmp_path):
    return tmp_path / ".docsearch"


@pytest.fixture
def docs(tmp_path):
    files = {f"page{number}.md": f"# Page {number}\n\nText {number}.\n" for number in range(20)}
    root = write_files(tmp_path / "docs", files)
    age(root)
    return root


def age(root):
    """Let files look as if they had not changed for long, as most files have not."""
    for path in sorted(root.rglob("*")):
        os.utime(path, (1_000_000_000, 1_000_000_000))


def refuse(_location, _flags):
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def refuse_pages(location, flags, open_file=files._open):
    """Open what is of the index; no page may be read."""
    return (refuse if str(location).endswith(".md") else open_file)(location, flags)


@pytest.fixture
def old_clock(monkeypatch):
    """Let the times of files lie well before each look at them."""
    monkeypatch.setattr("docsearch_cli.index.stat_cache._TICK_NS", -(10**18))


@pytest.fixture
def small_limits(monkeypatch):
    """Let a few small files be what only large folders are, and modes count for root too."""
    monkeypatch.setitem(walk_in_time.__kwdefaults__, "max_file_bytes", 4_000)
    monkeypatch.setitem(merge_postings.__kwdefaults__, "portion", 100)
    monkeypatch.setattr("docsearch_cli.corpus.load._BATCH_FILES", 3)
    monkeypatch.setattr("docsearch_cli.graph.mentions._COMMON_NODES", 3)
    monkeypatch.setattr("docsearch_cli.graph.nodes.NODE_WORDS", 40)
    monkeypatch.setattr("docsearch_cli.graph.structure._MOST_PAGES_OF_A_FOLDER", 5)
    monkeypatch.setattr("docsearch_cli.index.invalidation._MOST_WANTED", 1.0)
    monkeypatch.setattr("docsearch_cli.index.merge._COPIED_SECTIONS", 3)
    open_file = files._open

    def open_if_allowed(location, flags):
        if not os.lstat(location).st_mode & 0o400:
            refuse(location, flags)
        return open_file(location, flags)

    monkeypatch.setattr(files, "_open", open_if_allowed)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_any_edits_give_the_index_that_a_clean_build_gives(tmp_path, seed, small_limits):
    editor = Editor(tmp_path / "docs", seed)
    editor.fill(10 + seed % 20)
    build_index(tmp_path / "home", [tmp_path / "docs"], workers=1)
    for number in range(ROUNDS):
        editor.edit(1 + (seed + number) % 4)
        build_index(tmp_path / "home", [tmp_path / "docs"], workers=1, **ANY_LOSS)
        build_index(tmp_path / f"clean{number}", [tmp_path / "docs"], workers=1)

        assert contents(tmp_path / "home") == contents(tmp_path / f"clean{number}")


@pytest.mark.parametrize("seed", range(100, 100 + FEW_SEEDS))
def test_any_folders_and_language_give_the_index_that_a_clean_build_gives(
    tmp_path, seed, small_limits
):
    chance = random.Random(seed)
    roots = [tmp_path / "one", tmp_path / "two"]
    editors = [Editor(root, seed + number) for number, root in enumerate(roots)]
    for editor in editors:
        editor.fill(8)
    for number in range(ROUNDS):
        chance.choice(editors).edit(2)
        chosen = chance.choice((roots, roots, roots[::-1], roots[:1], [roots[0], *roots]))
        language = chance.choice((None, None, "german", "none"))
        for name in ("home", f"clean{number}"):
            build_index(
                tmp_path / name,
                chosen,
                workers=1,
                allow_empty=True,
                allow_removal=True,
                languages=LanguageSettings(language),
            )

        assert contents(tmp_path / "home") == contents(tmp_path / f"clean{number}")


@pytest.mark.parametrize("seed", range(200, 200 + FEW_SEEDS))
def test_an_index_is_stale_if_a_build_would_change_it(tmp_path, seed, small_limits):
    editor = Editor(tmp_path / "docs", seed)
    editor.fill(12)
    build_index(tmp_path / "home", [tmp_path / "docs"], workers=1)
    for _ in range(ROUNDS):
        editor.edit(1)
        stale = is_stale(open_index(tmp_path / "home"))
        result = build_index(tmp_path / "home", [tmp_path / "docs"], workers=1, **ANY_LOSS)

        assert stale is not result.unchanged


def test_only_what_changed_is_read(home, docs):
    assert build_index(home, [docs]).read == 20
    (docs / "page3.md").write_text("# Page 3\n\nOther text.\n")

    assert build_index(home, [docs]).read == 1


def test_a_file_that_looks_as_before_is_not_opened(home, docs, old_clock, monkeypatch):
    build_index(home, [docs])
    monkeypatch.setattr(
        "docsearch_cli.index.changes.hash_file", lambda _path: pytest.fail("opened")
    )

    assert build_index(home, [docs]).unchanged


def test_a_file_changed_at_the_moment_of_the_look_is_looked_at_again(home, docs):
    (docs / "page3.md").write_text("# Page 3\n\nAAAA\n")
    build_index(home, [docs])
    status = (docs / "page3.md").stat()
    (docs / "page3.md").write_text("# Page 3\n\nBBBB\n")
    os.utime(docs / "page3.md", ns=(status.st_atime_ns, status.st_mtime_ns))

    assert not build_index(home, [docs]).unchanged


def test_a_file_that_grows_while_a_build_reads_it_is_as_large_as_what_was_read(
    home, docs, tmp_path, monkeypatch
):
    scan = build.scan

    def scan_then_edit(roots):
        found = scan(roots)
        (docs / "page3.md").write_text("# Page 3\n\nA longer text than it was.\n")
        return found

    monkeypatch.setattr(build, "scan", scan_then_edit)
    build_index(home, [docs])
    build_index(home, [docs])
    build_index(tmp_path / "clean", [docs])

    assert contents(home) == contents(tmp_path / "clean")


def test_a_file_that_could_not_be_read_is_tried_again(home, docs, old_clock):
    """Another user may read what this one may not, and the file looks as it did."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("docsearch_cli.files._open", refuse_pages)
        assert build_index(home, [docs]).skipped == {"unreadable": 20}

    assert build_index(home, [docs]).counts["documents"] == 20


def test_a_file_that_still_cannot_be_read_makes_no_work(home, docs, old_clock, monkeypatch):
    (docs / "page3.md").write_text("# Page 3\n\nText 3.\n")
    build_index(home, [docs])
    monkeypatch.setattr("docsearch_cli.files._open", refuse_pages)
    (docs / "page21.md").write_text("# Page 21\n")
    build_index(home, [docs])

    result = build_index(home, [docs])

    assert (result.unchanged, result.read) == (True, 0)
    assert result.skipped == {"unreadable": 1}


def test_what_is_known_of_files_may_be_lost(home, docs, old_clock):
    build_index(home, [docs])
    (seen,) = (home / "index").glob("*.seen")
    for path in seen.iterdir():
        path.write_bytes(b"garbage")
    (docs / "page3.md").write_text("# Page 3\n\nOther text.\n")

    assert build_index(home, [docs]).read == 1


def test_who_reads_how_files_looked_is_left_with_that_while_they_are_looked_at_again(home, docs):
    build_index(home, [docs], workers=1)
    folder = open_index(home).folder
    seen = load_stats(stat_folder(folder))
    before = seen.stats.tolist()
    age(docs)
    build_index(home, [docs], workers=1)

    assert seen.stats.tolist() == before
    assert load_stats(stat_folder(folder)).stats.tolist() != before
    assert [path.name for path in (home / "index").iterdir() if path.suffix == ".building"] == []


def test_how_files_looked_is_read_again_if_it_is_replaced_meanwhile(home, docs, monkeypatch):
    build_index(home, [docs], workers=1)
    folder = open_index(home).folder
    looks = stat_folder(folder)
    calls = []

    def loading(folder, name):
        calls.append(name)
        if len(calls) == 1:
            write_files(docs, {"new.bin": "x"})
            build_index(home, [docs], workers=1)
        return load_array(folder, name)

    monkeypatch.setattr("docsearch_cli.index.stat_cache.load_array", loading)

    assert len(load_stats(looks).paths) == len(load_stats(looks).stats)
    assert calls.count("looks") > 1


def test_a_new_title_is_found_in_old_pages(home, docs):
    (docs / "page3.md").write_text("# Page 3\n\nSee the Grinding Stone Manual.\n")
    build_index(home, [docs])
    (docs / "manual.md").write_text("# Grinding Stone Manual\n")
    result = build_index(home, [docs])

    index = open_index(home)
    (edge,) = index.graph.edges_out(index.node_row("page3.md"))
    assert index.node_id(int(index.graph.targets[edge])) == "manual.md"
    assert result.read == 2


def test_a_link_into_another_folder_follows_what_comes_and_goes_there(home, tmp_path):
    roots = [tmp_path / "aa", tmp_path / "far" / "bb"]
    write_files(tmp_path, {"aa/a.md": "[b](../far/bb/b.md)\n", "far/bb/b.md": "# B\n\nText.\n"})
    write_files(tmp_path, {"aa/c.md": "# C\n\nText.\n", "far/bb/d.md": "# D\n\nText.\n"})
    build_index(home, roots, workers=1)
    reports = []
    for number, (old, new) in enumerate((("b.md", "away.md"), ("away.md", "B.MD"))):
        (roots[1] / old).rename(roots[1] / new)
        build_index(home, roots, workers=1)
        build_index(tmp_path / f"clean{number}", roots, workers=1)
        broken = read_link_report(open_index(home).folder)["broken"]
        reports.append([(link["target"], link["reason"]) for link in broken])

        assert contents(home) == contents(tmp_path / f"clean{number}")
    assert reports == [[("../far/bb/b.md", "missing")], []]


def test_a_source_that_sphinx_kept_stands_in_for_its_page_while_that_is_gone(home, docs, tmp_path):
    page, source = "<title>Mill</title><h1>Mill</h1><p>It runs.</p>", "Mill\n====\n\nIt runs.\n"
    write_files(docs, {"site/mill.html": page, "site/_sources/mill.rst.txt": source})
    write_files(
        docs, {"page3.md": "# Page 3\n\n[m](site/mill.html) [s](site/_sources/mill.rst.txt)\n"}
    )
    build_index(home, [docs], workers=1)
    paths = []
    for number, change in enumerate((Path.unlink, lambda path: path.write_text(page))):
        change(docs / "site/mill.html")

        assert check_freshness(open_index(home), ()).folders == (str(docs / "site"),)
        assert is_stale(open_index(home))

        build_index(home, [docs], workers=1)
        build_index(tmp_path / f"clean{number}", [docs], workers=1)
        paths.append([row.decode() for row in open_index(home).paths.rows() if b"mill" in row])

        assert contents(home) == contents(tmp_path / f"clean{number}")
    assert paths == [["site/_sources/mill.rst.txt"], ["site/mill.html"]]


def test_an_index_of_other_code_is_not_built_upon(home, docs, monkeypatch):
    build_index(home, [docs])
    (docs / "page3.md").write_text("# Page 3\n\nOther text.\n")
    monkeypatch.setattr("docsearch_cli.index.identity.source_digest", lambda _parts: "another")

    assert build_index(home, [docs]).read == 20


def test_a_damaged_index_is_not_built_upon(home, docs):
    build_index(home, [docs])
    path = open_index(home).folder / "postings.low.npy"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    (docs / "page3.md").write_text("# Page 3\n\nOther text.\n")

    assert build_index(home, [docs]).read == 20


def test_a_folder_that_lost_all_its_documents_is_refused(home, docs):
    build_index(home, [docs])
    before = contents(home)
    for path in docs.iterdir():
        path.unlink()

    with pytest.raises(CorpusVanishedError, match="held 20 documents"):
        build_index(home, [docs])
    assert contents(home) == before
    assert build_index(home, [docs], allow_empty=True).counts["documents"] == 0


def test_one_of_several_folders_that_lost_its_documents_is_named(home, docs, tmp_path):
    other = write_files(tmp_path / "other", {"a.md": "# A\n"})
    build_index(home, [docs, other])
    (other / "a.md").unlink()

    with pytest.raises(CorpusVanishedError, match="other held 1 documents"):
        build_index(home, [docs, other])


def test_an_index_is_stale_after_any_change_and_only_then(home, docs):
    build_index(home, [docs])
    reader = open_index(home)
    (docs / "page3.md").touch()

    assert not is_stale(reader)
    (docs / "image.png").write_bytes(b"\x89PNG")
    assert is_stale(reader)


def test_a_changed_document_is_not_read_to_tell_that_an_index_is_stale(home, docs, monkeypatch):
    build_index(home, [docs])
    (docs / "page3.md").write_text("# Page 3\n\nOther text.\n")
    monkeypatch.setattr(
        "docsearch_cli.corpus.formats.readers.read_file", lambda _: pytest.fail("read")
    )

    assert is_stale(open_index(home))


def test_a_pdf_is_read_in_another_process_to_tell_whether_an_index_is_stale(
    home, docs, monkeypatch
):
    """The library that reads it is C++, and the file may be made to crash it."""
    (docs / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing else")
    build_index(home, [docs])
    read_pdf, here = pdf.read_pdf, os.getpid()

    def read_elsewhere(*arguments):
        assert os.getpid() != here
        return read_pdf(*arguments)

    monkeypatch.setattr(pdf, "read_pdf", read_elsewhere)

    assert not is_stale(open_index(home))


def test_building_again_and_again_leaves_no_file_open(home, docs):
    build_index(home, [docs])
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(5):
        (docs / "page3.md").write_text(f"# Page 3\n\nText {number}.\n")
        build_index(home, [docs])

    assert len(list(Path("/proc/self/fd").iterdir())) <= before


@pytest.mark.parametrize("name", [".gitignore", ".git/info/exclude"])
def test_an_edit_above_the_root_gives_the_index_that_a_clean_build_gives(
    home, docs, tmp_path, name
):
    write_files(tmp_path, {".git/HEAD": "ref: refs/heads/main\n"})
    build_index(home, [docs])
    for number, patterns in enumerate(("page1*.md\n", "/docs/page7.md\n", "docs/\n", "")):
        write_files(tmp_path, {name: patterns})

        assert is_stale(open_index(home)) == (patterns != "")  # "docs/" leaves the root as it is

        build_index(home, [docs], **ANY_LOSS)
        build_index(tmp_path / f"clean{number}", [docs])

        assert contents(home) == contents(tmp_path / f"clean{number}")


def test_documents_of_another_language_make_an_index_of_that_language(home, docs, tmp_path):
    assert build_index(home, [docs]).language == "english"
    german = "Der Müller ist nicht in der Mühle, aber die Steine sind auch mit dem Wagen da.\n"
    for number in range(3):
        (docs / f"seite{number}.md").write_text(f"# Seite {number}\n\n{german * 20}")
    result = build_index(home, [docs])
    build_index(tmp_path / "clean", [docs])

    assert result.language == "german"
    assert contents(home) == contents(tmp_path / "clean")
    assert len(open_index(home).keyword.sections_with("stein")) > 0


def test_a_set_language_is_kept_apart_from_one_that_was_told(home, docs):
    build_index(home, [docs], languages=LanguageSettings("german"))
    told = build_index(home, [docs])

    assert (told.language, told.unchanged) == ("english", False)


INDEX_PAGE = "<html><head>{}</head><body><h1>Index</h1>{}</body></html>"


def test_an_index_page_of_a_program_ranks_by_its_name_alone_and_has_no_edges(home, docs):
    links = "".join(f"<a href='page{number}.md'>Page {number}</a> " for number in range(20))
    made = INDEX_PAGE.format("<script src='documentation_options.js'></script>", links)
    written = INDEX_PAGE.format("", links)
    (docs / "page3.md").write_text("# Page 3\n\nSee [all](genindex.html) of Page 5.\n")
    (docs / "genindex.html").write_text(written)
    first = build_index(home, [docs])
    before = contents(home)
    (docs / "genindex.html").write_text(made)
    second = build_index(home, [docs])
    index = open_index(home)
    graph = index.graph.edge_list()
    node = index.node_row("genindex.html")

    assert second.skipped == {"generated": 1}
    assert node not in {*graph.sources.tolist(), *graph.targets.tolist()}
    assert index.nodes_named("index") == []
    assert index.keyword.sections_with("genindex.html").size == 1
    assert index.keyword.sections_with("genindex").size == 1
    build_index(home.parent / "clean", [docs])
    assert contents(home.parent / "clean") == contents(home)
    (docs / "genindex.html").write_text(written)
    assert build_index(home, [docs]).digest == first.digest
    assert contents(home) == before


def test_a_title_that_changes_in_case_alone_moves_the_links_that_spell_it(home, tmp_path):
    docs = tmp_path / "cases"
    files = {"a.md": "# Time\n", "b.md": "# time\n", "z.md": "[[time]] and [[TIME]]\n"}
    write_files(docs, files)
    build_index(home, [docs], workers=1)
    write_files(docs, {"b.md": "# tIME\n", "a.md": "# time\n"})
    build_index(home, [docs], workers=1)
    build_index(tmp_path / "clean", [docs], workers=1)

    assert contents(home) == contents(tmp_path / "clean")


@pytest.mark.parametrize(
    ("name", "first", "then"),
    [
        (".gitignore", "*.log\n", "/made\n"),
        (".gitignore", "/made\n", "made*\n"),
        (".gitignore", "/made/x*\n", "*.log\n"),
        ("_redirects", "/other /new\n", "/made/* /new\n"),
        ("conf.py", "x = 1\n", 'intersphinx_mapping = {"a": 1}\n'),
    ],
)
def test_what_excuses_a_link_may_come_and_go(docs, home, tmp_path, name, first, then):
    (docs / "page3.md").write_text("[x](/made/x.html) {ref}`far`\n")
    reported = []
    for text in (first, then):
        (docs / name).write_text(text)
        build_index(home, [docs])
        anew = tmp_path / f"anew{len(reported)}"
        build_index(anew, [docs])
        assert contents(home) == contents(anew)
        reported.append(len(read_link_report(open_index(home).folder)["broken"]))

    assert reported[0] != reported[1]


@pytest.mark.parametrize("is_first", [True, False], ids=["comes", "goes"])
def test_a_page_of_no_site_follows_whether_there_is_one(tmp_path, is_first):
    title = "Setup\n=====\n\nText.\n"
    docs = write_files(
        tmp_path / "docs",
        {
            "site/conf.py": "project = 'x'\n",
            "site/setup.rst": title,
            "notes.rst": "Notes\n=====\n\n:doc:`setup` :doc:`zed`\n",
        },
    )
    configuration = docs / "site" / "conf.py"
    text = configuration.read_text()
    if is_first:
        configuration.unlink()
    build_index(tmp_path / "home", [docs])
    if is_first:
        configuration.write_text(text)
    else:
        configuration.unlink()
    build_index(tmp_path / "home", [docs])
    build_index(tmp_path / "anew", [docs])

    assert contents(tmp_path / "home") == contents(tmp_path / "anew")
    broken = read_link_report(open_index(tmp_path / "home").folder)["broken"]
    assert len(broken) == (0 if is_first else 2)
