"""What is compared with docsearch: missing programs are left out, rankings are read as printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import bench_others, fts5_usual
from tests.bench.bench_others import Engine, MissingError, Tools, find_engines
from tests.bench.harness import Process


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "sub").mkdir(parents=True)
    (folder / "cats.md").write_text("Cats sleep. Cats purr.\n", encoding="utf-8")
    (folder / "sub" / "dogs.md").write_text("Dogs bark; a cat hides.\n", encoding="utf-8")
    return folder


def test_programs_that_are_not_installed_are_left_out_with_the_reason(
    docs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    names = [engine.name for engine in find_engines(docs, tmp_path, Tools(tmp_path / "tools"))]

    assert names[0] == "docsearch"
    assert not any("qmd" in name or "ripgrep" in name for name in names)
    assert "qmd is left out: no qmd is installed" in capsys.readouterr().out


def test_a_package_is_found_in_the_folder_it_was_fetched_into(tmp_path: Path) -> None:
    info = tmp_path / "python" / "made_up-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up\nVersion: 1.2\n")

    assert Tools(tmp_path).package("made-up") == "1.2"
    with pytest.raises(MissingError):
        Tools(None).package("made-up")


def test_a_scan_is_put_in_order_by_its_matches(
    docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = Process(0.0, 0.0, 0, "ripgrep 15.0.0\n", "")
    monkeypatch.setattr(Tools, "program", lambda self, name: name)
    monkeypatch.setattr(bench_others, "run_process", lambda command: version)
    engine = bench_others.ripgrep(docs, tmp_path, Tools(None))

    assert engine.paths(f"{docs}/cats.md:2\n{docs}/sub/dogs.md:11\n") == ["sub/dogs.md", "cats.md"]
    assert [word for word in engine.ask("Do the cats purr?") if word in {"Do", "cats", "purr"}] == [
        "cats",
        "purr",
    ]


def test_fts5_takes_any_word_of_a_question_and_ranks(
    docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index = str(tmp_path / "index.sqlite")
    fts5_usual.build(str(docs), index)
    fts5_usual.query(index, 'Which "cats" purr? (AND NOT dogs*)')

    assert capsys.readouterr().out.splitlines() == [
        f"{docs}/cats.md",
        f"{docs}/sub/dogs.md",
    ]


def test_recall_counts_gold_among_the_first_five(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "\n".join(f"page-{number}" for number in range(8))
    monkeypatch.setattr(
        bench_others, "run_process", lambda command, expect: Process(0.1, 9.0, 0, said, "")
    )
    engine = Engine("echo", None, lambda question: [question], str.splitlines, tmp_path)
    engine.answer("one", ["page-0", "page-4"])
    engine.answer("two", ["page-1", "page-5"])

    assert engine.figures()["R@5"] == 0.75
