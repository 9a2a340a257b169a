from __future__ import annotations

import pytest

from docsearch_cli.cli.run_checks import plain_amount


@pytest.mark.parametrize(
    ("amount", "shown"),
    [(0, "0"), (2_400_000, "2,400,000"), (400.0, "400"), (0.60612, "0.606"), (123.4, "123.400")],
)
def test_an_amount_is_shown_with_all_its_digits(amount: float, shown: str) -> None:
    assert plain_amount(amount) == shown
