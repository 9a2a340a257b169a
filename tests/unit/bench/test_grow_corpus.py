"""The grown corpus: the same bytes every time, links that lead somewhere, names of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.bench.grow_corpus import grow
from tests.bench.seed_corpus import GrowError, Seed, read_seed

LINK = re.compile(r"\[([^\]]+)\]\(([^)]+\.md)\)")


@pytest.fixture
def seed(tmp_path: Path) -> Seed:
    folder = tmp_path / "real"
    folder.mkdir()
    for number in range(40):
        (folder / f"page-{number}.md").write_text(
            f"---\ntitle: Old\n---\n# Reading page {number} aloud\n\n"
            f"Introduction of xqword{number}x.\n\n"
            f"## First part\n\nSee [Reading page {(number * 7) % 40} aloud]"
            f"(page-{(number * 7) % 40}.md#top) and [gone](not-here.md).\n\n"
            "```\n# no heading\n```\n\n## Second part\n\nOrdinary words.\n",
            encoding="utf-8",
        )
    return read_seed(folder)


def texts_of(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*.md"))
    }


def test_same_seed_and_size_give_the_same_bytes(seed: Seed, tmp_path: Path) -> None:
    for name, number in (("one", 5), ("two", 5), ("three", 6)):
        grow(seed, tmp_path / name, 1500, number)

    assert texts_of(tmp_path / "one") == texts_of(tmp_path / "two")
    assert texts_of(tmp_path / "one") != texts_of(tmp_path / "three")


def test_size_is_what_was_asked_for_in_folders_that_are_not_too_full(
    seed: Seed, tmp_path: Path
) -> None:
    grown = grow(seed, tmp_path / "out", 3000, 1)
    folders = [list(folder.iterdir()) for folder in (tmp_path / "out").iterdir()]

    assert 3000 <= grown.sections < 3010
    assert grown.documents == sum(map(len, folders))
    assert len(folders) > 1
    assert max(map(len, folders)) <= 300


def test_links_lead_to_grown_documents_under_their_titles(seed: Seed, tmp_path: Path) -> None:
    grow(seed, tmp_path / "out", 1500, 1)
    texts = texts_of(tmp_path / "out")
    links = [(path, *link) for path, text in texts.items() for link in LINK.findall(text)]
    resolved = [
        (words, texts[target])
        for path, words, link in links
        if (target := (Path(path).parent / link).as_posix()) in texts
    ]

    assert len(resolved) > 300
    assert all(text.startswith(f"# {words}\n") for words, text in resolved)
    assert {link for _, words, link in links if words == "gone"} == {"not-here.md"}


def test_titles_are_unique_and_the_seeds_own_front_matter_is_gone(
    seed: Seed, tmp_path: Path
) -> None:
    grown = grow(seed, tmp_path / "out", 3000, 1)
    texts = texts_of(tmp_path / "out")

    assert len({text.split("\n", 1)[0].lower() for text in texts.values()}) == grown.documents
    assert not any("title: Old" in text for text in texts.values())


def test_a_word_that_the_seed_has_once_is_another_in_each_copy(seed: Seed, tmp_path: Path) -> None:
    grow(seed, tmp_path / "out", 3000, 1)
    text = "".join(texts_of(tmp_path / "out").values())
    rare = re.findall(r"Introduction of (\w+)\.", text)

    assert len(rare) > 500
    assert len(set(rare)) > 0.95 * len(rare)
    assert "Ordinary words" in text


def test_a_folder_that_holds_something_is_not_written_to(seed: Seed, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")

    with pytest.raises(GrowError, match="not empty"):
        grow(seed, tmp_path / "out", 100, 1)
