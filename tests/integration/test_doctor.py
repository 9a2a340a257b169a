import json
import shutil
from importlib.util import find_spec

import pytest

from tests.model_server import ModelServer, Reply, busy, echoing_key, failing
from tests.support import FENWICK, run_inline

KEY = "sk-canary-0123456789abcdef"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("doctor")
    shutil.copytree(FENWICK, made / "docs")
    assert run_inline("index", "docs", cwd=made).code == 0
    return made


def checks_of(folder, *words, **environment):
    ended = run_inline("doctor", "--json", *words, cwd=folder, environment=environment)
    assert KEY not in ended.stdout + ended.stderr
    return ended, {check["part"]: check for check in ended.data["checks"]}


def test_without_a_language_model_nothing_is_wrong(folder):
    ended, checks = checks_of(folder)

    assert (ended.code, ended.data["faults"]) == (0, 0)
    assert checks["index"]["status"] == checks["cache"]["status"] == "ok"
    assert checks["model"]["status"] == "note"


def test_an_index_is_not_needed_to_try_a_model(tmp_path):
    ended, checks = checks_of(tmp_path)

    assert (ended.code, checks["index"]["status"]) == (0, "note")


def test_a_damaged_index_is_a_fault(folder, tmp_path):
    shutil.copytree(folder / ".docsearch", tmp_path / ".docsearch")
    largest = max((tmp_path / ".docsearch" / "index").rglob("*.*"), key=lambda p: p.stat().st_size)
    largest.write_bytes(largest.read_bytes()[:-9])
    ended, checks = checks_of(tmp_path)

    assert (ended.code, checks["index"]["status"]) == (5, "fault")
    assert checks["index"]["hint"]


def test_a_wrong_setting_is_a_fault_that_hides_no_other(folder):
    ended, checks = checks_of(folder, DOCSEARCH_MAX_AGENTS="many")

    assert (ended.code, checks["settings"]["status"]) == (5, "fault")
    assert checks["index"]["status"] == "ok"


def try_model(folder, script, *words, **environment):
    with ModelServer(script) as server:
        ended, checks = checks_of(
            folder, "--model", "openai:small", "--base-url", server.url, *words, **environment
        )
    return ended.code, checks, server


@pytest.mark.skipif(find_spec("pydantic_ai") is None, reason="the extra llm is not installed")
class TestModel:
    def test_one_small_request_is_sent(self, folder):
        code, checks, server = try_model(folder, lambda asked: {"ok": True}, OPENAI_API_KEY=KEY)

        assert (code, checks["request"]["status"], server.requests) == (0, "ok", 1)
        assert server.input_tokens < 50
        assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
        assert "OPENAI_API_KEY" in checks["model"]["words"]

    def test_offline_sends_none(self, folder):
        code, checks, server = try_model(folder, lambda asked: {"ok": True}, "--offline")

        assert (code, server.requests) == (0, 0)
        assert "request" not in checks

    @pytest.mark.parametrize(
        ("reply", "words"),
        [
            (echoing_key, "refuses the key"),
            (lambda asked: failing(404, "no", "model_not_found"), "has no model 'small'"),
            (lambda asked: failing(400, "response_format unknown"), "JSON schema"),
            (lambda asked: "Sure! Here you go: true", "not by the JSON schema"),
            (lambda asked: {"ok": "yes"}, "not by the JSON schema"),
            (lambda asked: failing(429, "quota", "insufficient_quota"), "used up"),
            (lambda asked: busy("1"), "429"),
            (lambda asked: Reply(body=b"<html>"), "not one of the protocol"),
        ],
        ids=["key", "model", "schema", "no schema", "other", "quota", "busy", "no protocol"],
    )
    def test_what_is_wrong_with_it_is_said(self, folder, reply, words):
        code, checks, server = try_model(folder, reply, OPENAI_API_KEY=KEY)

        assert (code, checks["request"]["status"], server.requests) == (5, "fault", 1)
        assert words in checks["request"]["words"]

    def test_a_server_that_is_not_there_cannot_be_reached(self, folder):
        with ModelServer(lambda asked: {}) as server:
            gone = server.url
        ended, checks = checks_of(folder, "--model", "openai:small", "--base-url", gone)

        assert ended.code == 5
        assert "cannot be reached" in checks["request"]["words"]


def test_a_missing_key_is_said_before_anything_is_sent(folder):
    ended, checks = checks_of(folder, "--model", "openai:gpt-4o-mini", OPENAI_API_KEY="")

    assert (ended.code, checks["model"]["status"]) == (5, "fault")
    assert "OPENAI_API_KEY" in checks["model"]["hint"]


def test_it_is_read_by_a_person_on_a_narrow_screen(folder):
    ended = run_inline("doctor", cwd=folder, environment={"COLUMNS": "40"})

    assert ended.code == 0
    assert [line.split()[1] for line in ended.stdout.splitlines() if line[:1].strip()][:2] == [
        "program", "index",
    ]  # fmt: skip


def test_the_settings_name_the_model_and_where_its_key_is_from_and_not_the_key(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "config.toml").write_text('[llm]\nmodel = "anthropic:claude-opus-4-8"\n')
    ended = run_inline(
        "config", "show", "--json", cwd=tmp_path,
        environment={"ANTHROPIC_API_KEY": KEY, "DOCSEARCH_CONFIG_DIR": str(tmp_path / "own")},
    )  # fmt: skip

    llm = ended.data["llm"]
    assert llm["model"]["value"] == "anthropic:claude-opus-4-8"
    assert llm["model"]["source"].endswith("config.toml")
    assert llm["key"] == {"value": "set", "source": "ANTHROPIC_API_KEY"}
    assert KEY not in json.dumps(ended.document)


@pytest.mark.parametrize(
    "text",
    [
        '[llm]\nbase_url = "http://127.0.0.1:9/v1"\n',
        '[llm]\nmodel = "openai:x"\nkey_file = "/etc/passwd"\n',
        '[prices]\n"openai:gpt-4o-mini" = { input = 0, output = 0 }\n',
    ],
)
def test_a_folder_that_comes_from_strangers_names_no_model_address_or_price(tmp_path, text):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# A\n\nThe ledger.\n")
    assert run_inline("index", "docs", cwd=tmp_path).code == 0
    (tmp_path / "docsearch.toml").write_text(text)
    with ModelServer(lambda asked: {"ok": True}) as server:
        ended = run_inline(
            "ask", "the ledger", "--deep", "--agent", "llm", "--model", "openai:gpt-4o-mini",
            "--base-url", server.url, cwd=tmp_path, environment={"OPENAI_API_KEY": KEY},
        )  # fmt: skip

    assert ended.code == 3
    assert "come with no folder" in ended.stderr
    assert server.requests == 0
