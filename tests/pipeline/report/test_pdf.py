"""Pages printed by Chromium."""

from __future__ import annotations

import re
import shutil
import zlib
from pathlib import Path

import pytest

from pipeline.errors import InputError, RunError
from pipeline.report import pdf
from tests.pipeline.report.page import RATED, write

needs_chromium = pytest.mark.skipif(
    not any(map(shutil.which, pdf.PROGRAMS)), reason="needs chromium"
)


def characters(content: bytes) -> str:
    """The characters that the fonts of a PDF say they draw."""
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.S):
        try:
            text = zlib.decompress(stream).decode("latin-1")
        except zlib.error:
            continue
        for first, last, start in re.findall(r"<(\w{4})> <(\w{4})> <(\w{4})>", text):
            count = int(last, 16) - int(first, 16) + 1
            found += [chr(int(start, 16) + step) for step in range(count)]
        for block in re.findall(r"beginbfchar(.*?)endbfchar", text, re.S):
            found += [chr(int(one, 16)) for _, one in re.findall(r"<(\w{4})> <(\w{4})>", block)]
    return "".join(found)


@needs_chromium
def test_a_page_is_printed_with_its_hangul(tmp_path: Path) -> None:
    write(tmp_path, RATED, language="ko")
    page = tmp_path / "보고서 #1?.html"
    (tmp_path / "report.html").rename(page)
    output = tmp_path / "report.pdf"
    pdf.write_pdf(page, output)
    content = output.read_bytes()
    assert content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b(?!s)", content)) >= 2
    assert set("리뷰분석") <= set(characters(content))
    assert {path.name for path in tmp_path.glob("*.pdf*")} == {"report.pdf"}


@needs_chromium
def test_a_missing_page_is_an_error_and_leaves_the_file_alone(tmp_path: Path) -> None:
    output = tmp_path / "report.pdf"
    output.write_text("kept")
    with pytest.raises(RunError, match="did not print"):
        pdf.write_pdf(tmp_path / "none.html", output)
    assert output.read_text() == "kept"


def test_without_chromium_the_next_step_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match=r"--pdf needs one of chromium, .* on PATH; install"):
        pdf.write_pdf(tmp_path / "report.html", tmp_path / "report.pdf")
