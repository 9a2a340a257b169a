"""What all pages of a server share: the index, the searches, the templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from docsearch_cli.config import Settings, load_settings
from docsearch_cli.errors import DocsearchError
from docsearch_cli.report.page import environment
from docsearch_cli.runs.words import DECISION_WORDS, brief_stop_words
from docsearch_cli.search.engines import DEFAULT_ENGINE
from docsearch_cli.search.kept_engines import KeptEngines
from docsearch_cli.service.caps import Caps
from docsearch_cli.service.warm_index import WarmIndex
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

    warm: WarmIndex
    """The index, kept open."""
    engines: KeptEngines
    """What runs the steps of searches, kept between them."""
    caps: Caps
    """The most that a page may ask for."""
    access: Access
    live: LiveRuns
    flags: Mapping[str, int | None] = field(default_factory=dict)
    """Settings that were given on the command line."""
    engine: str = DEFAULT_ENGINE
    """The name of what runs steps."""
    is_ending: bool = False
    """Whether the server is on its way out: streams end."""
    streams: int = 0
    """Event streams that are open."""

    @property
    def home(self) -> Path:
        """The ``.docsearch`` folder."""
        return self.warm.home

    def reader(self) -> IndexReader:
        """Return the index as it is now."""
        return self.warm.current()[1]

    def settings(self) -> Settings:
        """Return the settings of a search where the page says nothing: none is above a cap."""
        own = load_settings(self.flags, beside=self.home.parent)
        capped = {
            name: replace(item, value=min(item.value, getattr(self.caps, name, item.value)))
            for name, item in own.limits.items()
        }
        return replace(own, limits=capped)

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
        text = (
            _environment()
            .get_template(template)
            .render(
                csrf=self.access.csrf,
                under_way=self.live.under_way(),
                decision_words=DECISION_WORDS,
                **facts,
            )
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
    made.filters.update(below=steps_below, ended=brief_stop_words)
    made.globals.update(
        document_url=addresses.document_url,
        node_url=addresses.node_url,
        graph_url=addresses.graph_url,
        run_url=addresses.run_url,
    )
    return made
