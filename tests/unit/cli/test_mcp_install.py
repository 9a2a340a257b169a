"""The words that start the server: whatever folder they are run in, they run this program."""

import subprocess
import sys

import pytest

from docsearch_cli.cli.mcp_install import server_command


@pytest.fixture
def bare_python(tmp_path, monkeypatch):
    """An interpreter without a script beside it, and no script that was started."""
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(sys, "argv", ["-c"])
    return python


def make_script(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_without_a_script_no_module_of_the_current_folder_is_run(bare_python, tmp_path):
    words = server_command()
    folder = tmp_path / "cloned"
    (folder / "docsearch_cli").mkdir(parents=True)
    (folder / "docsearch_cli" / "__main__.py").write_text("print('a stranger')")
    ran = subprocess.run(
        [*words, "--version"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert words[0] == str(bare_python)
    assert "a stranger" not in ran.stdout


def test_the_script_that_was_started_is_named_by_its_real_path(bare_python, tmp_path, monkeypatch):
    script = make_script(tmp_path / "tools" / "docsearch")
    link = tmp_path / "links" / "docsearch"
    link.parent.mkdir()
    link.symlink_to(script)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["links/docsearch"])

    assert server_command() == [str(script)]


def test_a_script_beside_the_interpreter_is_taken(bare_python):
    script = make_script(bare_python.with_name("docsearch"))

    assert server_command() == [str(script)]


def test_a_name_without_a_folder_is_not_looked_up_in_the_current_one(
    bare_python, tmp_path, monkeypatch
):
    make_script(tmp_path / "docsearch")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["docsearch"])

    assert server_command() == [str(bare_python), "-P", "-m", "docsearch_cli"]
