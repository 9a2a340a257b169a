"""A new user's session, word for word, on a narrow, a usual and a wide terminal."""

import pytest

from tests.support import usual_or_soak
from tests.terminals import SIZES, commands, found_session, report


def test_the_session_is_long_enough_to_mean_something():
    assert len(commands()) >= 60


@pytest.mark.parametrize(("columns", "rows"), usual_or_soak(SIZES[1:2], SIZES))
def test_a_session_is_printed_as_it_was(columns, rows):
    differs = report(columns, found_session(columns, rows))

    assert not differs, differs
