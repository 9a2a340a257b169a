"""A real browser for tests of pages: headless Chromium through playwright, or a reason to skip.

``watched_page`` opens a page that may not reach anything but what it is given, and fails at its end
if the page wrote an error to the console, broke its own content security policy or raised. Both
packages that are needed are of the group ``dev``; the browser is the system's.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# As distributions and builds of it name the program.
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find_chromium() -> str | None:
    """Return the browser's program: ``CHROMIUM`` in the environment, else one on the path."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    return next(filter(None, map(shutil.which, _NAMES)), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium for the tests of a module."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = find_chromium()
    if program is None:
        pytest.skip("there is no Chromium: install one, or name it in CHROMIUM")
    with sync_api.sync_playwright() as playwright:
        # Without its own sandbox it also starts as root and in a container.
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@contextmanager
def watched_page(
    browser: Browser, *, expected: Sequence[str] = (), **options: Any
) -> Iterator[Page]:
    """Open a page in a session of its own, and check at the end that nothing went wrong in it.

    Args:
        browser: The fixture.
        expected: Parts of console messages that are no fault here.
        options: Of ``browser.new_context``: viewport, color_scheme, java_script_enabled, ...
    """
    context = browser.new_context(**options)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"raised: {error}"))
    page.on(
        "console",
        lambda message: (
            faults.append(message.text)
            if message.type in ("error", "warning")
            and not any(part in message.text for part in expected)
            else None
        ),
    )
    page.on("requestfailed", lambda request: faults.append(f"failed: {request.url[:200]}"))
    try:
        yield page
        assert faults == []
    finally:
        context.close()


def accessibility_faults(page: Page) -> list[str]:
    """Return what axe-core objects to on a page as it stands: each rule, with its first place."""
    pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    source = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    page.evaluate(source)  # by the debugger: a page's own policy would refuse a script element
    found = page.evaluate("axe.run().then(result => result.violations)")
    return [f"{item['id']}: {item['help']}: {item['nodes'][0]['html'][:200]}" for item in found]


def overflow_px(page: Page) -> int:
    """Return by how many pixels a page is wider than its window."""
    wider: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wider
