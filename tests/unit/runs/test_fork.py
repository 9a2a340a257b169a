import pytest

from docsearch_cli.runs.fork import Change, Fork, fork_from

EARLIER = Fork("aa", (Change(2, {"fan_out": 2}), Change(5, {"max_depth": 4})))


def test_a_run_that_is_none_is_no_fork():
    assert Fork.of({"fork": None}) is None


def test_a_fork_survives_the_record():
    assert EARLIER.to_dict() == {
        "run": "aa",
        "changes": [
            {"at": 2, "limits": {"fan_out": 2}},
            {"at": 5, "limits": {"max_depth": 4}},
        ],
    }
    assert Fork.of({"fork": EARLIER.to_dict()}) == EARLIER


@pytest.mark.parametrize("fork", [7, {"run": "aa"}, {"run": "aa", "changes": [{"since": 2}]}])
def test_a_fork_that_makes_no_sense_raises(fork):
    with pytest.raises((TypeError, KeyError)):
        Fork.of({"fork": fork})


def test_a_first_fork_has_its_own_change_only():
    assert fork_from("bb", None, 3, {"fan_out": 1}) == Fork("bb", (Change(3, {"fan_out": 1}),))


@pytest.mark.parametrize(("at", "kept"), [(1, 0), (2, 0), (3, 1), (5, 1), (6, 2)])
def test_a_fork_of_a_fork_keeps_the_changes_before_its_own(at, kept):
    fork = fork_from("bb", EARLIER, at, {"fan_out": 9})

    assert fork == Fork("bb", (*EARLIER.changes[:kept], Change(at, {"fan_out": 9})))


def test_limits_are_copied():
    limits = {"fan_out": 1}
    fork = fork_from("bb", None, 0, limits)
    limits["fan_out"] = 2

    assert fork.changes[0].limits == {"fan_out": 1}
