from __future__ import annotations

import pytest

from docsearch_cli.cli.run_checks import _line_in_words, plain_amount
from docsearch_cli.config import load_settings
from docsearch_cli.runs.certificate import certify


@pytest.mark.parametrize(
    ("amount", "shown"),
    [(0, "0"), (2_400_000, "2,400,000"), (400.0, "400"), (0.60612, "0.606"), (123.4, "123.400")],
)
def test_an_amount_is_shown_with_all_its_digits(amount: float, shown: str) -> None:
    assert plain_amount(amount) == shown


def test_a_deadline_is_shown_as_it_was_set_and_what_a_run_may_last_beyond_it() -> None:
    limits = load_settings({}, environment={"DOCSEARCH_CONFIG_DIR": "/"}).run_limits()
    lines = certify([], {}, limits, frontier_peak=0, tokens_returned=0, explore_s=1.397)
    shown = [_line_in_words(line) for line in lines]

    assert shown[-1].split(maxsplit=1) == ["deadline_s", "1.397 of 120 (+ 3 to end)"]
    assert shown[0].split(maxsplit=1) == ["max_agents", "0 of 20"]
