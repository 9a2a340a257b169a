from docsearch_cli.engine.step_record import StepRecord
from docsearch_cli.engine.step_work import StepWork
from docsearch_cli.steps import PlannedStep

STEP = PlannedStep(1, "traverse", "a.md", 0, 1.0, None, 0, "keyword")


class Plain(StepWork[bytes]):
    """What says nothing of recalling, observing and stopping."""

    function, fallback, source, cache_tag = "test.echo@1", "", "", ""

    def prepare(self, step):
        return step.subject.encode()

    def key_parts(self, step):
        return {}

    def interpret(self, step, output):
        return output


def test_work_recalls_nothing_and_never_stops_a_run_unless_it_says_so():
    work = Plain()
    record = StepRecord(STEP, "1-traverse-abc", work.function, work.prepare(STEP))
    work.observe(record)

    assert not work.recall(record)
    assert not record.has_ended
    assert not work.is_recorded(1)
    assert work.stop_reason() is None
