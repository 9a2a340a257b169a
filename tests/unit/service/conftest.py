"""A small index, served."""

import shutil

import pytest

from docsearch_cli.index.build import build_index
from docsearch_cli.service.caps import Caps
from docsearch_cli.service.document_service import DocumentService
from tests.support import write_files
from tests.unit.search.conftest import FILES


@pytest.fixture(scope="session")
def served_folder(tmp_path_factory):
    """Documents and their index; nobody writes here."""
    folder = tmp_path_factory.mktemp("served")
    build_index(folder / ".docsearch", [write_files(folder / "docs", FILES)])
    return folder


@pytest.fixture
def home(served_folder, tmp_path, corpus_folder):
    shutil.copytree(served_folder, tmp_path, dirs_exist_ok=True)
    return tmp_path / ".docsearch"


@pytest.fixture
def service(home, monkeypatch):
    monkeypatch.setenv("DOCSEARCH_WORKERS", "1")
    served = DocumentService(str(home), Caps(max_agents=8, rows=3, shown_chars=60))
    yield served
    served.close()


@pytest.fixture
def docsearch_resume(home):
    """Finishes a run as ``docsearch resume`` does."""

    def resume(run_id):
        from docsearch_cli.config import load_settings
        from docsearch_cli.index.store import open_index
        from docsearch_cli.runs.catalog import opened_run
        from docsearch_cli.search.result import AskOptions, SearchObserver
        from docsearch_cli.search.resume import resume_run

        options = AskOptions(load_settings({}), engine="inline")
        with opened_run(home, run_id) as store:
            return resume_run(
                home, open_index(home), store, options=options, observer=SearchObserver()
            )

    return resume
