"""A recorded run, and a forger who changes it and makes every hash right again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from docsearch_cli.explore.fan_in import opened_nodes
from docsearch_cli.explore.findings import AggregateInput
from docsearch_cli.explore.step_functions import FUNCTIONS
from docsearch_cli.run_limits import RunLimits
from docsearch_cli.runs.canonical import chain_hash
from docsearch_cli.runs.catalog import DATABASE, run_folder
from docsearch_cli.runs.certificate import (
    answer_digest,
    certificate_to_dict,
    certify,
    dag_digest,
)
from docsearch_cli.runs.ending import written_answer
from docsearch_cli.runs.events import blobs_named
from docsearch_cli.runs.limits import schedule_of
from docsearch_cli.runs.replan import replan
from docsearch_cli.runs.spending import answering_of, spending_budget, spending_of
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import read_trace
from docsearch_cli.steps import canonical_json, step_id
from tests.searching import World, ask_deep, make_world

# Enough for seeds that are dropped, three hops, proposals of every kind and steps in flight.
LIMITS = {"max_agents": 12, "max_depth": 3, "fan_out": 2, "seeds": 3, "window": 3}


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run that ended, and where it was asked."""

    world: World
    run_id: str

    @property
    def path(self) -> Path:
        return run_folder(self.world.home, self.run_id) / DATABASE

    def copy_to(self, folder: Path) -> RunStore:
        """A record of one's own, which may be changed."""
        target = folder / "runs" / self.run_id / DATABASE
        target.parent.mkdir(parents=True)
        shutil.copyfile(self.path, target)
        return RunStore(target, "append")


def record_run(folder: Path, seed: int = 55, limits: Mapping[str, int] | None = None) -> Recorded:
    """Ask a question of a random corpus, with this code."""
    world = make_world(folder, seed, {**LIMITS, **(limits or {})})
    result = ask_deep(world)
    assert result.run_id is not None
    return Recorded(world, result.run_id)


