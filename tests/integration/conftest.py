"""The command, in a process of its own or in this one, and an indexed sample corpus."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from docsearch_cli.index.build import build_index
from tests.support import FENWICK, Ended, run_command, run_inline, write_files

Run = Callable[..., Ended]


@pytest.fixture
def docsearch(tmp_path: Path) -> Run:
    """Run ``python -m docsearch_cli`` in ``tmp_path``, or in the folder given as ``cwd``."""

    def run(
        *words: str, cwd: Path = tmp_path, environment: Mapping[str, str] | None = None
    ) -> Ended:
        return run_command(*words, cwd=cwd, environment=environment)

    return run


@pytest.fixture
def inline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``main()`` in this process, in ``tmp_path``, or in the folder given as ``cwd``."""
    monkeypatch.chdir(tmp_path)

    def run(
        *words: str, cwd: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> Ended:
        return run_inline(*words, cwd=cwd or Path.cwd(), environment=environment)

    return run


@pytest.fixture(scope="session")
def fenwick_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds ``docs`` and its ``.docsearch``; nobody writes here."""
    folder = tmp_path_factory.mktemp("fenwick")
    shutil.copytree(FENWICK, folder / "docs")
    build_index(folder / ".docsearch", [folder / "docs"])
    return folder


@pytest.fixture
def fenwick(fenwick_index: Path, tmp_path: Path) -> Path:
    """``tmp_path`` with a copy of the index and its documents, which the test may change."""
    shutil.copytree(fenwick_index / ".docsearch", tmp_path / ".docsearch")
    shutil.copytree(fenwick_index / "docs", tmp_path / "docs")
    return tmp_path


@pytest.fixture
def fenwick_docs(fenwick_index: Path) -> Path:
    return fenwick_index / "docs"


@pytest.fixture
def own_fenwick(tmp_path: Path) -> Path:
    """``tmp_path`` with documents and an index that was made here, which a copy was not."""
    shutil.copytree(FENWICK, tmp_path / "docs")
    build_index(tmp_path / ".docsearch", [tmp_path / "docs"])
    return tmp_path


@pytest.fixture
def index_of(corpus_folder: Path, tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], Path]:
    """Write files into ``docs`` and index them; gives the folder to ask from."""

    def index(files: Mapping[str, str | bytes]) -> Path:
        write_files(corpus_folder, files)
        build_index(tmp_path / ".docsearch", [corpus_folder])
        return tmp_path

    return index
