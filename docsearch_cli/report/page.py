"""One self-contained page from a template: its style and script inside, and nothing else let in.

    template --autoescape--> body --+
    report.css ---------------------+--> page, with a policy that names both by their hash
    report.js ----------------------+

The policy allows nothing that does not stand in the page: no request, no other script, no style, no
form, no frame. The same values give the same bytes.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from docsearch_cli.report.shown_text import named, shown

if TYPE_CHECKING:
    from jinja2 import Environment, StrictUndefined

_PACKAGE = "docsearch_cli.report"


@cache
def asset(name: str) -> str:
    """Return a file of ``assets/``: ``report.css`` or ``report.js``."""
    return files(_PACKAGE).joinpath("assets", name).read_text("utf-8")


def content_policy(*, style: str, script: str) -> str:
    """Return the policy of a page that holds this style sheet and this script, and nothing else."""
    return (
        f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def environment(*packages: str) -> Environment:
    """Return what templates are rendered by: everything escaped, and checked to be shown as text.

    Filters: ``number`` (``1,234``), ``percent``, ``ms``, ``named`` (on one line), ``clipped`` (to
    so many characters), ``words`` (with its noun: ``1 step``).

    Args:
        *packages: Whose templates stand in for those of the same name here.

    Returns:
        The same environment for the same packages.
    """
    from jinja2 import ChoiceLoader, Environment, PackageLoader

    made = Environment(
        loader=ChoiceLoader([PackageLoader(name) for name in (*packages, _PACKAGE)]),
        autoescape=True,
        undefined=_missing_value(),
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(number=number, percent=percent, ms=ms, named=named, words=words)
    made.filters["clipped"] = shown
    return made


def _missing_value() -> type[StrictUndefined]:
    """Return what stands for a value that is missing: a ``ValueError`` to who uses it.

    So a record that lacks what a page shows is one that makes no sense.
    """
    from jinja2 import StrictUndefined, UndefinedError

    class MissingValueError(UndefinedError, ValueError):
        pass

    class MissingValue(StrictUndefined):
        __slots__ = ()

        def __init__(self, *facts: Any, **named_facts: Any) -> None:
            super().__init__(*facts, **{**named_facts, "exc": MissingValueError})

    return MissingValue


def render_page(template: str, *, title: str, **values: Any) -> str:
    """Return a whole page.

    Args:
        template: A file of ``templates/`` that extends ``base.html``.
        title: Of the page.
        **values: What the template shows.

    Returns:
        The HTML, which encodes as UTF-8.
    """
    from markupsafe import Markup

    style, script = asset("report.css"), asset("report.js")
    return (
        environment()
        .get_template(template)
        .render(
            title=title,
            style=Markup(style),  # noqa: S704  a file of ours
            script=Markup(script),  # noqa: S704  a file of ours
            policy=content_policy(style=style, script=script),
            **values,
        )
    )


def number(value: float | None) -> str:
    """Return a number with its thousands apart; a dash for none."""
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}".rstrip("0").rstrip(".")


def percent(share: float | None) -> str:
    """Return a share, 0 to 1, in percent; a dash for none."""
    return "–" if share is None else f"{100 * share:.1f}"


def ms(value: float | None) -> str:
    """Return milliseconds as a person reads them; a dash for none."""
    if value is None:
        return "–"
    if value >= 10_000:
        return f"{value / 1000:,.1f} s"
    return f"{value:,.0f} ms" if value >= 10 else f"{value:.1f} ms"


def words(count: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun, which has an s in the plural unless another is given."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def _finalize(value: Any) -> Any:
    """Return what a template prints: markup as it is, and any other value as text."""
    if hasattr(value, "__html__"):
        return value
    return shown(str(value))


def _source(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
