import pytest

from docsearch_cli.errors import UsageError
from docsearch_cli.service.caps import Caps


def test_what_is_asked_for_within_a_cap_stays():
    clamped = []

    assert Caps(max_agents=30).clamp("max_agents", 30, clamped) == 30
    assert clamped == []


def test_what_is_above_a_cap_is_cut_and_said():
    clamped = []

    assert Caps(max_agents=30).clamp("max_agents", 1_000, clamped) == 30
    assert clamped == ["max_agents 1,000 is above the cap of this server; 30 is used"]


@pytest.mark.parametrize(
    "wrong", [{"max_agents": 2_001}, {"max_depth": -1}, {"rows": 0}, {"explorations": 10**9}]
)
def test_a_cap_that_is_out_of_range_is_refused(wrong):
    with pytest.raises(UsageError, match=next(iter(wrong))):
        Caps(**wrong)
