"""A cloned folder that brings a ``.docsearch``: nothing that it names is loaded, run or fetched."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from docsearch_cli.config import load_settings
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import current_generation, open_index
from docsearch_cli.search.ask import ask
from docsearch_cli.search.result import AskOptions
from tests.hashing import HashEncoder
from tests.support import needs, write_files
from tests.unit.embed.tiny_bert import write_tiny_bert
from tests.unit.index.forging import forge_manifest

FILES = {
    "retries.md": "# Retries\n\nA retry waits. See [limits](limits.md).\n",
    "limits.md": "# Limits\n\nThe buffer limit is 12 megabytes.\n",
}
ASKED = "which buffer limit holds while a retry waits?"
QUESTIONS = json.dumps({"id": "1", "question": ASKED, "gold": ["limits.md"]}) + "\n"


class _Loader:
    """Stands where models are opened, loaded and fetched, and keeps what was asked for."""

    def __init__(self, monkeypatch):
        self.asked = []
        monkeypatch.setattr("docsearch_cli.embed.encoder._load", self._refuse)
        monkeypatch.setattr("docsearch_cli.embed.bert.BertEncoder.load", self._refuse)
        hub = pytest.importorskip("huggingface_hub", reason="comes with the extra 'semantic'")
        monkeypatch.setattr(hub, "snapshot_download", self._refuse)

    def _refuse(self, *what, **_):
        self.asked.append(what)
        raise OSError("this is not to be called")


@pytest.fixture
def loader(monkeypatch):
    return _Loader(monkeypatch)


def write_hostile_model(folder: Path) -> Path:
    """A model whose first module is code that lies beside it."""
    folder.mkdir()
    write_tiny_bert(folder)
    modules = json.loads((folder / "modules.json").read_text("utf-8"))
    modules[0]["type"] = "hostile.Module"
    (folder / "modules.json").write_text(json.dumps(modules), "utf-8")
    (folder / "hostile.py").write_text(
        f"open({str(folder.parent / 'ran')!r}, 'w').close()\n", "utf-8"
    )
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The runs of a clone, of which there is one; nobody writes here."""
    folder = tmp_path_factory.mktemp("recorded")
    home = folder / ".docsearch"
    build_index(home, [write_files(folder / "docs", FILES)])
    settings = load_settings({"max_agents": 1}, environment={"DOCSEARCH_CONFIG_DIR": "/"})
    ask(home, open_index(home), ASKED, AskOptions(settings, "deep", "inline"))
    return home / "runs"


@pytest.fixture
def clone(inline, runs, tmp_path):
    """A folder with documents, a model, and an index with embeddings and a run."""
    write_files(tmp_path / "docs", FILES)
    (tmp_path / "q.jsonl").write_text(QUESTIONS, "utf-8")
    write_hostile_model(tmp_path / "model")
    encoder = HashEncoder()
    build_index(
        tmp_path / ".docsearch",
        [tmp_path / "docs"],
        encoder=lambda: encoder,
        revision=encoder.model.revision,
    )
    shutil.copytree(runs, tmp_path / ".docsearch" / "runs")
    return tmp_path


NAMES = ["./model", "model", "{clone}/model", "all-MiniLM-L6-v2", "strangers/model"]
COMMANDS = [
    ("index", "docs"),
    ("index", "docs", "--rebuild"),
    ("index", "docs", "--watch"),
    ("ask", ASKED, "--simple"),
    ("ask", ASKED, "--deep", "--engine", "inline"),
    ("ask", ASKED, "--dry-run"),
    ("ask", ASKED, "--refresh"),
    ("eval", "q.jsonl"),
    ("fork", "RUN", "--at", "0", "--set", "max_agents=2", "--accept-drift"),
]


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_a_model_that_a_found_index_names_is_never_loaded(inline, clone, loader, name, fast):
    (run,) = (path.name for path in (clone / ".docsearch" / "runs").iterdir())
    named = name.format(clone=clone)
    model = {"name": named, "revision": "a" * 32, "dimensions": 64, "fast": fast}
    forge_manifest(clone / ".docsearch", model=model)

    for command in COMMANDS:
        ended = inline(*(run if word == "RUN" else word for word in command))

        assert ended.code == 3, command
        assert f"{named!r}, which you have not named on this machine" in ended.stderr, command
    assert loader.asked == []


