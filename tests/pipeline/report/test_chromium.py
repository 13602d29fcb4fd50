"""The report in Chromium: layout, accessibility, filters, no network access."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from pipeline.target.base import Target
from pipeline.target.score import Score
from pipeline.target.three import Three
from tests.pipeline.report.page import HOSTILE, RATED, error, explained, hostile, write

CHROMIUM = shutil.which("chromium")
PICTURES = os.environ.get("REPORT_PICTURES")
"""A folder to keep the pictures in."""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test if it logs an error or requests anything but the report."""
    context = browser.new_context(offline=True)
    opened = context.new_page()
    faults: list[str] = []
    opened.on("console", lambda message: faults.append(message.text))
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("request", lambda request: faults.append(request.url))
    yield opened
    context.close()
    assert [one for one in faults if not one.startswith("file:///tmp/")] == []
    assert len(faults) == 1


def visit(page: Page, folder: Path) -> None:
    page.goto((folder / "report.html").as_uri())


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_hostile_reviews_are_text_at_every_width(tmp_path: Path, page: Page, width: int) -> None:
    write(tmp_path, RATED, hostile(), language="ko" if width == 768 else "en")
    page.set_viewport_size({"width": width, "height": 900})
    visit(page, tmp_path)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    for text in HOSTILE[:2]:
        assert page.get_by_text(text[:30]).count()
    assert page.evaluate("document.querySelectorAll('main img, main script').length") == 0
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"report-{width}-{scheme}.png", full_page=True)
        axe = Axe().run(page)
        assert axe.violations_count == 0, axe.generate_report()


@pytest.mark.parametrize("target", [Three(), Score(lowest=1, highest=5)], ids=["three", "score"])
def test_reports_of_every_kind_are_accessible(tmp_path: Path, page: Page, target: Target) -> None:
    row = error("가", "neutral")
    if target.kind == "score":
        row = error("가", 1.0, network={"score": 3}, baseline={"score": 2})
    write(tmp_path, RATED, explained([row]), target=target)
    visit(page, tmp_path)
    axe = Axe().run(page)
    assert axe.violations_count == 0, axe.generate_report()


def test_errors_are_searched_and_filtered_by_keyboard(tmp_path: Path, page: Page) -> None:
    write(tmp_path, explanation=hostile())
    visit(page, tmp_path)
    shown = page.locator("#errors-list article:visible")
    total = len(HOSTILE) + 1
    assert shown.count() == total
    page.get_by_label("Search errors").focus()
    page.keyboard.type("층간")
    assert shown.count() == 1
    assert (
        page.locator("#errors-list").locator("xpath=preceding-sibling::form//output").inner_text()
        == f"1 of {total} errors"
    )
    page.keyboard.press("Enter")
    for _ in range(2):
        page.keyboard.press("Backspace")
    page.keyboard.press("Tab")
    for of_label in (1, len(HOSTILE)):
        page.keyboard.press("ArrowDown")
        assert shown.count() == of_label
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert shown.count() == 1
    assert "층간소음" in shown.inner_text()


def test_hangul_is_drawn(tmp_path: Path, page: Page) -> None:
    write(tmp_path)
    visit(page, tmp_path)
    drawn = page.evaluate("""() => ["가", "힣", "\\uE123"].map(text => {
        const context = document.createElement("canvas").getContext("2d");
        context.font = getComputedStyle(document.body).font;
        context.fillText(text, 10, 40);
        return context.getImageData(0, 0, 60, 60).data.join();
    })""")
    assert len(set(drawn)) == 3


def test_without_script_all_errors_stand_there(tmp_path: Path, browser: Browser) -> None:
    write(tmp_path, explanation=hostile())
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    visit(opened, tmp_path)
    assert opened.locator("#errors-list article:visible").count() == len(HOSTILE) + 1
    assert not opened.locator("form").is_visible()
    context.close()
