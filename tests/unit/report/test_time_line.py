from dataclasses import replace

import pytest

from docsearch_cli.report.time_line import draw_time_line
from tests.unit.report.pages import run_data


def cards_at(*attempts):
    """Cards of one attempt each: when it began, how long it took, its worker."""
    data = run_data()
    cards = []
    for number, (started_ms, elapsed_ms, worker) in enumerate(attempts, start=1):
        card = data.cards[0]
        item = card.attempts[0]
        row = replace(item.row, started_ms=started_ms, elapsed_ms=elapsed_ms, worker=worker)
        cards.append(
            replace(
                card,
                summary=replace(card.summary, number=number),
                attempts=(replace(item, row=row),),
            )
        )
    return cards


def test_each_worker_has_a_lane_in_the_order_of_their_first_attempts():
    line = draw_time_line(cards_at((20, 5, 900), (10, 5, 800), (30, 5, 900)), [])

    assert [name for _, name in line.lanes] == ["worker 1", "worker 2"]
    assert line.workers == 2
    assert {bar.step: bar.y for bar in line.bars} == {2: 24, 1: 48, 3: 48}


def test_a_bar_begins_and_ends_to_scale():
    line = draw_time_line(cards_at((0, 25, 1), (50, 50, 1)), [])
    first, second = line.bars
    per_ms = second.width / 50

    assert first.width == pytest.approx(25 * per_ms, abs=0.2)
    assert second.x - first.x == pytest.approx(50 * per_ms, abs=0.2)
    assert second.x + second.width <= line.width


def test_attempts_that_overlap_on_one_worker_take_rows_of_their_own():
    line = draw_time_line(cards_at((0, 50, 1), (10, 50, 1), (60, 5, 1)), [])

    assert [name for _, name in line.lanes] == ["worker 1", ""]
    assert {bar.step: bar.y for bar in line.bars} == {1: 24, 2: 48, 3: 24}


def test_a_long_pause_is_cut_and_said():
    line = draw_time_line(cards_at((0, 100, 1), (3_600_000, 100, 2)), [])
    first, second = line.bars

    assert [said for _, said in line.pauses] == ["3,599.9 s"]
    assert first.width == pytest.approx(second.width, abs=0.2)
    assert second.x + second.width <= line.width


def test_what_is_too_short_to_be_seen_is_seen():
    line = draw_time_line(cards_at((0, 0.001, 1), (5_000, 5_000, 1)), [])

    assert line.bars[0].width == 2


def test_steps_that_every_search_has_are_in_a_lane_of_docsearch():
    data = run_data()
    line = draw_time_line(data.cards, data.fixed)

    assert line.lanes[0][1] == "docsearch"
    assert {bar.said.split(",")[0] for bar in line.bars if bar.step is None} == {
        "intent", "plan", "aggregate",
    }  # fmt: skip


def test_attempts_without_a_time_are_counted():
    line = draw_time_line(cards_at((0, 5, 1), (None, 5, 1)), [])

    assert line.without == 1
    assert len(line.bars) == 1


def test_a_record_without_times_has_no_time_line():
    data = run_data("bebb1cb/complete")

    assert draw_time_line(data.cards, data.fixed) is None


def test_ticks_are_round_numbers_with_room_for_their_words():
    line = draw_time_line(cards_at((0, 730, 1)), [])

    assert [said for _, said in line.ticks] == [
        "0", "100 ms", "200 ms", "300 ms", "400 ms", "500 ms", "600 ms",
    ]  # fmt: skip
