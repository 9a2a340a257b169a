"""A client's configuration file, changed: nothing of it is lost."""

import os
import stat
import sys
import time
import tomllib

import pytest

from docsearch_cli.errors import ConfigError, UsageError
from docsearch_cli.mcp_server.clients import jsonc
from docsearch_cli.mcp_server.clients.installing import Change, is_installed, plan_change, snippet
from docsearch_cli.mcp_server.clients.table import CLIENT_OF, CLIENTS, find_client
from tests.support import REPOSITORY

LINE = ["/bin/docsearch", "mcp", "--index", "/notes"]
NAMES = [client.name for client in CLIENTS]


def loaded(client, text):
    return jsonc.parse(text).data if client.format == "json" else tomllib.loads(text)


@pytest.mark.parametrize("name", NAMES)
def test_the_entry_of_each_client_starts_the_server(name, tmp_path):
    client = CLIENT_OF[name]
    file = tmp_path / "deep" / "settings"
    plan_change(client, file, "docsearch", client.entry(LINE)).make()
    found = loaded(client, file.read_text())
    for key in client.keys:
        found = found[key]
    entry = found["docsearch"]
    command = entry["command"]

    assert (command if isinstance(command, list) else [command, *entry["args"]]) == LINE
    assert is_installed(client, file, "docsearch")
    assert not is_installed(client, file, "other")
    assert not plan_change(client, file, "docsearch", client.entry(LINE)).is_needed


@pytest.mark.parametrize("name", NAMES)
def test_each_client_names_its_file_and_the_page_that_says_so(name, tmp_path, monkeypatch):
    client = CLIENT_OF[name]
    page = (REPOSITORY / "docs" / "mcp.md").read_text("utf-8")
    monkeypatch.setattr(sys, "platform", "darwin")
    on_mac = client.file(in_project=False, folder=tmp_path)
    monkeypatch.setattr(sys, "platform", "linux")
    on_linux = client.file(in_project=False, folder=tmp_path)

    assert client.source.startswith("https://")
    assert f"`{client.name}`" in page
    assert client.source in page
    assert on_mac.is_absolute()
    assert on_linux.is_absolute()
    assert (on_mac == on_linux) == (not client.mac_file)


def test_a_file_of_a_project_is_in_its_folder(tmp_path):
    assert (
        CLIENT_OF["cursor"].file(in_project=True, folder=tmp_path) == tmp_path / ".cursor/mcp.json"
    )
    with pytest.raises(UsageError, match="has no file for a project"):
        CLIENT_OF["windsurf"].file(in_project=True, folder=tmp_path)


def test_a_variable_may_name_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEX_HOME", "/elsewhere")

    assert (
        str(CLIENT_OF["codex"].file(in_project=False, folder=tmp_path)) == "/elsewhere/config.toml"
    )


def test_an_unknown_client_is_told_which_there_are():
    with pytest.raises(UsageError) as raised:
        find_client("emacs")

    assert "cursor" in raised.value.hint


@pytest.fixture
def cursor():
    return CLIENT_OF["cursor"]


def change(client, file):
    return plan_change(client, file, "docsearch", client.entry(LINE))


def test_the_diff_shows_what_is_added(cursor, tmp_path):
    file = tmp_path / "mcp.json"
    file.write_text('{\n  "mcpServers": {}\n}\n')
    rows = change(cursor, file).diff().splitlines()

    assert '+    "docsearch": {' in rows
    assert file.read_text() == '{\n  "mcpServers": {}\n}\n'


def test_who_may_read_a_file_and_where_it_leads_stays(cursor, tmp_path):
    real = tmp_path / "dotfiles.json"
    real.write_text("{}")
    real.chmod(0o600)
    link = tmp_path / "mcp.json"
    link.symlink_to(real)
    planned = change(cursor, link)
    planned.make()

    assert link.is_symlink()
    assert f"+++ {real}" in planned.diff().splitlines()
    assert is_installed(cursor, real, "docsearch")
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dotfiles.json", "mcp.json"]


def test_a_byte_order_mark_stays(cursor, tmp_path):
    file = tmp_path / "mcp.json"
    file.write_bytes(b"\xef\xbb\xbf{}")
    change(cursor, file).make()

    assert file.read_bytes().startswith(b"\xef\xbb\xbf{\n")
    assert is_installed(cursor, file, "docsearch")
    assert not change(cursor, file).is_needed


@pytest.mark.parametrize(
    "content", [b"{", b"\xff\xfe{}", b'{"mcpServers": []}', b"[1]", b"<xml/>", b"{" * 10_000]
)
def test_a_file_that_cannot_be_edited_is_left_and_the_entry_shown(cursor, tmp_path, content):
    file = tmp_path / "mcp.json"
    file.write_bytes(content)
    with pytest.raises(ConfigError) as raised:
        change(cursor, file)

    assert "is left as it is" in raised.value.message
    assert '"docsearch": {' in raised.value.hint
    assert file.read_bytes() == content


def test_a_file_with_a_key_twice_is_left_as_it_is(cursor, tmp_path):
    file = tmp_path / "mcp.json"
    file.write_text('{"mcpServers": {"a": {}}, "mcpServers": {}}')
    after = change(cursor, file).after.decode()

    assert after.startswith('{"mcpServers": {"a": {}}, "mcpServers": {')


def test_a_file_that_changed_meanwhile_is_not_written(cursor, tmp_path):
    file = tmp_path / "mcp.json"
    file.write_text("{}")
    planned = change(cursor, file)
    file.write_text('{"new": 1}')

    with pytest.raises(ConfigError, match="changed meanwhile"):
        planned.make()
    assert file.read_text() == '{"new": 1}'


