"""What all pages of a server share: the index, the searches, the templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from docsearch_cli.config import Settings
from docsearch_cli.errors import DocsearchError
from docsearch_cli.report.page import environment
from docsearch_cli.runs.words import DECISION_WORDS
from docsearch_cli.search.engines import DEFAULT_ENGINE
from docsearch_cli.web import addresses
from docsearch_cli.web.access import Access
from docsearch_cli.web.live_runs import LiveRuns

if TYPE_CHECKING:
    from jinja2 import Environment

    from docsearch_cli.explore.step_summary import StepSummary
    from docsearch_cli.index.reader import IndexReader

@dataclass(slots=True)
class Site:
    """One server's state."""

    home: Path
    """The ``.docsearch`` folder."""
    settings: Settings
    """The limits of a search where the page says nothing."""
    ceilings: Mapping[str, int]
    """The most that a page may ask for, by limit."""
    access: Access
    live: LiveRuns
    engine: str = DEFAULT_ENGINE
    """What runs the steps of a search."""
    is_ending: bool = False
    """Whether the server is on its way out: streams end."""
    streams: int = 0
    """Event streams that are open."""
    _reader: IndexReader | None = field(default=None, repr=False)
    _generation: str | None = field(default=None, repr=False)

    def reader(self) -> IndexReader:
        """Return the index as it is now; it is opened again only when it was made anew."""
        from docsearch_cli.index.store import current_generation, open_index

        generation = current_generation(self.home)
        if self._reader is None or generation != self._generation:
            self._reader, self._generation = open_index(self.home), generation
        return self._reader

    def reader_if_here(self) -> IndexReader | None:
        """Return the index, if there is one that can be read: a run is shown without it, too."""
        try:
            return self.reader()
        except DocsearchError:
            return None

    def page(self, template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
        """Return a page.

        Args:
            template: Its file.
            status: Of HTTP.
            **facts: What it shows.

        Returns:
            The page.
        """
        text = _environment().get_template(template).render(
            csrf=self.access.csrf,
            under_way=self.live.under_way(),
            decision_words=DECISION_WORDS,
            **facts,
        )
        return HTMLResponse(text, status)

    def fragment(self, template: str, macro: str, *arguments: Any) -> str:
        """Return what one macro of a template makes."""
        made = _environment().get_template(template)
        module = made.make_module({"decision_words": DECISION_WORDS})
        return str(getattr(module, macro)(*arguments))


def site_of(request: Request) -> Site:
    """Return the state of the server that a request came to."""
    site: Site = request.app.state.site
    return site


def steps_below(steps: Iterable[StepSummary]) -> dict[int | None, list[StepSummary]]:
    """Return the steps that follow from each step, by its number; those of the plan by None."""
    found: dict[int | None, list[StepSummary]] = {}
    for step in steps:
        found.setdefault(step.parent, []).append(step)
    return found


@cache
def _environment() -> Environment:
    """Return what the pages are rendered by: as reports are, with addresses of this server."""
    made = environment("docsearch_cli.web")
    made.filters["below"] = steps_below
    made.globals.update(
        document_url=addresses.document_url,
        node_url=addresses.node_url,
        graph_url=addresses.graph_url,
        run_url=addresses.run_url,
    )
    return made
