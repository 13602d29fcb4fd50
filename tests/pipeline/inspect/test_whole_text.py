"""The whole text of a review in HTML: all its paragraphs, and what a click would show."""

from pathlib import Path

import pytest

from pipeline.inspect.address import inspect_address
from tests.pipeline.inspect.sites import address, crawled
from tests.site import Answer, Site

PARTS = [
    ("방이 깨끗하고 조용해요", "조식이 맛있고 직원도 친절해요", "다음에 또 올게요"),
    ("주차하기가 너무 힘들었어요", "엘리베이터가 자주 멈춰요", "다시는 안 가요"),
    ("위치가 좋아서 편했어요", "창문으로 바다가 보여요", "추천합니다"),
    ("가격에 비해 별로예요", "침대가 너무 작아요", "환불하고 싶어요"),
]
REST = "style='display:none'"
MORE = "<button>더보기</button>"


@pytest.mark.parametrize(
    "form",
    [
        "<div class='cont'><p>{0}</p><p>{1}</p><p>{2}</p></div>",
        "<div class='cont'><div>{0}</div><div>{1}</div><div><br></div><div>{2}</div></div>",
        "<div class='cont'><p class='p'>{0}</p><p class='p'>{1}</p><p class='p'>{2}</p></div>",
        "<div class='cont'><p>{0}</p><p></p><p><span>{1}</span> <b>{2}</b></p></div>",
        "<div class='cont'><div><p>{0}</p><p>{1}</p></div><div><p>{2}</p></div></div>",
        "<div class='cont'>{0}<br><span>{1}</span><p>{2}</p></div>",
        "<div class='cont'><p><span>{0}</span><em>{1}</em></p><p><span>{2}</span></p></div>",
        "<div><p>{0}</p><p>{1}</p><p>{2}</p></div>",
        "<div itemprop='reviewBody'><p>{0}</p><p>{1}</p><p>{2}</p></div>",
        f"<div class='txt'>{{0}}<i>…</i><span class='rest' {REST}>{{1}} {{2}}</span>{MORE}</div>",
        f"<div class='txt'>{{0}}<span class='all' {REST}>{{0}} {{1}} {{2}}</span></div>",
        f"<div class='txt'><p>{{0}}</p><p {REST}>{{1}} {{2}}</p></div>",
    ],
)
@pytest.mark.parametrize("around", ["{0}", "<div class='box'>{0}<b class='nick'>김철수</b></div>"])
def test_the_whole_text(site: Site, tmp_path: Path, form: str, around: str) -> None:
    rows = "".join(
        f"<li class='rv'><em class='score'>{row}점</em>{around.format(form.format(*parts))}"
        f"<i class='date'>2026-11-0{row}</i></li>"
        for row, parts in enumerate(PARTS, 1)
    )
    site.answers["/reviews"] = Answer(f"<ul>{rows}</ul>")
    found = crawled(inspect_address(address(site, "/reviews")).toml, tmp_path)
    assert [day for _, _, day in sorted(found, key=lambda one: one[2])] == [
        f"2026-11-0{row}" for row in range(1, 5)
    ]
    for text, _, day in found:
        parts = PARTS[int(day[-1]) - 1]
        assert [text.count(part) for part in parts] == [1, 1, 1]
        assert "김철수" not in text
        assert "2026" not in text


def test_short_texts_beside_longer_ones(site: Site, tmp_path: Path) -> None:
    texts = [(f"{' '.join(parts[:2])}", parts[2]) for parts in PARTS]
    rows = "".join(
        f"<li class='rv'><em class='score'>{row}점</em><div class='txt'>{text}"
        + (f"<span class='rest' {REST}>{rest}</span>" if row < 3 else "")
        + "</div></li>"
        for row, (text, rest) in enumerate(texts, 1)
    )
    site.answers["/reviews"] = Answer(f"<ul>{rows}</ul>")
    found = crawled(inspect_address(address(site, "/reviews")).toml, tmp_path)
    wanted = {
        row: [text, *([rest] if row < 3 else [])] for row, (text, rest) in enumerate(texts, 1)
    }
    assert {rating: text.splitlines() for text, rating, _ in found} == wanted


@pytest.mark.parametrize(
    "form",
    [
        "<div><p>김철수</p><p class='t'>{0}</p></div>",
        "<div><p>김철수</p><p>{0}</p></div>",
        "<div class='info'><b class='nick'>김철수</b><p>{0}</p></div>",
        "<div class='info'><p>{0}</p><em>{1}</em></div>",
        "<dl><dt>작성자</dt><dd>김철수</dd><dt>내용</dt><dd>{0}</dd></dl>",
        "<div class='box'><p>{0}</p><div class='reply'>김철수 {1}</div></div>",
    ],
)
def test_nothing_else_is_part_of_the_text(site: Site, tmp_path: Path, form: str) -> None:
    rows = "".join(
        f"<li class='rv'><em class='score'>{row}점</em>{form.format(parts[0], f'{row}점')}</li>"
        for row, parts in enumerate(PARTS, 2)
    )
    site.answers["/reviews"] = Answer(f"<ul>{rows}</ul>")
    found = crawled(inspect_address(address(site, "/reviews")).toml, tmp_path)
    assert [text for text, _, _ in found] == sorted(parts[0] for parts in PARTS)
