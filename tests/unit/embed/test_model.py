import shutil
import sys

import pytest

from docsearch_cli.embed.model import IndexedModel, find_model
from docsearch_cli.embed.question_vector import _encoder
from docsearch_cli.embed.trust import remember_model
from docsearch_cli.errors import ModelError
from docsearch_cli.installation import install_hint
from tests.support import needs
from tests.unit.embed.tiny_bert import write_tiny_bert

needs("tokenizers", reason="comes with the extra for vectors")


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "model"
    made.mkdir()
    write_tiny_bert(made)
    return made


def test_a_folder_is_a_model_by_its_absolute_path(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    found = find_model("./model")

    assert (found.name, found.folder) == (str(folder), folder)
    assert len(found.revision) == 32


def test_a_copy_has_the_same_revision(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")

    assert find_model(str(tmp_path / "copy")).revision == find_model(str(folder)).revision


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_changed_file_is_another_revision(folder, name):
    before = find_model(str(folder)).revision
    data = bytearray((folder / name).read_bytes())
    data[-1] ^= 1
    (folder / name).write_bytes(data)

    assert find_model(str(folder)).revision != before


def test_the_end_of_large_weights_counts(folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes() + bytes(2_000_000))
    before = find_model(str(folder)).revision
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")

    assert find_model(str(folder)).revision != before


@pytest.mark.parametrize(
    "name", ["./nowhere", "/nowhere/at/all", "~/nowhere", "~nobody-of-this-name/model", "a/b/c"]
)
def test_a_folder_that_is_not_there_is_never_looked_for_on_the_hub(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(ModelError, match="no folder"):
        find_model(name, fetch=True)


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"modules\.json"):
        find_model(str(tmp_path))


def test_a_name_without_the_extra_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(ModelError) as error:
        find_model("all-MiniLM-L6-v2", fetch=True)

    assert error.value.hint == install_hint("semantic")


def test_a_name_that_an_index_brings_along_is_not_fetched(monkeypatch):
    hub = pytest.importorskip("huggingface_hub", reason="comes with the extra for vectors")
    asked = []

    def download(repository, *, local_files_only=False, **_):
        asked.append((repository, local_files_only))
        raise hub.errors.LocalEntryNotFoundError("not here")

    monkeypatch.setattr(hub, "snapshot_download", download)
    with pytest.raises(ModelError, match="not on this machine") as error:
        find_model("some-model")

    assert asked == [("sentence-transformers/some-model", True)]
    assert "--model some-model" in (error.value.hint or "")


def test_a_hub_that_cannot_be_reached_is_named_with_a_way_out(monkeypatch):
    hub = pytest.importorskip("huggingface_hub", reason="comes with the extra for vectors")

    def download(repository, *, local_files_only=False, **_):
        raise hub.errors.LocalEntryNotFoundError("no network\nand more")

    monkeypatch.setattr(hub, "snapshot_download", download)
    with pytest.raises(ModelError, match=r"cannot be fetched: no network$") as error:
        find_model("some/model", fetch=True)

    assert "give a folder" in (error.value.hint or "")


def test_a_model_that_changed_since_indexing_is_refused(folder):
    model = IndexedModel(str(folder), "0" * 32, 8, True)
    remember_model(model.name, model.revision)
    with pytest.raises(ModelError, match="has changed since"):
        _encoder(model)


def test_the_extra_missing_at_question_time_says_how_to_go_on(folder, monkeypatch):
    found = find_model(str(folder))
    remember_model(found.name, found.revision)
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(ModelError) as error:
        _encoder(IndexedModel(found.name, found.revision, 8, True))

    assert "--no-model" in (error.value.hint or "")
