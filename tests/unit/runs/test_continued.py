"""A run that was cut off on one index and continued on another, verified without either."""

import pytest

from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from docsearch_cli.runs.catalog import opened_run
from docsearch_cli.runs.verify import verify_run
from docsearch_cli.search.result import AskOptions, SearchObserver
from docsearch_cli.search.resume import resume_run
from tests.searching import ask_deep, make_world

LIMITS = {"max_agents": 8, "max_depth": 3, "fan_out": 2, "seeds": 3, "window": 3}


class StopAfter(SearchObserver):
    """Cancels after so many steps."""

    def __init__(self, steps):
        self.left = steps

    def committed(self, step):
        self.left -= 1

    def stop_reason(self):
        return "cancelled" if self.left <= 0 else None


def continued(folder, steps):
    """Return the folder and the id of a run that was finished after the documents had changed."""
    world = make_world(folder, 55, LIMITS)
    run_id = ask_deep(world, observer=StopAfter(steps)).run_id
    for number in range(12):
        (folder / "docs" / f"new{number}.md").write_text("# New\n\nA common page of its own.\n")
    build_index(world.home, [folder / "docs"], workers=1)
    options = AskOptions(settings=world.settings, engine="inline", use_cache=False)
    with opened_run(world.home, run_id) as store:
        result = resume_run(
            world.home,
            open_index(world.home),
            store,
            options=options,
            observer=SearchObserver(),
            accept_drift=True,
        )
    assert result.complete
    return world.home, run_id


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_a_run_that_was_continued_on_another_index_is_verified(tmp_path, steps):
    home, run_id = continued(tmp_path, steps)

    with opened_run(home, run_id) as store:
        assert verify_run(store).trusted
        indexes = {event.data["index"] for event in store.events() if "index" in event.data}

    assert len(indexes) == 2
