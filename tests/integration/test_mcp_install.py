"""``docsearch mcp install``: shown, agreed to, written; a second time changes nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import command_line


@pytest.fixture
def install(fenwick, inline):
    return lambda *words: inline("mcp", *words)


@pytest.fixture
def file():
    return Path(os.environ["HOME"]) / ".cursor" / "mcp.json"


@pytest.fixture(autouse=True)
def no_file_is_there(file):
    yield
    file.unlink(missing_ok=True)


def test_the_change_is_shown_and_written_and_the_entry_starts_the_server(fenwick, install, file):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text('{\n  // mine\n  "mcpServers": {"a": {"command": "b"}}\n}\n')
    ended = install("--max-agents", "7", "install", "cursor", "--yes")
    text = file.read_text()
    entry = json.loads(text.replace("// mine", ""))["mcpServers"]["docsearch"]
    asked = subprocess.run(
        [entry["command"], *entry["args"]],
        input=b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}\n',
        capture_output=True,
        cwd="/",
        timeout=60,
        check=False,
    )

    assert ended.code == 0
    assert '+    "docsearch": {' in ended.stdout
    assert "// mine" in text
    assert entry["args"][-2:] == ["--max-agents", "7"]
    assert str(fenwick / ".docsearch") in entry["args"]
    assert asked.returncode == 0

    again = install("--max-agents", "7", "install", "cursor", "--yes")

    assert (again.code, again.stdout) == (0, "")
    assert "nothing was changed" in again.stderr
    assert file.read_text() == text


def test_nothing_is_written_without_being_asked_for(install, file):
    refused = install("install", "cursor")
    printed = install("install", "cursor", "--print")

    assert refused.code == 2
    assert "--yes writes it" in refused.stderr
    assert json.loads(printed.stdout)["mcpServers"]["docsearch"]["command"]
    assert not file.exists()


def test_as_json(install, file):
    ended = install("install", "cursor", "--yes", "--json", "--name", "notes")

    assert ended.data["changed"]
    assert ended.data["file"] == str(file)
    assert json.loads(file.read_text())["mcpServers"]["notes"] == ended.data["entry"]


def test_a_project_has_its_own_file(fenwick, install):
    ended = install("install", "vscode", "--project", "--yes")

    assert ended.code == 0
    assert json.loads((fenwick / ".vscode" / "mcp.json").read_text())["servers"]["docsearch"]


def test_the_entry_to_paste_has_lines(install, file):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text('{"mcpServers": ')
    refused = install("install", "cursor", "--yes")

    assert refused.code == 3
    assert json.loads(refused.stdout)["mcpServers"]["docsearch"]["command"]
    assert len(refused.stdout.splitlines()) > 5
    assert "a value is missing in line 1" in refused.stderr
    assert "\u240a" not in refused.stderr
    assert file.read_text() == '{"mcpServers": '


def test_what_an_entry_keeps_is_shown(install, file):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        '{"mcpServers": {"docsearch": {"env": {"LD_PRELOAD": "a.so"},\n\n\n\n\n"command": "a"}}}'
    )
    ended = install("install", "cursor", "--yes")
    again = install("install", "cursor", "--yes")

    assert '"LD_PRELOAD": "a.so"' in ended.stdout
    for said in (ended.stderr, again.stderr):
        assert "keeps what docsearch did not put there: env.LD_PRELOAD" in said
    assert "next: restart Cursor" in ended.stderr


def test_without_a_client_all_are_listed(install):
    listed = install("install")
    as_json = install("install", "--json")

    assert len(listed.stdout.splitlines()) == len(as_json.data["clients"]) >= 8


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["install", "emacs"], 2, "there is no client"),
        (["install", "cursor", "--name", "a b", "--print"], 2, "is not a name"),
        (["install", "windsurf", "--project"], 2, "has no file for a project"),
        (["install", "cursor", "--index", "/nowhere", "--print"], 3, "there is no index"),
        (["--http", "install", "cursor"], 2, "--http"),
    ],
)
def test_what_cannot_be_done_is_said(install, words, code, said):
    ended = install(*words)

    assert ended.code == code
    assert said in ended.stderr


def test_a_person_is_asked_on_a_terminal(fenwick):
    import pty

    for answer, exists in ((b"n\n", False), (b"y\n", True)):
        leader, follower = pty.openpty()
        process = subprocess.Popen(
            command_line("mcp", "install", "opencode", "--project"),
            cwd=fenwick,
            stdin=follower,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        os.write(leader, answer)
        out, said = process.communicate(timeout=60)
        os.close(leader)
        os.close(follower)

        assert b"docsearch" in out
        assert b"Write " in said
        assert (fenwick / "opencode.json").exists() == exists
        assert (b"nothing was written" in said) == (not exists)
        assert process.returncode == 0


def test_the_list_of_clients_needs_no_sdk(fenwick):
    program = (
        "import sys; sys.argv = ['docsearch', 'mcp', 'install'];"
        "from docsearch_cli.cli.app import main\n"
        "try: main()\n"
        "except SystemExit: print('mcp' in sys.modules, 'numpy' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=fenwick, capture_output=True, text=True, check=True
    )

    assert ran.stdout.split()[-2:] == ["False", "False"]
