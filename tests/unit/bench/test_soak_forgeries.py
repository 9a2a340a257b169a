import re

from tests.bench.soak.soak_forgeries import kinds_of_forgeries
from tests.support import REPOSITORY
from tests.unit.runs.forgeries import ON_TRUST


def test_the_guarantees_say_how_many_kinds_of_forgeries_are_tried():
    page = " ".join((REPOSITORY / "docs" / "guarantees.md").read_text("utf-8").split())
    said = re.search(
        r"forgeries of (\d+) kinds .*? All of the (\d+) kinds that must be noticed are; the (\d+)"
        r" others",
        page,
    )
    kinds = len(kinds_of_forgeries())

    assert said is not None
    assert list(map(int, said.groups())) == [kinds, kinds - len(ON_TRUST), len(ON_TRUST)]
