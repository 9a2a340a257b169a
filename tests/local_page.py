"""The local page without a socket: a site over a small index, and a client that it lets in."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from docsearch_cli.index.build import build_index
from docsearch_cli.search.kept_engines import KeptEngines
from docsearch_cli.service.caps import Caps
from docsearch_cli.service.warm_index import WarmIndex
from docsearch_cli.web.access import Access
from docsearch_cli.web.app import make_app
from docsearch_cli.web.live_runs import LiveRuns
from docsearch_cli.web.site import Site
from tests.support import write_files

PORT = 8421
ORIGIN = f"http://127.0.0.1:{PORT}"
ATTACK = "<script>document.title='attacked'</script>"
# Names and titles that act, escape or lead away where a page takes them for more than text.
HOSTILE = {
    "docs/start.md": f"# `Start {ATTACK}`\n\n"
    "The mill grinds: [odd](a?b%23c%25d.md), [bad](bad%FF.md).\n"
    "See [quotes](it's%20%22x%22.md) and [script](javascript:alert(1)).\n",
    "docs/a?b#c%d.md": f'# `"><img src=x onerror=alert(1)>`\n\nThe mill {ATTACK} &amp; wheel.\n',
    'docs/it\'s "x".md': "# Right \u202e to left \u2066\n\nThe mill turns \x07 a wheel.\n",
    "docs/javascript:alert(1).md": "# {{ 7 * 7 }}\n\nThe mill {% raw %} stands. [up](start.md)\n",
    "docs/long.md": "# Long\n\n" + "".join(f"Line {n} of the mill.\n" for n in range(3, 3200)),
}


def write_hostile(docs: Path) -> None:
    """Write documents that mean no good."""
    write_files(docs.parent, HOSTILE)
    Path(os.fsdecode(os.fsencode(docs) + b"/bad\xff.md")).write_text("# Bad\n\nThe mill.\n")


def make_site(folder: Path, files: dict[str, str] | None = None, **options: Any) -> Site:
    """Index some documents, by default hostile ones, and return a site over them."""
    docs = folder / "docs"
    if files is None:
        write_hostile(docs)
    else:
        write_files(folder, files)
    home = folder / ".docsearch"
    build_index(home, [docs], workers=1)
    engines = KeptEngines(2)
    chosen: dict[str, Any] = {"live": LiveRuns(2), "engine": "inline", **options}
    return Site(
        warm=WarmIndex(str(home), engines.start, lambda _: None),
        engines=engines,
        caps=Caps(),
        access=Access(PORT),
        flags={"workers": 1},
        **chosen,
    )


def client_of(site: Site, *, is_let_in: bool = True) -> TestClient:
    """Return a browser, so to speak, that has the cookie or has not."""
    client = TestClient(make_app(site), ORIGIN, follow_redirects=False)
    if is_let_in:
        client.cookies.set(site.access.cookie_name, site.access.session)
    return client


def form(site: Site, **fields: str | int) -> dict[str, str]:
    """Return a form as our pages send it."""
    return {"csrf": site.access.csrf, **{name: str(value) for name, value in fields.items()}}


FROM_OUR_PAGE = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}


def words_of(page: str) -> str:
    """Return what a page says, without its elements; entities stay."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())
