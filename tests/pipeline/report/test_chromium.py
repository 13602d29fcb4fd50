"""The report in Chromium: layout, accessibility, filters, no network access."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from pipeline.report.phrases import Language
from pipeline.target.base import Target
from pipeline.target.score import Score
from pipeline.target.three import Three
from tests.pipeline.report.page import HOSTILE, RATED, error, explained, hostile, write
from tests.pipeline.report.samples import topic_report
from tests.pipeline.report.test_topics import REVIEWS, WORDS

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


@pytest.fixture(scope="module")
def context(browser: Browser) -> BrowserContext:
    """What all pages share, since Chromium takes a second to make a window."""
    made = browser.new_context(offline=True)
    made.new_page()  # keeps the window open
    return made


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails the test if it logs an error or requests anything but the report."""
    opened = context.new_page()
    faults: list[str] = []
    opened.on("console", lambda message: faults.append(message.text))
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("request", lambda request: faults.append(request.url))
    yield opened
    opened.close()
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
    page.evaluate("location.hash = '#errors'")
    page.locator("#errors").wait_for()
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
    opened.locator("details.model > summary").click()
    assert opened.locator("#errors-list article:visible").count() == len(HOSTILE) + 1
    assert not opened.locator("form").is_visible()
    context.close()


@pytest.fixture(scope="module", params=["en"])
def with_topics(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a report with topics, filters and a hostile topic."""
    folder: Path = tmp_path_factory.mktemp("topics")
    language: Language = request.param
    write(folder, REVIEWS)
    rows = pq.read_table(folder / "judged.parquet").to_pylist()
    report = topic_report(rows, WORDS)
    mentioned = [row | {"topics": [word for word in WORDS if word in row["text"]]} for row in rows]
    write(folder, REVIEWS, hostile(), topics=report, judged=mentioned, language=language)
    return folder


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("with_topics", ["en", "ko"], indirect=True)
def test_topics_are_accessible_at_every_width(with_topics: Path, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    visit(page, with_topics)
    page.locator("table.topics tbody button").first.click()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        axe = Axe().run(page)
        assert axe.violations_count == 0, axe.generate_report()


def test_topics_are_sorted_and_opened_by_keyboard(with_topics: Path, page: Page) -> None:
    visit(page, with_topics)
    names = page.locator("table.topics tbody th")
    shares = page.locator("table.topics tbody td:nth-child(3)")
    values = [float(one.get_attribute("data-value") or "") for one in shares.all()]
    page.get_by_role("button", name="Share of complaints", exact=True).focus()
    page.keyboard.press("Enter")
    sorted_values = [float(one.get_attribute("data-value") or "") for one in shares.all()]
    assert sorted_values == sorted(values, reverse=True)
    assert page.locator("th[aria-sort=descending]").count() == 1
    page.get_by_role("button", name="Topic", exact=True).click()
    page.get_by_role("button", name="Topic", exact=True).click()
    assert page.locator("th[aria-sort=ascending]").inner_text().startswith("Topic")
    assert sorted(names.all_inner_texts()) == names.all_inner_texts()
    quotes = page.locator("#topic-1 .quotes")
    assert not quotes.is_visible()
    page.locator("#topic-1 button").focus()
    page.keyboard.press("Enter")
    assert quotes.is_visible()
    assert "주차" in quotes.locator("mark").first.inner_text()


def test_complaints_are_filtered_by_topic_group_and_period(with_topics: Path, page: Page) -> None:
    visit(page, with_topics)
    shown = page.locator("#complaints-list article:visible")
    total = shown.count()
    page.locator("#topic-1 button").click()
    page.locator("#topic-1").get_by_text("Read the complaints").click()
    of_topic = shown.count()
    assert 0 < of_topic < total
    assert all("주차" in text for text in shown.all_inner_texts())
    page.locator("select[name=group]").select_option(label="단지 1")
    assert all("단지 1" in text for text in shown.all_inner_texts())
    page.locator("select[name=period]").select_option(label="Q2 2026")
    texts = shown.all_inner_texts()
    assert 0 < len(texts) < of_topic
    assert all(re.search(r"2026-0[456]", text) for text in texts)
    assert f"{len(texts)} of {total} reviews" in page.locator("output").first.inner_text()


def test_links_of_the_first_sentences_open_their_topic(with_topics: Path, page: Page) -> None:
    visit(page, with_topics)
    link = page.locator(".standout li a").first
    place = link.get_attribute("href") or ""
    link.click()
    page.locator(f"{place} .quotes").wait_for()  # the page hears of its new address later
    page.locator("nav a[href='#trust']").click()
    page.evaluate("location.hash = '#errors'")
    page.locator("#errors").wait_for()


def test_the_workbook_is_linked_from_a_file(with_topics: Path, browser: Browser) -> None:
    opened = browser.new_page()
    visit(opened, with_topics)
    with opened.expect_download() as got:
        opened.locator("a[href$='.xlsx']").click()
    assert Path(got.value.path()).read_bytes() == (with_topics / "report.xlsx").read_bytes()
    opened.close()


def test_on_paper_lists_are_short_and_all_folds_open(with_topics: Path, page: Page) -> None:
    visit(page, with_topics)
    page.emulate_media(media="print")
    assert page.locator("#complaints-list article:visible").count() == 40
    assert page.get_by_text("Only the first 40 are printed.").first.is_visible()
    assert not page.locator("form").first.is_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#data").is_visible()
