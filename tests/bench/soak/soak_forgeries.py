"""Forged records, every hash made right again: which kinds does ``runs verify`` notice?

    python -m tests.bench.soak.soak_forgeries [--records N]

Each kind of ``tests/unit/runs/forgeries.py`` and ``test_forgeries.py`` is tried on so many records
of random corpora, with the index of the run at hand. A kind that does not fit a record (a page
without edges has none to forge) is left out there. What is not noticed is named; it is a fault
unless it is a kind that is taken on trust.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docsearch_cli.errors import RunCorruptError, RunDriftError
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.verify import verify_run
from tests.bench.harness import scratch
from tests.unit.runs import test_forgeries
from tests.unit.runs.forgeries import BY_INDEX, ON_TRUST
from tests.unit.runs.forging import Recorded, forging, record_run

# Of another agent: one that may decide otherwise each time.
LEFT_OUT = test_forgeries.OF_AN_AGENT
# Errors of a forger who finds nothing to forge, not of what is forged.
NOTHING_TO_FORGE = (StopIteration, IndexError, KeyError, ValueError, AssertionError, TypeError)
EVENTS = 20


def records(folder: Path, count: int) -> list[Recorded]:
    """Record runs that have as many events as the forgeries are written for."""
    found: list[Recorded] = []
    draw = random.Random(55)
    seed = 55
    while len(found) < count:
        recorded = record_run(folder / str(seed), seed)
        store = RunStore(recorded.path)
        if len(store.events()) == EVENTS:
            found.append(recorded)
        store.close()
        seed = draw.randrange(10**6)
    return found


def try_one(
    recorded: Recorded, folder: Path, forge: Callable[[Any], None], *, is_damage: bool
) -> str:
    """Forge one record; return what became of it."""
    store = recorded.copy_to(folder)
    before = [(event.kind, event.data) for event in store.events()]
    try:
        if is_damage:
            forge(store)
        else:
            with forging(store) as forgery:
                forge(forgery)
            if [(event.kind, event.data) for event in store.events()] == before:
                return "does not fit"
    except RunCorruptError:
        pass  # the forger's own sums do not come out: what is written so far is looked at
    except NOTHING_TO_FORGE:
        return "does not fit"
    try:
        verify_run(store, recorded.world.index)
    except RunCorruptError:
        return "noticed"
    except RunDriftError:
        return "refused"
    finally:
        store.close()
    return "unnoticed"


def kinds_of_forgeries() -> list[tuple[Callable[[Any], None], bool]]:
    """Return each kind that is tried, and whether it damages a record without making it right."""
    return [
        (forge, is_damage)
        for group, is_damage in (
            (test_forgeries.FORGERIES, False),
            (BY_INDEX, False),
            (ON_TRUST, False),
            (test_forgeries.DAMAGES, True),
        )
        for _, forge in group
        if forge.__name__ not in LEFT_OUT
    ]


def main() -> int:
    """Run, and say what was not noticed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--records", type=int, default=4, help="how many (4)")
    options = parser.parse_args()
    trusted = {forge.__name__ for _, forge in ON_TRUST}
    kinds = kinds_of_forgeries()
    outcomes: Counter[str] = Counter()
    unnoticed: Counter[str] = Counter()
    with scratch() as folder:
        runs = records(folder, options.records)
        for forge, is_damage in kinds:
            for number, recorded in enumerate(runs):
                place = folder / "forged" / forge.__name__ / str(number)
                became = try_one(recorded, place, forge, is_damage=is_damage)
                outcomes[became] += 1
                unnoticed[forge.__name__] += became == "unnoticed"
    tried = outcomes.total() - outcomes["does not fit"]
    faults = sorted(name for name, count in unnoticed.items() if count and name not in trusted)
    known = sorted(name for name, count in unnoticed.items() if count and name in trusted)
    print(
        f"{tried} forgeries of {len(kinds)} kinds: {outcomes['noticed']} noticed, "
        f"{outcomes['unnoticed']} not; {outcomes['does not fit']} did not fit their record"
    )
    print(f"taken on trust, as is said: {', '.join(known)}")
    for name in faults:
        print(f"not noticed: {name}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