def test_a_huge_file_is_left_as_it_is(cursor, tmp_path):
    file = tmp_path / "mcp.json"
    file.write_text(" " * 1_000_001)

    with pytest.raises(ConfigError, match="larger than"):
        change(cursor, file)


@pytest.mark.parametrize(
    "lines", [["{"] * 300_000, [str(n % 150) for n in range(180_000)], ["//" * 499_000]]
)
def test_a_hostile_file_does_not_make_the_diff_slow(tmp_path, lines):
    before = "\n".join(lines)
    planned = Change(tmp_path, tmp_path, before.encode(), f"x\n{before}\ny".encode(), {})
    began = time.process_time()

    assert "+x" in planned.diff().splitlines()
    assert time.process_time() - began < 2


def test_a_pipe_in_its_place_does_not_block(cursor, tmp_path):
    os.mkfifo(tmp_path / "mcp.json")

    with pytest.raises(ConfigError, match="no regular file"):
        change(cursor, tmp_path / "mcp.json")


def in_project(client, folder):
    file = client.file(in_project=True, folder=folder)
    return plan_change(client, file, "docsearch", client.entry(LINE), project=folder)


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize("link", [".cursor/mcp.json", ".cursor"])
def test_no_link_leads_out_of_a_project(cursor, tmp_path, link, is_there):
    own = tmp_path / "home"
    project = tmp_path / "project"
    (project / link).parent.mkdir(parents=True)
    target = own if link == ".cursor" else own / "mcp.json"
    if is_there:
        own.mkdir()
        (own / "mcp.json").write_text("{}")
    (project / link).symlink_to(target)

    with pytest.raises(ConfigError, match="a link leads out of the project") as raised:
        in_project(cursor, project)
    assert str(own / "mcp.json") in raised.value.message
    assert own.exists() == is_there


def test_a_link_that_stays_in_the_project_is_followed(cursor, tmp_path):
    project = tmp_path / "project"
    (project / "settings").mkdir(parents=True)
    (project / ".cursor").symlink_to("settings")
    by_link = tmp_path / "link"
    by_link.symlink_to(project)
    in_project(cursor, by_link).make()

    assert is_installed(cursor, project / "settings" / "mcp.json", "docsearch")


def test_a_link_that_was_changed_meanwhile_is_not_followed(cursor, tmp_path):
    planned = in_project(cursor, tmp_path)
    (tmp_path / ".cursor").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(ConfigError, match="changed meanwhile"):
        planned.make()
    assert not (tmp_path / "elsewhere").exists()


PREPARED = {
    "cursor": """{"mcpServers": {"docsearch": {
        "env": {"LD_PRELOAD": "./a.so"}, "cwd": "x", "env2": {}, "command": "old"
    }, "other": {"command": "o"}}}""",
    "codex": (
        "[mcp_servers.docsearch.env]\nLD_PRELOAD = './a.so'\n\n# of the other\n"
        "[mcp_servers.other]\ncommand = 'o'\n"
        "[mcp_servers.docsearch]\ncwd = 'x'\nenv2 = {}\ncommand = 'old'\n# the end\n"
    ),
}


@pytest.mark.parametrize("name", PREPARED)
def test_an_entry_that_a_project_brings_keeps_nothing(name, tmp_path):
    client = CLIENT_OF[name]
    file = client.file(in_project=True, folder=tmp_path)
    file.parent.mkdir(parents=True)
    file.write_text(PREPARED[name])
    planned = in_project(client, tmp_path)
    planned.make()
    found = loaded(client, file.read_text())[client.keys[0]]

    assert found == {"docsearch": client.entry(LINE), "other": {"command": "o"}}
    assert planned.entry == client.entry(LINE)
    assert planned.kept == ()
    assert set(planned.dropped) == {"env.LD_PRELOAD", "cwd", "env2"}
    assert not in_project(client, tmp_path).is_needed
    for remark in ("# of the other", "# the end") if name == "codex" else ():
        assert remark in file.read_text()


@pytest.mark.parametrize("name", PREPARED)
def test_what_an_own_entry_keeps_is_named(name, tmp_path):
    client = CLIENT_OF[name]
    file = tmp_path / "settings"
    file.write_text(PREPARED[name])
    planned = change(client, file)
    planned.make()

    assert set(planned.kept) == {"env.LD_PRELOAD", "cwd", "env2"}
    assert planned.had_entry
    assert planned.entry["env"] == {"LD_PRELOAD": "./a.so"}
    assert loaded(client, file.read_text())[client.keys[0]]["docsearch"] == planned.entry
    assert change(client, file).kept == planned.kept


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_an_error(cursor, tmp_path):
    file = tmp_path / "mcp.json"
    file.write_text("{}")
    file.chmod(0)

    with pytest.raises(ConfigError):
        change(cursor, file)


def test_a_folder_in_its_place_is_an_error(cursor, tmp_path):
    (tmp_path / "mcp.json").mkdir()

    with pytest.raises(ConfigError, match="no regular file"):
        change(cursor, tmp_path / "mcp.json")


def test_a_snippet_is_a_whole_file():
    vscode = CLIENT_OF["vscode"]

    assert jsonc.parse(snippet(vscode, "n", vscode.entry(LINE))).data == {
        "servers": {"n": {"type": "stdio", "command": LINE[0], "args": LINE[1:]}}
    }
