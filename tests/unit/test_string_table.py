import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from docsearch_cli import string_table
from docsearch_cli.errors import IndexCorruptError
from docsearch_cli.string_table import StringTable, StringWriter, save_strings

in_folder = hypothesis_settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def table(folder, rows):
    save_strings(folder, "t", rows)
    return StringTable.load(folder, "t")


@in_folder
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_strings_are_read_as_written(tmp_path, rows):
    found = table(tmp_path, rows)

    assert [found[row] for row in range(len(found))] == rows


def test_an_empty_table_has_no_rows(tmp_path):
    found = table(tmp_path, [])

    assert len(found) == 0
    assert found.find("a") is None


def test_a_table_of_empty_strings_keeps_its_rows(tmp_path):
    assert len(table(tmp_path, ["", ""])) == 2


def test_lone_surrogates_do_not_break_a_table(tmp_path):
    assert table(tmp_path, ["bad\udcff.md"])[0] == "bad?.md"


@in_folder
@given(st.sets(st.text(st.characters(exclude_categories=["Cs"])), min_size=1), st.data())
def test_every_row_of_a_sorted_table_is_found(tmp_path, rows, data):
    ordered = sorted(rows, key=str.encode)
    wanted = data.draw(st.sampled_from(ordered))

    assert table(tmp_path, ordered).find(wanted) == ordered.index(wanted)


@pytest.mark.parametrize("text", ["", "aa", "b", "zz", "é"])
def test_what_is_not_in_a_table_is_not_found(tmp_path, text):
    assert table(tmp_path, ["a", "ab", "c"]).find(text) is None


def test_a_table_whose_blob_is_short_is_named(tmp_path):
    save_strings(tmp_path, "t", ["abc", "def"])
    (tmp_path / "t.utf8").write_bytes(b"abc")

    with pytest.raises(IndexCorruptError, match=r"t\.utf8"):
        StringTable.load(tmp_path, "t")


def test_a_table_whose_blob_is_missing_is_named(tmp_path):
    save_strings(tmp_path, "t", ["abc"])
    (tmp_path / "t.utf8").unlink()

    with pytest.raises(IndexCorruptError, match=r"t\.utf8"):
        StringTable.load(tmp_path, "t")


texts = st.lists(st.text(st.sampled_from("ab\u00e9"), max_size=6), max_size=8)


@in_folder
@given(texts, st.text(st.sampled_from("ab\u00e9"), min_size=1, max_size=3))
def test_every_row_that_contains_a_text_is_found_once(tmp_path, rows, part):
    found = table(tmp_path, rows).find_all(part)

    assert found == [row for row, text in enumerate(rows) if part in text]


@in_folder
@given(texts.filter(bool), st.data())
def test_rows_come_singly_together_and_in_spans(tmp_path, rows, data):
    found = table(tmp_path, rows)
    encoded = [row.encode() for row in rows]
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=6))
    first = data.draw(st.integers(0, len(rows)))
    end = data.draw(st.integers(first, len(rows)))
    blob, sizes = found.span(first, end)

    assert found.rows() == encoded
    assert [found.raw(row) for row in range(len(found))] == encoded
    assert found.take(np.array(chosen, np.int64)) == [encoded[row] for row in chosen]
    assert (blob, sizes.tolist()) == (b"".join(encoded[first:end]), [*map(len, encoded[first:end])])


def test_a_table_remembers_what_was_looked_up_and_not_too_much(tmp_path, monkeypatch):
    monkeypatch.setattr(string_table, "_MOST_REMEMBERED", 2)
    found = table(tmp_path, ["a", "b", "c"])
    searched = []
    search = found._search
    monkeypatch.setattr(found, "_search", lambda text: searched.append(text) or search(text))

    assert [found.find(text) for text in "aabbcca"] == [0, 0, 1, 1, 2, 2, 0]
    assert searched == ["a", "b", "c", "a"]


def test_a_table_written_piece_by_piece_is_the_same_files(tmp_path):
    with StringWriter(tmp_path, "a") as writer:
        writer.extend([b"one", b""])
        writer.copy(b"twothree", np.array([3, 5], np.int64))
    save_strings(tmp_path, "b", ["one", "", "two", "three"])

    for suffix in ("utf8", "offsets.npy"):
        assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


@pytest.mark.parametrize(("rows", "good"), [(2, True), (1, False), (3, False)])
def test_a_table_has_as_many_rows_as_it_should(tmp_path, rows, good):
    save_strings(tmp_path, "t", ["a", ""])

    if good:
        assert len(StringTable.load(tmp_path, "t", rows=rows)) == 2
    else:
        with pytest.raises(IndexCorruptError, match=r"t\.offsets"):
            StringTable.load(tmp_path, "t", rows=rows)
    with pytest.raises(IndexCorruptError, match=r"t\.offsets"):
        StringTable.load(tmp_path, "t", may_be_empty=False)


def test_rows_that_begin_with_a_text_are_found_in_order(tmp_path):
    rows = ["a", "ab", "abé", "ac", "b", "é", "éa"]
    save_strings(tmp_path, "words", rows)
    table = StringTable.load(tmp_path, "words")

    assert table.beginning_with("ab") == ["ab", "abé"]
    assert table.beginning_with("é") == ["é", "éa"]
    assert table.beginning_with("x") == []
    assert table.beginning_with("") == rows
