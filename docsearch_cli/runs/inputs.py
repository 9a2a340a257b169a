"""What each step of a run was given, made again from what came before it.

With the index that the run was recorded on, every input is built anew and must be the recorded one,
byte for byte. Without it, what follows from the record alone is: the question, the terms found on
the way to a page, all that the fan-in is given of the pages that were opened. The rest, which only
the index says, must at least agree with itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.explore.answerability import missing_names
from docsearch_cli.explore.facts import intent_facts
from docsearch_cli.explore.fan_in import gather_opened, opened_nodes
from docsearch_cli.explore.findings import MOST_DOCUMENTS, AggregateInput, Findings
from docsearch_cli.explore.intent import IntentInput, intent_input_from_dict
from docsearch_cli.explore.keyword_ranking import simple_ranking
from docsearch_cli.explore.learning import may_be_sought
from docsearch_cli.explore.node_step import NodeStep
from docsearch_cli.explore.scored_question import MOST_QUESTION_CHARS, ScoredQuestion
from docsearch_cli.explore.seeds import Candidate, gather_candidates
from docsearch_cli.explore.view import View
from docsearch_cli.retrieval.stems import Stems
from docsearch_cli.runs.canonical import read_canonical
from docsearch_cli.runs.differences import find_differences
from docsearch_cli.runs.limits import limits_at_dispatch, model_at_dispatch, schedule_of
from docsearch_cli.runs.replan import Replanned
from docsearch_cli.runs.run_agent import agent_of
from docsearch_cli.runs.step_row import StepRow
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import Trace
from docsearch_cli.steps import canonical_json, estimate_tokens

# What a step is given whose node is not in the index any more.
_NOTHING = b"{}"


class InputCheck:
    """Makes the inputs of one run's steps again.

    Args:
        store: The run's record.
        trace: What it holds.
        scored: Its question against the index that it was recorded on; None without that.
    """

    def __init__(self, store: RunStore, trace: Trace, scored: ScoredQuestion | None) -> None:
        self.rebuilt = 0
        """Inputs that the index gives byte for byte."""
        self._store = store
        self._trace = trace
        self._scored = scored
        self._question = trace.facts["question"]
        self._indexes = len({by["index"] for by in (trace.facts, *trace.resumed)})
        """How many it was recorded on: a run may be continued on another."""
        self._agent = agent_of(trace)
        self._intent: IntentInput | None = None
        self._candidates: tuple[Candidate, ...] = ()

    def check_beginning(self) -> None:
        """Check what the intent was detected from and the seeds were chosen from.

        Raises:
            RunCorruptError: If either is not what the question and the index give.
        """
        for row in self._trace.fixed:
            if row.kind == "intent":
                self._check_intent(row)
            elif row.kind == "plan":
                self._check_candidates(row)

    def _check_intent(self, row: StepRow) -> None:
        data = self._load(row)
        facts = intent_input_from_dict(data)
        expected = replace(facts, question=self._question)
        if self._scored is not None:
            expected = intent_facts(self._scored)
            self.rebuilt += 1
        self._compare(row, asdict(expected), _filled(data, asdict(facts)))
        self._intent = facts

    def _check_candidates(self, row: StepRow) -> None:
        data = self._load(row)
        self._candidates = tuple(Candidate(**item) for item in data["candidates"])
        starts, most = self._trace.facts["starts"], schedule_of(self._trace).first.seeds
        started = [item.node for item in self._candidates if item.started]
        if sorted(started) != sorted(set(starts)):
            raise RunCorruptError("the seeds begin elsewhere than the run was asked to")
        expected: list[Any] = [asdict(item) for item in self._candidates]
        if self._scored is not None:
            rows = [
                found for node in starts if (found := self._scored.index.node_row(node)) is not None
            ]
            made = gather_candidates(self._scored, count=most, starts=rows)
            expected = [asdict(item) for item in made]
            self.rebuilt += 1
        self._compare(row, {"candidates": expected, "most": most}, data)

    def check_views(self, replanned: Replanned) -> None:
        """Check what the agent of each step was shown.

        Args:
            replanned: The run, planned again.

        Raises:
            RunCorruptError: If it is not what the index has of the node, or not what was known on
                the way to it.
        """
        scores = {item.node: (item.path, item.score) for item in self._candidates}
        first: View | None = None
        begun = 1
        stems: dict[str, Stems] = {}
        for row in self._trace.steps:
            assert row.planned is not None  # those of a run are planned
            payload = self._store.blob(row.input)
            limits = limits_at_dispatch(self._trace, row.planned.number)
            covered = replanned.steps.covered_before(row.planned)
            taught = replanned.steps.taught_before(row.planned)
            if self._scored is not None:
                self._rebuild(row, payload, covered, taught)
                continue
            if payload == _NOTHING:
                continue
            view = View.from_dict(self._load(row))
            first = first or view
            shared: dict[str, Any] = {
                name: getattr(first, name) for name in ("tokens", "idf", "known_share")
            }
            own = {name: getattr(view, name) for name in shared}
            differs = own != shared or stems.get(view.language, view.stems) != view.stems
            if differs and begun < self._indexes:  # what follows was made on another index
                first, shared, begun = view, own, begun + 1
                stems = {}
            shared["stems"] = stems.setdefault(view.language, view.stems)
            own["stems"] = view.stems
            held = set(covered)
            expected = {
                **shared,
                "covered": tuple(term for term in view.tokens if term in held),
                "model": self._model_at(row.planned.number),
            }
            self._compare(row, expected, {**own, "covered": view.covered, "model": view.model})
            if not may_be_sought(view, taught):
                raise RunCorruptError(f"step {row.id} looked for what no page before it taught")
            read = sum(estimate_tokens(section.text) for section in view.sections)
            if read > limits.reading_tokens or len(view.edges) > limits.proposals:
                raise RunCorruptError(f"step {row.id} was shown more than its limits allow")
            known = scores.get(view.node, (view.path, view.node_score))
            if self._indexes == 1 and known != (view.path, view.node_score):
                raise RunCorruptError(f"step {row.id} and the seeds disagree on {view.node}")

    def _rebuild(
        self, row: StepRow, payload: bytes, covered: Sequence[str], taught: Sequence[str]
    ) -> None:
        assert self._scored is not None and row.planned is not None
        node = self._scored.index.node_row(row.planned.subject)
        if node is None:
            expected = _NOTHING
        else:
            number = row.planned.number
            expected = NodeStep.build(
                self._agent,
                self._scored,
                node,
                covered=covered,
                taught=taught,
                limits=limits_at_dispatch(self._trace, number),
                model=self._model_at(number),
            ).payload
        if payload != expected:
            self._compare(row, read_canonical(expected), self._load(row))
        self.rebuilt += 1

    def _model_at(self, step: int) -> str:
        """Return the model that a step's agent might ask; empty for an agent that asks none."""
        return model_at_dispatch(self._trace, step).name if self._agent.asks_model else ""

    def check_fan_in(self, row: StepRow, trace: Trace, replanned: Replanned) -> None:
        """Check what the fan-in was given.

        Args:
            row: The step.
            trace: The run up to there.
            replanned: The same, planned again.

        Raises:
            RunCorruptError: If that is not what the steps found, or not what the index has.
        """
        data = self._load(row)
        facts = AggregateInput.from_dict(data)
        answer_tokens = schedule_of(trace).last.answer_tokens
        assert self._intent is not None  # it comes before
        if self._scored is not None:
            ranking = simple_ranking(self._scored, MOST_DOCUMENTS)
            gathered = gather_opened(
                self._scored,
                self._intent,
                replanned.plan,
                replanned.steps,
                ranking,
                answer_tokens=answer_tokens,
            )
            self.rebuilt += 1
            self._compare(row, gathered.to_dict(), _filled(data, facts.to_dict()))
            return
        missing = self._intent.term_count - len(facts.tokens)
        verdict = replace(
            facts.verdict,
            best_share=self._intent.best_share,
            missing=self._intent.missing,
            named=bool(self._intent.named),
            most_terms=self._intent.most_terms,
            missing_names=missing_names(
                self._question[:MOST_QUESTION_CHARS], facts.idf, facts.language
            ),
        )
        expected = replace(
            facts,
            opened=tuple(opened_nodes(replanned.plan, replanned.steps)),
            answer_tokens=answer_tokens,
            most_documents=MOST_DOCUMENTS,
            verdict=verdict,
            known_share=round(_known_share(facts.idf, missing), 4),
        )
        if self._indexes > 1:  # the last one decided, and what was asked of it is not recorded
            expected = replace(expected, verdict=facts.verdict, known_share=facts.known_share)
        self._compare(row, expected.to_dict(), _filled(data, facts.to_dict()))
        self._check_hits(row, facts, replanned)

    def check_answer(self, trace: Trace) -> None:
        """Check what an answer was written from: what the fan-in gave.

        Args:
            trace: The run, up to an end of it.

        Raises:
            RunCorruptError: If that is something else.
        """
        row = trace.last_fixed("write")
        fan_in = trace.last_fixed("aggregate")
        if row is None or fan_in is None or fan_in.output is None:
            return
        found = Findings.from_dict(read_canonical(self._store.blob(fan_in.output)))
        language = AggregateInput.from_dict(self._load(fan_in)).language
        model = schedule_of(trace).models[-1][1].name
        from docsearch_cli.explore.written_answer import AnswerInput

        expected = AnswerInput(self._question, found.evidence, model, language)
        self._compare(row, expected.to_dict(), self._load(row))

    def _check_hits(self, row: StepRow, facts: AggregateInput, replanned: Replanned) -> None:
        """Check that the keyword ranking agrees with itself, the seeds and the pages."""
        hits = [(item.score, item.path) for item in facts.hits]
        falling = [score for score, _ in hits]  # of equals, the better was so before rounding
        paths = {item.path for item in facts.hits} | {item.path for item in facts.opened}
        of_pages = [item.path for item in facts.pages]
        held = {term for page in facts.pages for term in page.held}
        views = [step.view for step, _ in replanned.steps.decided()]
        agrees = (
            falling == sorted(falling, reverse=True)
            and len({path for _, path in hits}) == len(hits) <= MOST_DOCUMENTS
            and of_pages == sorted(set(of_pages) & paths)
            and held <= set(facts.tokens) == facts.idf.keys()
            and all(
                (v.tokens, v.idf) == (facts.tokens, facts.idf)
                for v in (views if self._indexes == 1 else ())
            )
        )
        best: dict[str, float] = {}
        for item in self._candidates:
            best[item.path] = max(item.score, best.get(item.path, 0.0))
        # Each node that is better than the last of the best ones is a candidate.
        most = schedule_of(self._trace).first.seeds
        scores = sorted((item.score for item in self._candidates), reverse=True)
        least = scores[most - 1] if len(scores) >= most else 0.0
        if self._indexes == 1:
            agrees = agrees and all(
                best.get(path) == score for score, path in hits if score > least
            )
        if not agrees:
            raise RunCorruptError(f"the input of step {row.id} contradicts itself, or the seeds")

    def _load(self, row: StepRow) -> Any:
        try:
            return read_canonical(self._store.blob(row.input))
        except ValueError as error:
            raise RunCorruptError(f"the input of step {row.id} is damaged: {error}") from error

    def _compare(self, row: StepRow, expected: Any, recorded: Any) -> None:
        """Refuse an input that is not what it must be."""
        wanted, found = (
            read_canonical(canonical_json(expected)),
            read_canonical(canonical_json(recorded)),
        )
        if wanted != found:
            field = find_differences(wanted, found)[0].field
            raise RunCorruptError(f"the input of step {row.id} does not follow: {field}")


def _known_share(idf: dict[str, float], missing: int) -> float:
    """Return how much of a question the corpus's words are; see ``ScoredQuestion``."""
    total = math.fsum(idf.values())
    return total / (total + missing * max(idf.values())) if total else 0.0


def _filled(recorded: Any, read: Any) -> Any:
    """Return what is recorded, with the fields that an older record lacks as they are read."""
    if isinstance(recorded, dict) and isinstance(read, dict):
        return {**read, **{name: _filled(recorded[name], read.get(name)) for name in recorded}}
    if isinstance(recorded, list) and isinstance(read, list | tuple) and len(recorded) == len(read):
        return [_filled(one, other) for one, other in zip(recorded, read, strict=True)]
    return recorded
