import os

import pytest

from docsearch_cli.cli.screen import Screen, fit_rows, screen_of_stdout


def fit(rows, *, trees=(10, 4, 2), quotes=(3, 3, 3), further=4, rest=4, **more):
    return fit_rows(rows, trees=trees, quotes=quotes, further=further, rest=rest, **more)


@pytest.mark.parametrize("rows", [None, 27])
def test_all_is_shown_where_there_is_room(rows):
    assert fit(rows) == (0, 3)


def test_the_tree_is_folded_before_a_quote_is_left_out():
    assert fit(26) == (1, 3)
    assert fit(18) == (1, 3)


def test_the_tree_is_folded_further_only_where_that_shows_more_quotes():
    assert fit(17) == (2, 3)
    assert fit(15) == (2, 2)
    assert fit(13) == (1, 1)


def test_quotes_are_left_out_from_the_end():
    assert fit(15, quotes=(3, 3, 2)) == (2, 3)
    assert fit(14, quotes=(3, 3, 2)) == (2, 2)


def test_one_quote_is_shown_whatever_the_room():
    assert fit(3) == (1, 1)
    assert fit(3, quotes=()) == (1, 0)


def test_as_many_quotes_are_shown_as_were_asked_for():
    assert fit(3, all_quotes=True) == (1, 3)


@pytest.mark.parametrize("given", ["", "x", "0", "-3", "9" * 30, "²"])
def test_a_pipe_has_room_for_everything(given, monkeypatch):
    monkeypatch.setenv("COLUMNS", given)

    assert screen_of_stdout() == Screen(None, None)


def test_columns_stands_for_the_width_of_a_pipe(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")

    assert screen_of_stdout() == Screen(60, None)


def test_a_terminal_that_does_not_know_its_size_has_the_usual_one(monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.fileno", lambda: 1, raising=False)
    monkeypatch.setattr("os.get_terminal_size", lambda _: os.terminal_size((0, 0)))

    assert screen_of_stdout() == Screen(80, 24)


def test_a_terminal_that_cannot_be_asked_has_no_bound(monkeypatch):
    def refuse(_):
        raise OSError

    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr("os.get_terminal_size", refuse)

    assert screen_of_stdout() == Screen(None, None)
