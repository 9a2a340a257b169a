"""What a run asked of a model is verified as its pages are: requests, costs, decisions."""

import re

import pytest

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.runs.verify import verify_run
from tests.unit.runs.asking_forgeries import BY_ASKING
from tests.unit.runs.forging import forging


def test_the_run_is_verified_before_anything_is_forged(asking_record):
    with forging(asking_record) as forgery:
        forgery.add_up()

    verified = verify_run(asking_record)

    assert verified.rerun == len(verified.trace.steps) + 3
    assert {"max_requests", "model_tokens", "max_cost"} <= {
        line.name for line in verified.certificate
    }
    assert any("only its provider knows" in item.why for item in verified.trusted)


def test_it_is_verified_with_its_index_too(asking_record, asking_run):
    verified = verify_run(asking_record, asking_run.world.index)

    assert verified.rebuilt == len(verified.trace.steps) + 3


@pytest.mark.parametrize(
    ("message", "forge"), BY_ASKING, ids=[forge.__name__ for _, forge in BY_ASKING]
)
def test_a_forgery_is_refused(asking_record, message, forge):
    with forging(asking_record) as forgery:
        forge(forgery)

    with pytest.raises(RunCorruptError) as raised:
        verify_run(asking_record)
    assert re.fullmatch(message, raised.value.message), raised.value.message
