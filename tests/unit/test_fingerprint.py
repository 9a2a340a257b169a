import base64
import compileall
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from types import SimpleNamespace

import pytest

from docsearch_cli import __version__, fingerprint
from docsearch_cli.fingerprint import STEP_PARTS, code_basis, source_digest, step_source_digest
from tests.support import PACKAGE, REPOSITORY, write_files


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the package, to be edited; every digest is taken anew."""
    copy = tmp_path / "docsearch_cli"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(fingerprint, "_PACKAGE", copy)
    yield copy
    forget()


def forget():
    for known in (
        source_digest,
        step_source_digest,
        code_basis,
        fingerprint._source_files,
        fingerprint._recorded_files,
    ):
        known.cache_clear()


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


COMPILED = """
import sys, docsearch_cli.fingerprint as fingerprint
assert not fingerprint.__file__.endswith(".py"), fingerprint.__file__
print(fingerprint.code_basis(), fingerprint.source_digest(), fingerprint.step_source_digest())
"""


@pytest.fixture
def compiled(tmp_path):
    """A folder with the package as compiled files alone, and a record of what it was made from."""
    folder = tmp_path / "compiled"
    copy = folder / "docsearch_cli"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    lines = []
    for path in sorted(copy.rglob("*.py")):
        digest = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest())
        name, size = path.relative_to(folder).as_posix(), path.stat().st_size
        lines.append(f"{name},sha256={digest.decode().rstrip('=')},{size}\n")
    compileall.compile_dir(copy, quiet=1, legacy=True)
    for path in copy.rglob("*.py"):
        path.unlink()
    lines += ["elsewhere/arrays.py,sha256=x,1\n", "docsearch_cli/py.typed,sha256=x,0\n"]
    lines += ["docsearch_cli/made.py,,\n", "docsearch_cli/other.py,md5=x,1\n", "\n", "x\n"]
    record = folder / f"docsearch_cli-{__version__}.dist-info"
    record.mkdir()
    (record / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: docsearch-cli\nVersion: {__version__}\n"
    )
    (record / "RECORD").write_text("".join(lines))
    return folder


def run_compiled(folder, *words):
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder.parent,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_compiled_files_are_known_by_the_record_of_their_sources(compiled):
    forget()
    ended = run_compiled(compiled, "-c", COMPILED)

    assert ended.stdout.split() == ["record", source_digest(), step_source_digest()], ended.stderr


def test_a_record_of_other_sources_is_other_code(compiled):
    (record,) = compiled.glob("*.dist-info/RECORD")
    record.write_text(
        re.sub(
            "docsearch_cli/arrays.py,sha256=.",
            "docsearch_cli/arrays.py,sha256=_",
            record.read_text(),
        )
    )
    forget()

    assert source_digest() not in run_compiled(compiled, "-c", COMPILED).stdout.split()


def test_compiled_files_without_a_record_are_known_by_their_version(compiled):
    for path in compiled.glob("*.dist-info/*"):
        path.unlink()
    forget()
    basis, *digests = run_compiled(compiled, "-c", COMPILED).stdout.split()

    assert basis == "version"
    assert [len(digest) for digest in digests] == [32, 32]
    assert source_digest() not in digests


def test_compiled_files_index_and_search(compiled):
    write_files(
        compiled.parent / "docs", {"a.md": "# Mill\n\nSee [b](b.md).\n", "b.md": "# Wheel\n"}
    )
    indexed = run_compiled(compiled, "-m", "docsearch_cli", "index", "docs")
    asked = run_compiled(compiled, "-m", "docsearch_cli", "ask", "mill", "--simple")

    assert (indexed.returncode, asked.returncode) == (0, 0), indexed.stderr + asked.stderr
    assert "a.md" in asked.stdout


def test_sources_are_what_the_code_is_known_by_where_they_are_there():
    forget()

    assert code_basis() == "sources"


def test_without_sources_and_packages_there_is_still_a_digest(monkeypatch):
    forget()
    monkeypatch.setattr(fingerprint, "_source_files", dict)
    monkeypatch.setattr(fingerprint, "_recorded_files", dict)
    monkeypatch.setattr(fingerprint, "find_spec", lambda name: None)
    monkeypatch.setattr(fingerprint, "release_of", lambda name: "")

    assert len(step_source_digest()) == 32
    monkeypatch.undo()
    forget()


def test_the_record_is_looked_up_by_the_name_of_the_project():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]

    assert project["name"] == fingerprint.DISTRIBUTION


def test_a_distribution_that_is_not_installed_has_no_release():
    assert fingerprint.release_of("numpy")
    assert fingerprint.release_of("no-such-distribution") == ""
