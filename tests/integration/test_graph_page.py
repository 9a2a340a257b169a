"""The HTML page of ``graph export`` in a real browser."""

import pytest

from docsearch_cli.graph.exports.page import write_page
from tests.browser import accessibility_faults, browser, overflow_px, watched_page  # noqa: F401
from tests.unit.graph.excerpts import excerpt_of
from tests.unit.graph.exports.test_exports import HOSTILE, hostile


@pytest.fixture
def page_file(tmp_path):
    def write(excerpt):
        file = tmp_path / "graph.html"
        file.write_text("".join(write_page(excerpt)), encoding="utf-8")
        return file.as_uri()

    return write


def shown(page, selector):
    return page.locator(f"{selector}:not(.dim):visible").count()


def test_a_page_is_chosen_filtered_and_left(browser, page_file):  # noqa: F811
    excerpt = excerpt_of([(0, 1), (1, 2), (3, 4)], titles=["Alpha", "Beta", "Gamma", "D", "E", "F"])
    with watched_page(browser, viewport={"width": 900, "height": 700}) as page:
        page.goto(page_file(excerpt))
        assert shown(page, "g.node") == 6
        page.locator("g.node a").nth(1).focus()
        page.keyboard.press("Enter")
        assert page.url.endswith("#p1")
        assert shown(page, "g.node") == 3
        page.locator("#p1 a", has_text="Gamma").click()
        assert page.url.endswith("#p2")
        page.fill("#filter", "alpha")
        assert shown(page, "li.page") == 1
        assert shown(page, "g.node") == 1
        page.keyboard.press("Escape")
        assert shown(page, "li.page") == 6
        assert accessibility_faults(page) == []


def test_hostile_titles_stay_text_and_the_page_keeps_its_policy(browser, page_file):  # noqa: F811
    with watched_page(browser, viewport={"width": 320, "height": 600}) as page:
        page.goto(page_file(hostile()))

        assert page.locator("li.page").count() == len(HOSTILE)
        assert page.locator("script").count() == 1
        assert "</script><script>alert(1)</script>" in page.locator("ol").inner_text()
        assert overflow_px(page) == 0


def test_without_javascript_it_can_be_read(browser, page_file):  # noqa: F811
    excerpt = excerpt_of([(0, 1)], titles=["Alpha", "Beta", "C", "D", "E", "F"])
    with watched_page(browser, java_script_enabled=False) as page:
        page.goto(page_file(excerpt))
        page.locator("#p0 a", has_text="Beta").click()

        assert page.url.endswith("#p1")
        assert page.locator("#filter").is_hidden()
