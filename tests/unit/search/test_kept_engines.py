"""Engines that are lent to one search after another."""

import threading

import pytest

from docsearch_cli.engine.protocol import StepCall
from docsearch_cli.search.kept_engines import KeptEngines
from docsearch_cli.search.result import AskOptions
from tests.support import is_gone, wait_until


@pytest.fixture
def options(desk):
    return AskOptions(desk.settings(workers=1), mode="deep")


@pytest.fixture
def kept():
    engines = KeptEngines(2)
    yield engines
    engines.close()


def test_an_engine_that_was_handed_back_is_lent_again(kept, options):
    kept.start(options).close()
    workers = list(kept.worker_pids())
    again = kept.start(options)

    assert len(workers) == 1
    assert list(kept.worker_pids()) == []
    again.close()
    assert list(kept.worker_pids()) == workers


def test_two_searches_at_once_have_an_engine_each(kept, options):
    one, two = kept.start(options), kept.start(options)
    one.close()
    two.close()

    assert len(set(kept.worker_pids())) == 2


def test_a_search_beyond_the_most_waits_for_one_to_end(kept, options):
    one, two = kept.start(options), kept.start(options)
    got = []
    waiting = threading.Thread(target=lambda: got.append(kept.start(options)))
    waiting.start()
    waiting.join(0.1)
    was_waiting = waiting.is_alive()
    one.close()
    waiting.join(10)

    two.close()

    assert was_waiting
    assert len(got) == 1
    got[0].close()


def test_an_outcome_that_one_search_left_behind_is_not_another_ones(kept, options):
    first = kept.start(options)
    first.submit(StepCall(1, "first@1", b"", 20))
    first.close()
    second = kept.start(options)
    second.submit(StepCall(1, "second@1", b"", 20))
    outcomes = []
    wait_until(lambda: outcomes.extend(second.poll(0.2)) or outcomes)
    second.close()

    assert [outcome.error.message for outcome in outcomes] == ["second@1"]


def test_handing_back_twice_is_harmless_and_it_is_not_used_after(kept, options):
    engine = kept.start(options)
    engine.close()
    engine.close()

    assert len(kept.worker_pids()) == 1
    with pytest.raises(RuntimeError, match="handed back"):
        engine.free_slots()


def test_what_has_no_processes_is_not_kept(kept, desk, options):
    kept.start(desk.options()).close()
    kept.start(AskOptions(desk.settings(max_agents=0), mode="deep")).close()

    assert list(kept.worker_pids()) == []


def test_closing_ends_the_workers_also_of_what_is_handed_back_later(kept, options):
    late = kept.start(options)
    kept.start(options).close()
    workers = list(kept.worker_pids())
    kept.close()
    late.close()

    assert wait_until(lambda: all(map(is_gone, workers)))
    assert list(kept.worker_pids()) == []
