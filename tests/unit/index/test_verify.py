"""An index is compared with a clean build, and nobody replaces it meanwhile."""

import os
import signal

import pytest

from docsearch_cli.errors import IndexLockedError
from docsearch_cli.index import verify
from docsearch_cli.index.build import build_index
from docsearch_cli.index.verify import compare_with_clean_build
from tests.support import write_files


@pytest.fixture
def home(tmp_path):
    return tmp_path / ".docsearch"


@pytest.fixture
def docs(corpus_folder):
    return write_files(corpus_folder, {"a.md": "# Alpha Page\n", "b.md": "# Beta Page\n"})


def test_documents_that_have_changed_make_a_difference(home, docs):
    build_index(home, [docs])
    assert compare_with_clean_build(home, [docs]).differing == ()
    (docs / "a.md").write_text("# Other Page\n")

    assert "documents.titles.utf8" in compare_with_clean_build(home, [docs]).differing


def test_nobody_builds_an_index_that_is_verified(home, docs, monkeypatch):
    build_index(home, [docs])

    def build_beside(*arguments, **options):
        with pytest.raises(IndexLockedError):
            build_index(home, [docs])
        return build_index(*arguments, **options)

    monkeypatch.setattr(verify, "build_index", build_beside)

    assert compare_with_clean_build(home, [docs]).differing == ()


def test_what_a_killed_verification_left_is_cleared_away(home, docs, monkeypatch):
    build_index(home, [docs])
    before = sorted(home.rglob("*"))
    pid = os.fork()
    if pid == 0:
        monkeypatch.setattr(verify, "open_index", open_then_die(verify.open_index))
        try:
            compare_with_clean_build(home, [docs])
        finally:
            os._exit(0)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status)
    assert sorted(home.rglob("*")) != before
    build_index(home, [docs])

    assert sorted(home.rglob("*")) == before


def open_then_die(open_index):
    """Open the index, and die when the clean build is opened too."""
    opened = []

    def open_or_die(home):
        if opened:
            os.kill(os.getpid(), signal.SIGKILL)
        opened.append(home)
        return open_index(home)

    return open_or_die
