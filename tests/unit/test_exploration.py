"""A search in a thread: its events in order, its end, its error, and how it is stopped."""

import gc
import threading

import pytest

from docsearch_cli.errors import RunFailedError
from docsearch_cli.exploration import Exploration
from docsearch_cli.steps import Drop
from tests.support import wait_until

DROP = Drop(1, 0, "a.md", "fan_out", 0.5)


def search(feed):
    feed.started("7f3a", [])
    feed.dropped([])
    feed.dropped([DROP])
    feed.warn("the cache is full")
    return "found"


def endless(feed):
    assert wait_until(lambda: feed.stop_reason() == "cancelled")
    return "stopped"


def test_events_come_in_order_and_end_with_the_search():
    exploration = Exploration(search)
    events = list(exploration)

    assert [event.kind for event in events] == ["started", "dropped", "warning"]
    assert (events[0].run_id, events[1].drops, events[2].text) == (
        "7f3a",
        (DROP,),
        "the cache is full",
    )
    assert exploration.answer() == "found"


def test_who_iterates_again_is_not_kept_waiting():
    exploration = Exploration(search)

    assert len(list(exploration)) == 3
    assert list(exploration) == []


def test_two_consumers_share_the_events_and_both_end():
    exploration = Exploration(search)
    counts = []
    threads = [
        threading.Thread(target=lambda: counts.append(len(list(exploration)))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert sum(counts) == 3


def test_the_answer_needs_no_iteration():
    assert Exploration(search).answer() == "found"


def test_an_error_comes_after_the_events_and_with_the_answer():
    def failing(feed):
        feed.warn("soon")
        raise RunFailedError("every step failed", hint="none")

    exploration = Exploration(failing)
    events = iter(exploration)

    assert next(events).text == "soon"
    with pytest.raises(RunFailedError):
        next(events)
    with pytest.raises(RunFailedError, match="every step"):
        exploration.answer()


def test_leaving_the_block_stops_the_search_and_waits_for_its_end():
    with Exploration(endless) as exploration:
        pass

    assert exploration.answer() == "stopped"


def test_an_error_in_the_block_stops_the_search_and_goes_on():
    with pytest.raises(KeyError), Exploration(endless) as exploration:
        raise KeyError("mine")

    assert exploration.answer() == "stopped"


def test_one_that_nobody_holds_is_stopped():
    ended = threading.Event()

    def watched(feed):
        endless(feed)
        ended.set()

    exploration = Exploration(watched)
    del exploration
    gc.collect()

    assert ended.wait(10)
