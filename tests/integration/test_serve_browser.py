"""The page in a real browser: asking, watching, reading, the graph, runs; also without script."""

import re

import pytest

from docsearch_cli.index.build import build_index
from tests.browser import accessibility_faults, browser, overflow_px, watched_page
from tests.local_page import write_hostile
from tests.serving import SLOW_STEPS, serving
from tests.support import write_files

__all__ = ["browser"]  # a fixture

QUESTION = "which mill turns the wheel of the race and the gate"
NAMES = ("mill", "sluice", "weir", "race", "flume", "gate", "pond", "dam")
DOCS = {
    f"docs/{name}.md": f"# {name.title()}\n\n## Where it is\n\nThe {name} turns the wheel.\n\n"
    f"See [{NAMES[(place + 1) % 8]}]({NAMES[(place + 1) % 8]}.md) and the "
    f"[{NAMES[(place + 3) % 8]}]({NAMES[(place + 3) % 8]}.md).\n"
    for place, name in enumerate(NAMES)
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browsed")
    write_files(folder, DOCS)
    write_hostile(folder / "docs")
    build_index(folder / ".docsearch", [folder / "docs"], workers=1)
    with serving(folder, "--engine", "inline", script=SLOW_STEPS) as started:
        yield started


@pytest.fixture
def opened(browser, server):
    """Open a page that has been let in, by the address that the server printed."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def open_page(**options):
            # A stream is broken off by whoever leaves the page.
            page = stack.enter_context(
                watched_page(browser, expected=["/events", "ERR_FAILED"], **options)
            )
            page.goto(server.address)
            page.wait_for_url(f"{server.origin}/")
            return page

        yield open_page


def ask(page, server, question=QUESTION, mode="agents explore", **limits):
    page.goto(f"{server.origin}/")
    page.fill("#q", question)
    page.check(f"text={mode}")
    if limits:
        page.click("text=Budget and filters")
        for name, value in limits.items():
            page.fill(f"[name={name}]", str(value))
    page.click("main button:has-text('Ask')")


def wait_for_run(page):
    page.wait_for_url(re.compile(r"/runs/[0-9a-f]+$"))
    return page.url.rsplit("/", 1)[1]


def test_a_quote_is_followed_to_its_lines(opened, server):
    page = opened()
    assert page.evaluate("document.activeElement.id") == "q"
    ask(page, server, "mill grinds", "by keywords")
    assert accessibility_faults(page) == []
    page.click(".quote a")

    marked = page.locator(".row.marked").first
    assert "mill" in marked.inner_text()
    assert marked.evaluate("row => row.getBoundingClientRect().top < innerHeight")
    assert accessibility_faults(page) == []


def test_lines_far_down_are_scrolled_to_without_a_place_in_the_address(opened, server):
    page = opened()
    page.goto(f"{server.origin}/doc/long.md?lines=900")

    box = page.locator(".row.marked").bounding_box()
    assert 0 <= box["y"] < page.viewport_size["height"]


def test_a_deep_search_grows_before_ones_eyes_and_ends_as_its_run(opened, server):
    page = opened()
    with server.holding():
        ask(page, server, max_agents=12)
        page.wait_for_url("**/live/*")
        page.wait_for_selector("#tree li")
        early = page.locator("#tree li").count()
    run = wait_for_run(page)

    steps = page.locator("details.step")
    assert steps.count() > early
    assert page.title().startswith("which mill")
    page.click("#step-1 > summary")
    assert page.locator("#step-1 .inside").is_visible()
    page.fill("#step-words", "zeppelin")
    page.locator("output", has_text=re.compile(r"^0 of ")).wait_for()
    assert page.locator("details.step:visible").count() == 0
    page.fill("#step-words", "")
    assert accessibility_faults(page) == []
    page.click("text=all of step 1")
    page.click("text=Run it again")
    assert page.inner_text("[role=status]") == "REPRODUCED"
    assert accessibility_faults(page) == []
    page.goto(f"{server.origin}/runs/{run}")
    page.select_option("select[name=limit]", "max_agents")
    page.fill("input[name=value]", "3")
    page.click("text=Fork >> nth=-1")
    other = wait_for_run(page)
    assert other != run
    assert page.locator("details.step").count() == 3
    page.goto(f"{server.origin}/runs")
    assert accessibility_faults(page) == []
    page.check(f"input[name=left][value='{run}']")
    page.check(f"input[name=right][value='{other}']")
    page.click("text=Compare the two")
    assert "They part at step" in page.inner_text("main")
    assert accessibility_faults(page) == []


def test_the_page_of_a_search_has_bars_and_what_keywords_find_and_fits(opened, server):
    page = opened(viewport={"width": 320, "height": 640})
    page.route("**/events*", lambda route: route.abort())  # it stays as it is
    ask(page, server, "which dam and pond and flume turn the wheel of the gate", max_agents=30)
    page.wait_for_url("**/live/*")

    assert page.locator("progress").count() == 3
    assert page.locator(".quote").count() > 0
    assert accessibility_faults(page) == []
    assert overflow_px(page) == 0


def test_a_search_is_stopped_and_continues(opened, server):
    page = opened()
    with server.holding():
        ask(page, server, "which race and gate and pond turn the wheel of the dam", max_agents=30)
        page.wait_for_selector("#tree li")
        page.click("text=Stop")
        page.wait_for_selector("text=Stopping")
    run = wait_for_run(page)
    assert "did not come to its own end" in page.inner_text("body")
    page.click("text=Continue it")
    page.wait_for_url("**/live/*")

    assert wait_for_run(page) == run
    assert "did not come to its own end" not in page.inner_text("body")


def test_the_graph_leads_on_by_pointer_and_by_keyboard(opened, server):
    page = opened(color_scheme="dark")
    page.goto(f"{server.origin}/graph/mill.md")
    assert accessibility_faults(page) == []
    page.hover(".page-box.hops-1 >> nth=0")
    assert page.locator(".picture .focused").count() == 1
    page.click(".page-box.hops-1 >> nth=0")
    first = page.url
    page.focus(".page-box.hops-1 >> nth=0")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != first and "/graph/" in url)
    page.uncheck("input[value=link]")
    page.click("text=Show")

    assert "kind=mention" in page.url
    assert page.locator(".picture .edge-link").count() == 0


def test_the_keyboard_alone_is_enough(opened, server):
    page = opened()
    page.keyboard.type("mill grinds")
    page.keyboard.press("Tab")  # the choice of a search
    page.keyboard.press("ArrowDown")
    for _ in range(2):  # budget and filters, the button
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".quote")
    page.focus("#q")
    while page.evaluate("!document.activeElement.closest('.quote')"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".row.marked")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the link that leaves out what every page has
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_every_page_fits_a_narrow_window(opened, server):
    page = opened(viewport={"width": 320, "height": 640})
    ask(page, server, max_agents=2)
    run = wait_for_run(page)
    paths = ["/", "/?q=mill+wheel", "/doc/mill.md?lines=5", "/doc/nope", "/graph/mill.md", "/runs"]
    paths += [f"/runs/{run}", f"/runs/{run}/steps/1", f"/runs/diff?left={run}&right={run}"]
    wide = {}
    for path in paths:
        if path != "/doc/nope":
            page.goto(server.origin + path)
        wide[path] = overflow_px(page)

    assert not any(wide.values()), wide


def test_hostile_documents_stay_text(opened, server):
    page = opened()
    page.on("dialog", lambda dialog: pytest.fail(f"a document opened: {dialog.message}"))
    ask(page, server, "<script>document.title='attacked'</script> mill", max_agents=8)
    run = wait_for_run(page)
    visited = [f"/runs/{run}", "/?q=mill", "/graph/start.md", "/doc/start.md", "/runs"]
    visited += ["/doc/a%3Fb%23c%25d.md", "/doc/javascript%3Aalert(1).md", "/doc/bad%5Cxff.md"]
    for path in visited:
        page.goto(server.origin + path)
        assert "attacked" not in page.title() or "<script>" in page.title()
        assert page.locator("main script, main img, [onerror]").count() == 0
        hrefs = page.evaluate(
            "[...document.querySelectorAll('a')].map(a => a.href.baseVal || a.href)"
        )
        odd = [href for href in hrefs if not re.match(rf"({re.escape(server.origin)})?/|#", href)]
        assert odd == []


def test_without_script_the_page_of_a_search_leads_to_its_run(opened, server):
    page = opened(java_script_enabled=False)
    ask(page, server, "which weir turns the wheel of the flume", max_agents=10)
    page.wait_for_url("**/live/*")
    wait_for_run(page)

    page.click("#step-1 > summary")
    assert page.locator("#step-1 .inside").is_visible()
    page.click("#step-1 .inside a.path >> nth=0")
    assert page.locator(".row").count() > 0


def test_a_browser_that_was_not_let_in_is_told_so(browser, server):
    with watched_page(browser, expected=["403"]) as page:
        page.goto(f"{server.origin}/doc/mill.md")

        assert "Not let in" in page.inner_text("h1")
        assert accessibility_faults(page) == []
        page.goto(server.address)
        page.wait_for_url(f"{server.origin}/")


def test_another_site_reads_and_changes_nothing(browser, server, tmp_path):
    """A page of another origin that a person visits while the server runs."""
    (tmp_path / "other.html").write_text(
        f"<form method=post action='{server.origin}/ask'><input name=q value=mill></form>"
        f"<img src='{server.origin}/static/page.css'>",
        "utf-8",
    )
    page = browser.new_page()  # what is refused is an error on the console
    page.goto(server.address)
    page.wait_for_url(f"{server.origin}/")
    page.goto((tmp_path / "other.html").as_uri())
    read = page.evaluate(
        "address => fetch(address, {credentials: 'include'}).then(() => 'read', () => 'no')",
        f"{server.origin}/runs",
    )
    page.evaluate("document.forms[0].submit()")
    page.wait_for_url(f"{server.origin}/ask")
    said = page.inner_text("h1")
    page.close()

    assert read == "no"
    assert said == "Not let in"
