from dataclasses import replace

import pytest

from docsearch_cli.cli.live_frame import LiveFrame, RunState, budget_bars, newest_steps
from docsearch_cli.cli.shell_paths import ShellPaths
from docsearch_cli.config import load_settings
from docsearch_cli.explore.step_summary import StepSummary
from docsearch_cli.search.result import OpenPage

HOSTILE = (
    "\x1b[2J\x1b[31mred",
    "\u202eesrever",
    "漢字" * 40,
    "e" + "\u0301" * 30,
    "👩‍👩‍👧" * 30,
    "a\nb\tc\x9b2J",
)


def step(number, parent=None, node=None, tokens=100, decision="expand"):
    return StepSummary(
        id=f"{number}-traverse", kind="traverse", node=node or f"page-{number}.md",
        path=node or f"page-{number}.md", number=number, parent=parent, parent_id=None, edge="link",
        edge_text="", edge_line=0, depth=0, decision=decision, reason="", heading="", score=0.5,
        status="ok", attempts=1, cached=False, ms=3.0, tokens_read=tokens, follows=2,
    )  # fmt: skip


def state(steps=(), pages=(), **others):
    limits = load_settings({"max_agents": 20}).run_limits()
    return RunState("7f3a", "4 seeds: 4 keyword", limits, 3.2, list(steps), pages, **others)


def shown(state, columns=80, rows=24, fancy=True):
    lines = LiveFrame(ShellPaths(), fancy=fancy).lines(state, columns, rows)
    return [line.plain for line in lines]


def test_bars_say_what_is_used_of_each_limit():
    bars = {bar.name: bar.words for bar in budget_bars(state([step(1), step(2)]))}

    assert bars == {"agents": "2/20", "tokens read": "200/2.4M", "time": "3/120 s"}


def test_a_limit_that_no_run_can_come_near_has_no_bar_and_its_own_number():
    limits = load_settings({"max_agents": 20}).run_limits()
    near = replace(limits, max_tokens=12_000)
    bars = [
        next(bar for bar in budget_bars(RunState(limits=one)) if bar.name == "tokens read")
        for one in (limits, near)
    ]

    assert [(bar.words, bar.most) for bar in bars] == [("0/2.4M", None), ("0/12.0k", 12_000)]


def test_a_model_has_bars_of_its_own():
    spent = {
        "requests": 3, "max_requests": 80, "cached_replies": 0, "model_tokens": 9,
        "cost_micro_usd": 12_000, "max_cost_micro_usd": 500_000,
    }  # fmt: skip
    bars = {bar.name: (bar.words, bar.most) for bar in budget_bars(state(spending=spent))}

    assert bars["requests"] == ("3/80", 80)
    assert bars["cost"] == ("$0.012/$0.50", 500_000)


def test_a_cost_without_a_limit_has_no_bar():
    from docsearch_cli.run_limits import LIMIT_OF

    spent = {
        "requests": 3, "max_requests": 80, "cached_replies": 0, "model_tokens": 9,
        "cost_micro_usd": 12_000, "max_cost_micro_usd": LIMIT_OF["max_cost"].most,
    }  # fmt: skip
    frame = " ".join(shown(state(spending=spent)))

    assert "cost $0.012" in frame
    assert "cost ─" not in frame


def test_a_bar_is_full_only_when_all_is_used():
    nearly = shown(state([step(n) for n in range(1, 20)]))[1]
    all_of_it = shown(state([step(n) for n in range(1, 21)]))[1]

    assert "━━━━━━━━━━━─ 19/20" in nearly
    assert "━━━━━━━━━━━━ 20/20" in all_of_it


def test_the_frame_has_tree_and_open_pages():
    frame = shown(state([step(1), step(2, parent=1), step(3)], [OpenPage(4, "z.md", "The Last")]))

    assert frame[-4:] == [
        "├──  1  →  page-1.md  .50  2 edges  3 ms",
        "│   └──  2  →  page-2.md  .50  2 edges  3 ms  link",
        "└──  3  →  page-3.md  .50  2 edges  3 ms",
        "open   4  z.md  The Last",
    ]


def test_without_more_than_ascii_it_is_ascii():
    frame = shown(state([step(1), step(2, parent=1)], [OpenPage(3, "z.md", "T")]), fancy=False)

    assert "".join(frame).isascii()
    assert "|   `--" not in frame[-3]
    assert "`--  1" in frame[-3]


@pytest.mark.parametrize("columns", [1, 2, 20, 40, 80, 200])
@pytest.mark.parametrize("rows", [1, 2, 3, 5, 8, 13, 24, 50])
@pytest.mark.parametrize("count", [0, 1, 7, 300])
def test_a_frame_fits_any_terminal(columns, rows, count):
    from rich.cells import cell_len

    steps = [step(n, parent=n // 2 or None, node=HOSTILE[n % 6]) for n in range(1, count + 1)]
    pages = [OpenPage(n, HOSTILE[n % 6], HOSTILE[-n % 6]) for n in range(count % 9)]
    frame = shown(state(steps, pages), columns, rows)

    assert 1 <= len(frame) <= max(1, rows - 1)
    assert all(cell_len(line) < max(columns, 2) for line in frame)
    assert not [line for line in frame if any(character < " " for character in line)]


def test_on_few_rows_the_newest_step_and_what_is_open_are_shown():
    steps = [step(n) for n in range(1, 30)]
    frame = shown(state(steps, [OpenPage(30, "z.md", "T")]), 80, 8)

    assert frame[0].startswith("agents 29/20   tokens read 2.9k/2.4M")
    assert "29  →  page-29.md" in frame[-2]
    assert frame[-1] == "open  30  z.md  T"
    assert len(frame) == 7


def test_newest_steps_come_with_what_led_to_them():
    steps = [step(1), step(2), step(3, parent=1), step(4, parent=2), step(5, parent=3)]

    assert [item.number for item in newest_steps(steps, 3)] == [1, 3, 5]
    assert [item.number for item in newest_steps(steps, 5)] == [1, 2, 3, 4, 5]
    assert [item.number for item in newest_steps(steps, 1)] == [5]


def test_pages_beyond_the_room_are_counted():
    frame = shown(state(pages=[OpenPage(n, f"{n}.md", "T") for n in range(8)]), rows=16)

    assert [line for line in frame if line.startswith("open")][-1] == "open  5 more"


def test_ending_early_is_said_on_any_height():
    for rows in (6, 24):
        assert "stopping" in shown(state(is_stopping=True), rows=rows)[0]
