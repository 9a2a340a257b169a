"""Reports in a real browser: opened from a file, used by keyboard, narrow, without a script."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.browser import accessibility_faults, browser, overflow_px, watched_page
from tests.support import run_command, write_files
from tests.unit.report.pages import grown_run, rendered

__all__ = ["browser"]

BAD = "<img src=x onerror=alert(1)>"
HOSTILE_PAGES = {
    f"{BAD}.md": "# </script><script>alert(2)</script> lamp\n\nThe lamp needs oil \u202edab\u202c. "
    "See [javascript:alert(3)](b.md).\n",
    "b.md": f"# {BAD} oil\n\nOil for the lamp is in the store \x1b[31m of [the lamp]"
    f"(<{BAD}.md>) and [more](c.md).\n",
    "c.md": "# Store\n\nThe store has oil " + "x" * 20_000 + ".\n",
}
QUESTION = f"Which oil does the lamp need, and {BAD} where is the store?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with a hostile corpus, a run over it, and its reports."""
    made = tmp_path_factory.mktemp("reports")
    write_files(made / "docs", HOSTILE_PAGES)
    asked = [
        {"id": "q1", "question": QUESTION, "gold": [f"{BAD}.md"]},
        {"id": "q2", "question": "Where is the store?", "gold": ["c.md", "gone.md"]},
        {"id": "q3", "question": "Who painted the tower?", "gold": []},
    ]
    (made / "q.jsonl").write_text("".join(json.dumps(item) + "\n" for item in asked), "utf-8")
    commands = (
        ("index", "docs"),
        ("ask", QUESTION, "--deep", "--engine", "inline", "--no-cache"),
        ("eval", "q.jsonl", "--agents", "0,3", "--html", "eval.html"),
    )
    for words in commands:
        assert run_command(*words, cwd=made).code == 0
    (run,) = (path.name for path in (made / ".docsearch" / "runs").iterdir())
    assert run_command("runs", "export", run, "--html", "run.html", cwd=made).code == 0
    return made


def address(folder: Path, name: str = "run.html") -> str:
    return (folder / name).as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["run.html", "eval.html"])
def test_a_report_of_hostile_documents_opens_without_a_fault(browser, folder, name, scheme):
    with watched_page(browser, color_scheme=scheme) as page:
        page.on("dialog", lambda dialog: pytest.fail(f"a document's script ran: {dialog.message}"))
        page.goto(address(folder, name))
        page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")

        assert accessibility_faults(page) == []
        assert page.locator("img").count() == 0
        assert BAD in page.locator("main").inner_text()


@pytest.mark.parametrize("name", ["run.html", "eval.html"])
def test_a_report_fits_a_narrow_screen(browser, folder, name):
    with watched_page(browser, viewport={"width": 320, "height": 640}) as page:
        page.goto(address(folder, name))
        page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")

        assert overflow_px(page) == 0


def test_a_quote_leads_to_its_file_and_to_its_step(browser, folder):
    with watched_page(browser) as page:
        page.goto(address(folder))
        link = page.locator("#quote-1 a.path").first
        file = Path(page.evaluate("a => decodeURIComponent(new URL(a.href).pathname)",
                                  link.element_handle()))  # fmt: skip
        page.locator("#quote-1 a[href^='#step-']").click()
        target = page.locator(":target")

        assert file.is_file()
        assert file.parent == folder / "docs"
        assert target.get_attribute("open") is not None
        assert target.locator("h3", has_text="View").is_visible()


def test_a_box_of_the_picture_opens_its_step(browser, folder):
    with watched_page(browser) as page:
        page.goto(address(folder))
        page.locator("section[aria-labelledby=picture] a[href='#step-2']").click()

        assert page.locator("#step-2").get_attribute("open") is not None


