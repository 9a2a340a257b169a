"""Recorded runs for tests of reports, and what an HTML page consists of."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from docsearch_cli.report.links import DocumentLinks
from docsearch_cli.report.run_data import RunData, StepCard, gather_run
from docsearch_cli.report.run_report import render_run
from docsearch_cli.runs.picture import picture_what_is_left
from docsearch_cli.runs.store import RunStore
from tests.support import REPOSITORY

RECORDS = REPOSITORY / "tests" / "fixtures" / "records"
HOSTILE = (
    "</script></style><script>alert(1)</script><img src=x onerror=alert(1)> {{ 7 * 7 }} "
    "javascript:alert(1) \" ' & \u202egnp.exe\u202c \x1b[31mred\x00 \ud800 \x85 end"
)


def record(name: str) -> RunStore:
    return RunStore(RECORDS / f"{name}.docsearch-run")


def run_data(name: str = "796b7ea/complete") -> RunData:
    store = record(name)
    try:
        return gather_run(store, picture_what_is_left(Path("/nowhere"), store))
    finally:
        store.close()


def rendered(data: RunData) -> str:
    return render_run(data, DocumentLinks(None))


def hostile_card(card: StepCard) -> StepCard:
    """A step with hostile text wherever a document, an agent or a worker may put some."""
    assert card.decision is not None
    return replace(
        card,
        is_whole=True,
        covered=(HOSTILE,),
        summary=replace(
            card.summary, node=HOSTILE, path=HOSTILE, reason=HOSTILE, edge=HOSTILE,
            edge_text=HOSTILE,
        ),
        view=replace(
            card.view,
            title=HOSTILE,
            sought=(HOSTILE,),
            sections=tuple(
                replace(item, heading=HOSTILE, text=HOSTILE) for item in card.view.sections
            ),
        ),
        decision=replace(
            card.decision,
            evidence=tuple(
                replace(item, plain=HOSTILE, heading=HOSTILE) for item in card.decision.evidence
            ),
        ),
        edges=tuple(replace(edge, target=HOSTILE, text=HOSTILE) for edge in card.edges),
        proposals=tuple(
            replace(item, target=HOSTILE, reason=HOSTILE) for item in card.proposals
        ),
        attempts=tuple(
            replace(item, log=HOSTILE, detail=HOSTILE, row=replace(item.row, error=HOSTILE))
            for item in card.attempts
        ),
    )  # fmt: skip


def hostile_run() -> RunData:
    data = run_data()
    findings = data.findings
    assert findings is not None
    evidence = tuple(
        replace(item, plain=HOSTILE, path=HOSTILE, heading=HOSTILE, above=(HOSTILE,))
        for item in findings.evidence
    )
    facts = {**data.trace.facts, "question": HOSTILE, "argv": [HOSTILE], "version": HOSTILE}
    trace = replace(data.trace, facts=facts)
    return replace(
        data,
        picture=replace(data.picture, trace=trace),
        findings=replace(findings, evidence=evidence, reason=HOSTILE, found=False),
        cards=tuple(map(hostile_card, data.cards)),
        drops=tuple(replace(drop, target=HOSTILE) for drop in data.drops),
    )


def grown_run(steps: int) -> RunData:
    """A run of so many steps, made of the steps of a real one over and over."""
    data = run_data()
    cards = []
    for number in range(1, steps + 1):
        card = data.cards[(number - 1) % len(data.cards)]
        parent = None if number <= 50 else (number - 1) // 4
        planned = card.row.planned
        assert planned is not None
        cards.append(
            replace(
                card,
                row=replace(card.row, planned=replace(planned, number=number, parent=parent)),
                summary=replace(card.summary, number=number, parent=parent, depth=depth_of(number)),
                children=tuple(
                    child for child in range(4 * number + 1, 4 * number + 5) if 50 < child <= steps
                ),
                quotes=(),
                is_whole=False,
            )
        )
    return replace(data, cards=tuple(cards))


def depth_of(number: int) -> int:
    return 0 if number <= 50 else 1 + depth_of((number - 1) // 4)


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self._texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_data(self, data: str) -> None:
        self._texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self._texts).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [found for name, found in self.elements if name == tag]
