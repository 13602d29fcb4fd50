"""The page of a comparison in Chromium."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from pipeline.report.phrases import Language
from tests.pipeline.report.test_comparison import read, write

CHROMIUM = shutil.which("chromium")


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_is_accessible_and_opens_its_rows(tmp_path: Path, language: Language) -> None:
    write(tmp_path, read(tmp_path, "17", "20"), language)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(offline=True).new_page()
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: faults.append(request.url))
        page.goto((tmp_path / "comparison.html").as_uri())
        faults.remove(page.url)
        assert page.locator("tr.quotes").count() == 5
        assert page.locator("tr.quotes:visible").count() == 0
        page.locator(".standout li a").first.click()
        assert page.locator("tr.quotes:visible").count() == 1
        assert "주차" in page.locator("tr.quotes:visible mark").first.inner_text()
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                axe = Axe().run(page)
                assert axe.violations_count == 0, axe.generate_report()
        assert faults == []
        browser.close()
