"""What searches of the sample corpora give, kept word for word in ``tests/fixtures/golden``.

As a program it is ``make golden-update``, for a change that is meant to change rankings:

    python -m tests.golden check|update

Every question of a corpus is asked by keywords and by agents, with the limits that are shipped,
in this process, without record or cache. The index's digest is not kept: it holds hashes of the
code and the versions of Python and of libraries.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from docsearch_cli.config import load_settings
from docsearch_cli.evaluation.questions import load_questions
from docsearch_cli.explore.findings import Citation
from docsearch_cli.explore.intent import detect_intent
from docsearch_cli.explore.step_summary import StepSummary
from docsearch_cli.graph.edge_kinds import EDGE_KINDS, kind_of_code
from docsearch_cli.index.build import build_index
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.index.store import open_index
from docsearch_cli.search.ask import ask, prepare_question
from docsearch_cli.search.result import AskMode, AskOptions, AskResult
from tests.support import CORPORA, REPOSITORY

FOLDER = REPOSITORY / "tests" / "fixtures" / "golden"
DOCUMENTS = {"fenwick": "docs", "vault": "notes"}
MODES: tuple[AskMode, ...] = ("simple", "deep")
# Documents of a ranking that are kept.
_MOST_DOCUMENTS = 10
# Differences shown in full; the rest are named.
_MOST_SHOWN = 12
_HASH_CHARS = 12

Golden = dict[str, dict[str, Any]]
"""By heading ("index", or a question's id and mode): by field, a value or a list of lines."""


def golden_file(name: str) -> Path:
    """Return where a corpus's results are kept."""
    return FOLDER / f"{name}.json"


def load_golden(name: str) -> Golden:
    """Return what is kept of a corpus; nothing if there is no file."""
    path = golden_file(name)
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def measure(name: str, home: Path) -> Golden:
    """Index a corpus and ask its questions.

    Args:
        name: The corpus.
        home: Where the index goes.

    Returns:
        What is to be kept.
    """
    build_index(home, [CORPORA / name / DOCUMENTS[name]], workers=1)
    index = open_index(home)
    settings = load_settings({}, environment={"DOCSEARCH_CONFIG_DIR": str(home / "none")})
    found: Golden = {"index": _index_facts(index)}
    for item in load_questions(CORPORA / name / "questions.jsonl"):
        prepared = prepare_question(index, item.question)
        intent = detect_intent(prepared.facts)
        found[item.id] = {
            "question": item.question,
            "goes by itself": "look" if intent.looks else intent.mode,
        }
        for mode in MODES:
            options = AskOptions(settings, mode, "inline", use_cache=False, record=False)
            result = ask(home, index, item.question, options, prepared=prepared)
            found[f"{item.id} {mode}"] = _result_facts(result)
    return found


def _index_facts(index: IndexReader) -> dict[str, Any]:
    counts = index.counts
    kinds = Counter(kind_of_code(code).name for code in index.graph.kinds.tolist())
    return {
        "counts": [f"{counts[name]} {name}" for name in ("documents", "sections", "nodes")],
        "edges": [f"{kinds[kind.name]} {kind.name}" for kind in EDGE_KINDS],
    }


def _result_facts(result: AskResult) -> dict[str, Any]:
    findings = result.findings
    facts: dict[str, Any] = {
        "found": findings.found,
        "stop reason": result.stop_reason,
        "documents": [
            f"{item.score:.4f} {item.path}" for item in findings.documents[:_MOST_DOCUMENTS]
        ],
        "evidence": [_evidence_line(item) for item in findings.evidence],
        "cited": list(findings.cited),
    }
    if result.mode == "deep":
        facts["agents"] = result.budget["agents_used"]
        facts["steps"] = [_step_line(step) for step in result.steps]
    return facts


def _evidence_line(item: Citation) -> str:
    quote = hashlib.sha256(item.quote.encode()).hexdigest()[:_HASH_CHARS]
    return f"{item.score:.4f} {item.path}:{item.line_start}-{item.line_end} quote {quote}"


def _step_line(step: StepSummary) -> str:
    way = f"from {step.parent} by {step.edge}" if step.parent is not None else f"by {step.edge}"
    ending = step.decision if step.status == "ok" else f"{step.decision} ({step.status})"
    return f"{step.number}: {step.node} {way} -> {ending} {step.score:.4f}"


def differences(kept: Golden, found: Golden) -> list[str]:
    """Return one report for each field that differs: whose it is, its name and a diff."""
    return [
        "\n".join([f"{heading}, {field}:", *lines])
        for heading in dict.fromkeys([*kept, *found])
        for field, lines in _differing_fields(kept.get(heading, {}), found.get(heading, {}))
    ]


def _differing_fields(
    kept: Mapping[str, Any], found: Mapping[str, Any]
) -> Iterator[tuple[str, list[str]]]:
    for field in dict.fromkeys([*kept, *found]):
        before, after = kept.get(field), found.get(field)
        if before != after:
            yield field, list(_diff(_lines(before), _lines(after)))


def _diff(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    for line in difflib.unified_diff(before, after, "kept", "now", n=1, lineterm=""):
        if not line.startswith(("---", "+++", "@@")):
            yield f"    {line}"


def _lines(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def report(name: str, kept: Golden, found: Golden) -> str:
    """Return what differs for a person to read: nothing if nothing does."""
    reports = differences(kept, found)
    if not reports:
        return ""
    headings = [text.split("\n", 1)[0].removesuffix(":") for text in reports]
    rest = headings[_MOST_SHOWN:]
    return "\n".join(
        [
            f"{name}: {len(reports)} fields are not as in "
            f"{golden_file(name).relative_to(REPOSITORY).as_posix()}; "
            "if they should be: make golden-update",
            *reports[:_MOST_SHOWN],
            *([f"and {len(rest)} more: {'; '.join(rest)}"] if rest else []),
        ]
    )


def check() -> int:
    """Compare; return an exit code."""
    reports = [report(name, load_golden(name), _measured(name)) for name in DOCUMENTS]
    for text in filter(None, reports):
        print(text, file=sys.stderr)
    if not any(reports):
        print(f"{' and '.join(DOCUMENTS)} are searched as in {FOLDER.relative_to(REPOSITORY)}")
    return int(any(reports))


def update() -> int:
    """Write every file anew and say what changed; return an exit code."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in DOCUMENTS:
        kept, found = load_golden(name), _measured(name)
        text = json.dumps(found, indent=1, ensure_ascii=False)
        golden_file(name).write_text(text + "\n", encoding="utf-8")
        changed = len(differences(kept, found))
        print(f"wrote {golden_file(name).relative_to(REPOSITORY)}: {changed} fields changed")
    return 0


def _measured(name: str) -> Golden:
    with tempfile.TemporaryDirectory() as folder:
        return measure(name, Path(folder) / "home")


if __name__ == "__main__":
    actions = {"check": check, "update": update}
    if len(sys.argv) != 2 or sys.argv[1] not in actions:
        sys.exit(__doc__)
    sys.exit(actions[sys.argv[1]]())
