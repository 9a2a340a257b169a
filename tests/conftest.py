"""An environment of its own for every test: no setting of the machine reaches the command."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support import usual_or_soak

# The same examples on every run, so that a failure is of the change at hand; ``make soak`` draws
# others with --hypothesis-profile=random. No clock decides: a busy machine is no fault.
NO_CLOCK = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "fixed", NO_CLOCK, derandomize=True, database=None, max_examples=usual_or_soak(40, 100)
)
settings.register_profile("random", NO_CLOCK, print_blob=True)
settings.load_profile("fixed")

_XDG = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")


@pytest.fixture(autouse=True)
def isolated_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Point every home folder to an empty one and drop variables that change output."""
    home = tmp_path_factory.getbasetemp() / "home"
    home.mkdir(exist_ok=True)
    for name in list(os.environ):
        if name.startswith("DOCSEARCH_"):
            monkeypatch.delenv(name)
    for name in ("FORCE_COLOR", "COLUMNS", "LINES", "PYTHONIOENCODING", "PYTHONUTF8"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    for name in _XDG:
        monkeypatch.setenv(name, str(home / name.lower()))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture
def corpus_folder(tmp_path: Path) -> Path:
    """An empty folder for documents."""
    folder = tmp_path / "docs"
    folder.mkdir()
    return folder
