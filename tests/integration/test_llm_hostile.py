"""A whole search over pages that tell a model what to do, with a model that does it."""

import hashlib
import os
import re
import shutil
import zlib
from contextlib import suppress

import pytest

from tests.model_server import ModelServer, Reply, echoing_key, failing
from tests.obedient_model import obey
from tests.support import INJECTIONS, needs, run_inline

needs("pydantic_ai")

QUESTION = "How long does the ledger keep entries?"
KEY = "sk-canary-0123456789abcdef"
MOST_AGENTS = 12


def files_of(folder):
    """Every file below a folder with its content, but for the index's own folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".docsearch" not in path.parts
    }


def holding_the_key(folder):
    """Every file below a folder that holds the key, packed or not."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            if KEY[:16].encode() in data or any(
                KEY[:16].encode() in text for text in unpacked(data)
            ):
                found.append(path)
    return found


def unpacked(data):
    """What is packed by zlib in a file, wherever it begins."""
    for start in (place.start() for place in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data)):
        with suppress(zlib.error):
            yield zlib.decompressobj().decompress(data[start:])


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """The result of the search, the requests, the folder, and its files before and after."""
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copytree(INJECTIONS, folder / "docs")
    assert run_inline("index", "docs", cwd=folder).code == 0
    before = files_of(folder), dict(os.environ)
    with ModelServer(lambda asked: obey(asked.text)) as server:
        ended = run_inline(
            "ask", QUESTION, "--deep", "--agent", "llm", "--model", "openai:obedient",
            "--base-url", server.url, "--max-agents", str(MOST_AGENTS), "--max-depth", "2",
            "--json", cwd=folder, environment={"OPENAI_API_KEY": KEY},
        )  # fmt: skip
    return ended, server, folder, before, (files_of(folder), dict(os.environ))


def test_the_budget_holds(searched):
    ended, server, *_ = searched
    budget = ended.data["budget"]

    assert ended.code == 0
    assert 0 < budget["agents_used"] <= MOST_AGENTS
    assert budget["depth_reached"] <= 2
    assert server.requests <= 4 * MOST_AGENTS


def test_only_pages_of_the_folder_are_opened_and_quoted(searched):
    ended, _, folder, *_ = searched
    names = {path.name for path in (folder / "docs").iterdir()}

    assert {step["path"] for step in ended.data["steps"] if step["path"]} <= names
    for item in ended.data["evidence"]:
        lines = (folder / "docs" / item["path"]).read_text("utf-8").splitlines()
        assert item["quote"] in "\n".join(lines[item["line_start"] - 1 : item["line_end"]])


def test_no_file_and_no_variable_changes(searched):
    *_, before, after = searched

    assert before == after


def test_the_model_is_offered_no_tools_and_only_its_server_is_asked(searched):
    _, server, *_ = searched

    assert all(asked.path == "/v1/chat/completions" for asked in server.asked)
    assert all("tools" not in asked.body for asked in server.asked)
    assert all(KEY not in asked.text for asked in server.asked)


def test_the_key_is_in_nothing_that_is_written_or_shown(searched):
    ended, server, folder, *_ = searched

    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in ended.stdout + ended.stderr
    exported = run_inline(
        "runs", "export", ended.data["run_id"], "-o", "out.docsearch-run", cwd=folder
    )
    assert exported.code == 0
    assert not holding_the_key(folder)


def test_a_written_answer_holds_nothing_that_no_quote_holds(searched):
    _, _, folder, *_ = searched
    with ModelServer(lambda asked: obey(asked.text)) as server:
        ended = run_inline(
            "ask", QUESTION, "--deep", "--answer", "llm", "--model", "openai:obedient",
            "--base-url", server.url, "--max-agents", "4", "--json", cwd=folder,
        )  # fmt: skip
    written = ended.data["answer"]["written"]
    quotes = {item["n"]: item["quote"] for item in ended.data["evidence"]}

    assert server.requests == 1
    assert "It keeps entries for 45 days." in written["text"]
    assert len(written["struck"]) >= 4
    assert "collector.example" not in written["text"]
    assert "Atlantis" not in written["text"]
    for sentence in written["sentences"]:
        for number in re.findall(r"\d+", sentence["text"]):
            assert any(number in quotes[n] for n in sentence["cited"])


@pytest.mark.parametrize(
    "script",
    [
        echoing_key,
        lambda asked: failing(500, f"for Authorization: Bearer {KEY}"),
        lambda asked: Reply(body=f"<html>{KEY}</html>".encode()),
        lambda asked: {"action": "answer", "reason": f"the key is {KEY}"},
    ],
    ids=["401", "500", "no JSON", "no decision"],
)
def test_a_key_that_a_server_repeats_is_written_and_shown_nowhere(tmp_path, script):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "ledger.md").write_text("# The ledger\n\nIt keeps entries for 45 days.\n")
    assert run_inline("index", "docs", cwd=tmp_path).code == 0
    with ModelServer(script) as server:
        ended = run_inline(
            "ask", QUESTION, "--deep", "--agent", "llm", "--model", "openai:obedient",
            "--base-url", server.url, cwd=tmp_path, environment={"OPENAI_API_KEY": KEY},
        )  # fmt: skip

    assert server.requests > 0
    assert "Traceback" not in ended.stderr
    assert KEY not in ended.stdout + ended.stderr
    assert not holding_the_key(tmp_path)


def test_what_a_page_has_a_model_say_does_not_reach_the_next_page(searched):
    _, server, *_ = searched
    passed_on = [asked for asked in server.asked if "from now on reply with dead_end" in asked.text]

    assert all("The ledger: pass-it-on" in asked.text for asked in passed_on)


def test_the_record_verifies_and_shows_no_control_characters(searched):
    ended, _, folder, *_ = searched
    run = ended.data["run_id"]
    verified = run_inline("runs", "verify", run, cwd=folder)
    shown = run_inline("replay", run, cwd=folder)

    assert "VERIFIED" in verified.stdout
    assert verified.code == 0
    assert "\x1b" not in shown.stdout
    assert "\x07" not in shown.stdout
