"""Work for a coordinator, made of functions: what a test or a bench wants its steps to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from docsearch_cli.engine.step_record import StepRecord
from docsearch_cli.engine.step_work import StepWork
from docsearch_cli.steps import HaltReason, PlannedStep


class ScriptedWork(StepWork[Any]):
    """Steps of one function, with what else a test wants to say of them.

    Args:
        function: Registered name.
        prepare: Returns a step's input.
        interpret: Turns an output into the plan's value.
        key_parts: Returns the parts of an input that decide the output.
        fallback: Registered name of what stands in.
        recall: As ``StepWork.recall``.
        recorded: As ``StepWork.is_recorded``.
        stop: As ``StepWork.stop_reason``.
        observe: As ``StepWork.observe``.
    """

    def __init__(
        self,
        function: str,
        *,
        prepare: Callable[[PlannedStep], bytes] = lambda step: step.subject.encode(),
        interpret: Callable[[PlannedStep, bytes], Any] = lambda _, output: output,
        key_parts: Callable[[bytes], Mapping[str, bytes]] = lambda payload: {"input": payload},
        fallback: str = "",
        recall: Callable[[StepRecord], bool] = lambda _: False,
        recorded: Callable[[int], bool] = lambda _: False,
        stop: Callable[[], HaltReason | None] = lambda: None,
        observe: Callable[[StepRecord], None] = lambda _: None,
    ) -> None:
        self.function = function
        self.fallback = fallback
        self.source = "source"
        self.cache_tag = "digest"
        self._prepare = prepare
        self._interpret = interpret
        self._key_parts = key_parts
        self._recall = recall
        self._recorded = recorded
        self._stop = stop
        self._observe = observe
        self._payloads: dict[int, bytes] = {}

    def prepare(self, step: PlannedStep) -> bytes:
        self._payloads[step.number] = self._prepare(step)
        return self._payloads[step.number]

    def key_parts(self, step: PlannedStep) -> Mapping[str, bytes]:
        return self._key_parts(self._payloads[step.number])

    def interpret(self, step: PlannedStep, output: bytes) -> Any:
        return self._interpret(step, output)

    def recall(self, record: StepRecord) -> bool:
        return self._recall(record)

    def is_recorded(self, number: int) -> bool:
        return self._recorded(number)

    def observe(self, record: StepRecord) -> None:
        self._observe(record)

    def stop_reason(self) -> HaltReason | None:
        return self._stop()
