import shutil
from types import SimpleNamespace

import pytest

from docsearch_cli import fingerprint
from docsearch_cli.fingerprint import STEP_PARTS, source_digest, step_source_digest
from tests.support import PACKAGE


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the package, to be edited; every digest is taken anew."""
    copy = tmp_path / "docsearch_cli"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(fingerprint, "_PACKAGE", copy)
    yield copy
    forget()


def forget():
    source_digest.cache_clear()
    step_source_digest.cache_clear()


def digest():
    forget()
    return step_source_digest()


@pytest.mark.parametrize("part", STEP_PARTS)
def test_an_edit_of_what_a_step_runs_is_other_code(package, part):
    before = digest()
    file = package / part / "__init__.py" if (package / part).is_dir() else package / f"{part}.py"
    file.write_text(file.read_text() + "# edited\n")

    assert digest() != before


@pytest.mark.parametrize(
    "name", ["cli/app.py", "search/deep.py", "engine/coordinator.py", "search/simple.py"]
)
def test_an_edit_of_what_no_step_runs_is_the_same_code(package, name):
    before = digest()
    whole = source_digest()
    file = package / name
    file.write_text(file.read_text() + "# edited\n")

    assert digest() == before
    assert source_digest() != whole


@pytest.mark.parametrize("module", fingerprint.STEP_MODULES)
def test_another_release_of_a_package_is_other_code(package, tmp_path, monkeypatch, module):
    before = digest()
    newer = tmp_path / "newer.py"
    newer.write_text("version = 'newer'\n")
    find_spec = fingerprint.find_spec

    def find_newer(name):
        return (
            SimpleNamespace(origin=newer, has_location=True) if name == module else find_spec(name)
        )

    monkeypatch.setattr(fingerprint, "find_spec", find_newer)

    assert digest() != before


def test_another_python_is_other_code(package, monkeypatch):
    before = digest()
    monkeypatch.setattr("sys.version_info", (3, 99, 0, "final", 0))

    assert digest() != before


def test_without_sources_and_packages_there_is_still_a_digest(tmp_path, monkeypatch):
    forget()
    monkeypatch.setattr(fingerprint, "_source_files", lambda parts: [])
    monkeypatch.setattr(fingerprint, "find_spec", lambda name: None)

    assert len(step_source_digest()) == 32
    forget()