@dataclass
class Forgery:
    """The events of a record, to be changed in place."""

    store: RunStore
    odd_blobs: set[str] = field(default_factory=set, kw_only=True)
    """Blobs that stay although nothing names them."""
    keeps_ids: bool = field(default=False, kw_only=True)
    """Whether ids stay as they are, whatever the inputs."""
    events: list[tuple[str, dict[str, Any]]]

    def all(self, kind: str) -> list[dict[str, Any]]:
        return [data for name, data in self.events if name == kind]

    @property
    def facts(self) -> dict[str, Any]:
        return self.all("run_started")[0]

    @property
    def ending(self) -> dict[str, Any]:
        return self.all("run_finished")[0]

    def commit_of(self, number: int | None) -> dict[str, Any]:
        """The commit of a step; of None, that of the beginning."""
        return next(data for data in self.all("commit") if data["number"] == number)

    def sent(self, number: int) -> dict[str, Any]:
        """A step as it was sent."""
        steps = (step for data in self.all("commit") for step in data["sent"])
        return next(step for step in steps if step["number"] == number)

    def fixed(self, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """How a step that every search has was planned, and how it ended."""
        planned = next(data for data in self.all("fixed_planned") if data["kind"] == kind)
        ended = next(data for data in self.all("fixed_ended") if data["id"] == planned["id"])
        return planned, ended

    def load(self, blob: str) -> Any:
        return json.loads(self.store.blob(blob))

    def put(self, value: Any) -> str:
        return self.store.put_blob(canonical_json(value))

    def rerun_fan_in(self, facts: Any) -> None:
        """Give the fan-in another input, with the output that it gives to that."""
        planned, ended = self.fixed("aggregate")
        planned["input"] = self.put(facts)
        output = FUNCTIONS[planned["function"]](self.store.blob(planned["input"]))
        ended["output"] = self.store.put_blob(output)
        self.ending["documents"] = json.loads(output)["documents"]

    def add_up(self) -> None:
        """Make the ending's digests, certificate and budget those of the steps as they are."""
        self.save()
        trace = read_trace(self.store)
        fan_in = trace.last_fixed("aggregate")
        found = self.store.blob(fan_in.output) if fan_in is not None else b""
        tokens = {
            row.number: self.load(row.output)["tokens_read"]
            for row in trace.steps
            if row.output is not None and "tokens_read" in self.load(row.output)
        }
        lines = {line["name"]: line["used"] for line in self.ending["certificate"]}
        returned = json.loads(found)["tokens_returned"] if found else 0
        certificate = certify(
            trace.steps,
            tokens,
            RunLimits.from_dict(trace.limits),
            frontier_peak=lines["frontier"],
            tokens_returned=returned,
            explore_s=lines["deadline_s"],
            answering=answering_of(trace),
        )
        self.ending["certificate"] = certificate_to_dict(certificate)
        self.ending["dag"] = dag_digest(trace.steps)
        written = written_answer(self.store, trace)
        self.ending["answer"] = answer_digest(found, self.ending["stop_reason"], written)
        self.ending["budget"]["agents_used"] = len(trace.steps)
        self.ending["budget"]["tokens_read"] = sum(tokens.values())
        self.ending["budget"]["tokens_returned"] = returned
        self.ending["budget"] |= spending_budget(schedule_of(trace), spending_of(trace))

    def replace_view(self, number: int, change: Callable[[Any], None]) -> None:
        """Show a step something else, and let it and the fan-in say what they then do."""
        sent = self.sent(number)
        view = self.load(sent["input"])
        change(view)
        sent["input"] = self.put(view)
        output = FUNCTIONS[sent["function"]](self.store.blob(sent["input"]))
        self.commit_of(number)["ended"]["output"] = self.store.put_blob(output)
        self.gather_again()

    def gather_again(self) -> None:
        """Give the fan-in all that its steps found, as they are now."""
        self.save()
        trace = read_trace(self.store)
        found = replan(self.store, trace)
        facts = self.load(self.fixed("aggregate")[0]["input"])
        opened = tuple(opened_nodes(found.plan, found.steps))
        given = replace(AggregateInput.from_dict(facts), opened=opened)
        self.rerun_fan_in({**facts, "opened": given.to_dict()["opened"]})
        self.add_up()

    def rerun_fixed(self, kind: str, change: Callable[[Any], None]) -> None:
        """Give intent or plan another input, with the output that it gives to that."""
        planned, ended = self.fixed(kind)
        facts = self.load(planned["input"])
        change(facts)
        planned["input"] = self.put(facts)
        output = FUNCTIONS[planned["function"]](self.store.blob(planned["input"]))
        ended["output"] = self.store.put_blob(output)

    def change_fan_in(self, change: Callable[[Any], None]) -> None:
        """Change what the fan-in was given, and make everything add up."""
        facts = self.load(self.fixed("aggregate")[0]["input"])
        change(facts)
        self.rerun_fan_in(facts)
        self.add_up()

    def _rename(self) -> None:
        """Give each step the id that its input gives it."""
        new: dict[str, str] = {}
        steps = [data for kind, data in self.events if kind == "fixed_planned"]
        steps += [step for data in self.all("commit") for step in data["sent"]]
        for step in steps:
            content = str(step["input"]).removeprefix("sha256:")
            new[step["id"]] = step_id(step.get("number"), step["kind"], content)
        ends = [data for kind, data in self.events if kind == "fixed_ended"]
        ends += [data["ended"] for data in self.all("commit") if data["ended"] is not None]
        ends += [end for data in self.all("kept") for end in data["ended"]]
        for item in {id(item): item for item in (*steps, *ends)}.values():
            item["id"] = new.get(item["id"], item["id"])

    def save(self) -> None:
        """Write the events with a chain that fits."""
        if not self.keeps_ids:
            self._rename()
        before = ""
        self.store.connection.execute("delete from events")
        for seq, (kind, data) in enumerate(self.events, start=1):
            text = canonical_json(data).decode()
            before = chain_hash(before, kind, text)
            self.store.connection.execute(
                "insert into events values (?, ?, ?, ?)", (seq, kind, text, before)
            )
        named = {name for _, data in self.events for name in blobs_named(data)}
        for name in self.store.blob_names() - named - self.odd_blobs:
            self.store.connection.execute("delete from blobs where hash = ?", (name,))


@contextmanager
def forging(store: RunStore) -> Iterator[Forgery]:
    """Change a record; when it is left, every hash fits again."""
    forgery = Forgery(store, [(event.kind, event.data) for event in store.events()])
    yield forgery
    forgery.save()
