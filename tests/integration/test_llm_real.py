"""A search with a real language model: that the protocol works, not that the model is good.

Opt-in: ``DOCSEARCH_TEST_MODEL_URL`` names a server that speaks OpenAI's protocol, such as
``tests/bench/small_model_server.mjs`` with a model of 135 million parameters.
"""

import os

import pytest

from tests.support import needs, run_command

needs("pydantic_ai")

URL = os.environ.get("DOCSEARCH_TEST_MODEL_URL", "")
pytestmark = pytest.mark.skipif(not URL, reason="DOCSEARCH_TEST_MODEL_URL names no server")
PATIENT = {
    "DOCSEARCH_STEP_TIMEOUT_S": "300",
    "DOCSEARCH_DEADLINE_S": "1200",
    "DOCSEARCH_READING_TOKENS": "150",
    "DOCSEARCH_WINDOW": "1",
}


def test_a_small_model_is_asked_and_its_run_verifies(tmp_path):
    (tmp_path / "docs").mkdir()
    page = "# {}\n\nThe {} keeps entries for {} days. See [the other]({}.md).\n"
    for name, days, other in (("ledger", 45, "vault"), ("vault", 9, "ledger")):
        (tmp_path / "docs" / f"{name}.md").write_text(page.format(name, name, days, other))
    assert run_command("index", "docs", cwd=tmp_path).code == 0
    ended = run_command(
        "ask", "How long does the ledger keep entries?", "--deep", "--agent", "llm",
        "--model", "openai:small", "--base-url", URL, "--max-agents", "2", "--json",
        cwd=tmp_path, environment=PATIENT, timeout_s=1_300,
    )  # fmt: skip

    assert ended.code == 0
    assert 1 <= ended.data["budget"]["requests"] <= 8
    assert ended.data["budget"]["model_tokens"] > 0
    assert ended.data["budget"]["agents_used"] >= 1
    assert {step["status"] for step in ended.data["steps"]} <= {"ok", "degraded"}
    assert run_command("runs", "verify", ended.data["run_id"], cwd=tmp_path).code == 0