def test_steps_are_filtered_by_words_and_by_kind(browser, folder):
    with watched_page(browser) as page:
        page.goto(address(folder))
        total = page.locator(".step").count()
        page.get_by_label("Words that a step must have").fill("store c.md depth")
        page.locator(".tools output", has_text=" of ").wait_for()
        some = page.locator(".step:visible").count()
        page.get_by_label("Words that a step must have").fill("no such words")
        page.locator(".tools output", has_text=f"0 of {total}").wait_for()

        assert 0 < some <= total
        assert page.locator(".step:visible").count() == 0
        page.get_by_label("Words that a step must have").fill("")
        page.get_by_label("Only steps that").select_option("cited")
        page.locator(f".step[data-kind~=cited]:visible >> nth={0}").wait_for()
        assert page.locator(".step:visible:not([data-kind~=cited])").count() == 0


def test_a_link_leads_to_a_step_that_was_filtered_out_with_all_beside_it(browser, folder):
    with watched_page(browser) as page:
        page.goto(address(folder))
        page.get_by_label("Words that a step must have").fill("no such words")
        page.locator(".steps").first.wait_for(state="hidden")
        page.locator("section[aria-labelledby=picture] a[href='#step-2']").click()

        assert page.locator("#step-2").is_visible()
        assert page.locator(".step:visible").count() == 1


def test_all_of_it_works_from_the_keyboard(browser, folder):
    with watched_page(browser) as page:
        page.goto(address(folder))
        page.keyboard.press("Tab")
        first = page.evaluate("document.activeElement.textContent")
        page.keyboard.press("/")
        field = page.evaluate("document.activeElement.id")
        page.keyboard.type("lamp")
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches('.step > summary')"):
                break
        page.keyboard.press("Enter")

        assert first == "Skip to the content"
        assert field == "step-words"
        assert page.evaluate("document.activeElement.parentElement.open")


def test_without_a_script_everything_can_be_read(browser, folder):
    with watched_page(browser, java_script_enabled=False) as page:
        page.goto(address(folder))

        assert page.locator("#quote-1 blockquote").is_visible()
        assert page.locator("svg a").count() > 0
        assert not page.locator("form.tools").is_visible()
        page.locator("#step-1 > summary").click()
        assert page.locator("#step-1 h3", has_text="Attempts").is_visible()


def test_questions_of_an_evaluation_are_sorted_and_filtered(browser, folder):
    def ids():
        return page.locator("#question-list tr:visible td:first-child").all_inner_texts()

    with watched_page(browser) as page:
        page.goto(address(folder, "eval.html"))
        before = ids()
        head = page.locator("th", has_text="id").get_by_role("button")
        head.click()
        head.click()
        after = ids()
        order = page.locator("th", has_text="id").first.get_attribute("aria-sort")
        page.get_by_label("Only questions that").select_option("not_indexed")

        assert (before, after, order) == (["q1", "q2", "q3"], ["q3", "q2", "q1"], "descending")
        assert ids() == ["q2"]


def test_a_short_report_is_printed_with_its_steps_open(browser, folder):
    with watched_page(browser) as page:
        page.goto(address(folder))
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        opened = page.locator(".step[open]").count()
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")

        assert opened == page.locator(".step").count()
        assert page.locator(".step[open]").count() == 0


def test_two_thousand_steps_are_opened_and_filtered_at_once(browser, tmp_path):
    (tmp_path / "big.html").write_text(rendered(grown_run(2_000)), "utf-8")
    with watched_page(browser) as page:
        page.goto(address(tmp_path, "big.html"))
        loaded_ms = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
        began = time.monotonic()
        filter_ms = page.evaluate(
            """() => {
                const field = document.querySelector("#step-words");
                const began = performance.now();
                field.value = "engine-room";
                field.form.requestSubmit();
                document.body.getBoundingClientRect();
                return performance.now() - began;
            }"""
        )

        assert page.locator(".step").count() == 2_000
        # Ten times what it takes on a machine that does nothing else.
        assert loaded_ms < 10_000
        assert filter_ms < 4_000
        assert time.monotonic() - began < 10
