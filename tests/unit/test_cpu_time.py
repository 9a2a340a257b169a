import pytest

from tests.cpu_time import cpu_s, grows_linearly


def test_a_call_costs_what_the_processor_took() -> None:
    assert 0 < cpu_s(lambda: sum(range(100_000))) < 1


@pytest.mark.parametrize(("power", "linear"), [(1, True), (1.3, True), (2, False)])
def test_input_of_the_square_is_told_from_linear(power: float, linear: bool) -> None:
    assert grows_linearly(lambda size: size**power / 1e6, 40_000) == linear


def test_a_busy_moment_does_not_decide() -> None:
    noise = iter([0.0, 9.0, 3.0, 0.0])

    assert grows_linearly(lambda size: size / 1e4 + next(noise), 40_000)