def test_a_name_of_a_stranger_is_quoted_in_what_is_copied_into_a_shell(inline, clone, loader):
    model = {"name": "a; touch ran", "revision": "a" * 32, "dimensions": 64, "fast": True}
    forge_manifest(clone / ".docsearch", model=model)
    said = inline("ask", ASKED, "--simple").stderr

    assert "docsearch index PATH --model 'a; touch ran'" in said
    assert "DOCSEARCH_MODEL='a; touch ran'" in said


@pytest.mark.parametrize("name", NAMES)
def test_a_model_that_found_settings_name_is_never_loaded(inline, clone, loader, name):
    named = name.format(clone=clone)
    home = clone / ".docsearch"
    (home / "index" / current_generation(home) / "manifest.json").write_text("{")
    settings = {"version": 1, "language": None, "model": {"name": named, "revision": "a" * 32}}
    (home / "settings.json").write_text(json.dumps(settings), "utf-8")

    for command in (("index", "docs"), ("index", "docs", "--rebuild")):
        ended = inline(*command)

        assert ended.code == 3
        assert f"{named!r}, which you have not named on this machine" in ended.stderr
    assert loader.asked == []
    assert inline("index", "docs", "--no-model").code == 0


@pytest.mark.parametrize("command", [("replay", "RUN"), ("replay", "RUN", "--step", "1")])
def test_a_replay_needs_no_model(inline, clone, loader, command):
    (run,) = (path.name for path in (clone / ".docsearch" / "runs").iterdir())
    ended = inline(*(run if word == "RUN" else word for word in command))

    assert ended.code == 0
    assert loader.asked == []


def test_a_found_index_can_be_used_without_its_embeddings(inline, clone, loader):
    assert inline("index", "docs", "--no-model").code == 0
    assert "12 megabytes" in inline("ask", ASKED, "--simple").stdout
    assert loader.asked == []


def test_a_folder_of_the_current_folder_is_never_taken_for_a_name(inline, clone, loader):
    write_hostile_model(clone / "all-MiniLM-L6-v2")
    inline("index", "docs", "--model", "all-MiniLM-L6-v2", "--rebuild")

    assert [asked for (asked, *_) in loader.asked] == ["sentence-transformers/all-MiniLM-L6-v2"] * 2


def test_a_bare_name_of_a_folder_is_told_how_folders_are_given(inline, clone, loader):
    ended = inline("index", "docs", "--model", "model")

    assert ended.code == 3
    assert "give ./model" in ended.stderr


def test_code_beside_a_model_is_not_run_even_where_a_person_named_the_folder(docsearch, clone):
    needs("sentence_transformers", reason="comes with the extra 'semantic'")
    ended = docsearch("index", "docs", "--model", "./model")

    assert ended.code == 3
    assert "code of the model's own" in ended.stderr
    assert not (clone / "ran").exists()


def test_a_configuration_beside_an_index_names_no_model(inline, clone, loader):
    (clone / "docsearch.toml").write_text('model = "./model"\n', "utf-8")
    ended = inline("ask", ASKED, "--simple")

    assert ended.code == 3
    assert "unknown settings: model" in ended.stderr
    assert loader.asked == []


def test_refresh_reads_no_folder_whose_inode_a_stranger_could_guess(inline, clone):
    inline("index", "docs", "--no-model")
    home = clone / ".docsearch"
    seen = home / "index" / f"{current_generation(home)}.seen"
    status = Path("/").stat()
    forge_manifest(home, roots=[{"name": "", "path": "/"}])
    np.save(seen / "roots.npy", np.array([[status.st_dev, status.st_ino]] * 2, np.int64))
    ended = inline("ask", ASKED, "--refresh")

    assert ended.code == 3
    assert "was not made here" in ended.stderr


def test_a_quote_is_looked_up_though_the_file_is_the_one_indexed(inline, clone):
    inline("index", "docs", "--no-model")
    home = clone / ".docsearch"
    folder = home / "index" / current_generation(home)
    text = folder / "sections.texts.utf8"
    text.write_bytes(text.read_bytes().replace(b"12 megabytes", b"99 megabytes"))
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["files"][text.name]["sha256"] = hashlib.sha256(text.read_bytes()).hexdigest()
    forge_manifest(home, files=manifest["files"])
    ended = inline("ask", "buffer limit megabytes", "--simple", "--json")
    (quote,) = (item for item in ended.data["evidence"] if "99" in item["quote"])

    assert quote["state"] == "changed"
