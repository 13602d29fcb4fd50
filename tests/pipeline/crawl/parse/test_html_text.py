import pytest
from bs4 import BeautifulSoup

from pipeline.crawl.parse.html_text import visible_text
from pipeline.reviews.review import storable


def text_of(html: str, selector: str = "#t") -> str:
    tag = BeautifulSoup(html, "lxml").select_one(selector)
    assert tag is not None
    return visible_text(tag)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("좋<b>아</b>요", "좋아요"),
        ("<b>조용</b> <i>해요</i>", "조용 해요"),
        ("값 &lt; 품질 &amp; &quot;만족&quot;&nbsp;&#54620;", '값 < 품질 & "만족" 한'),
        ("  좋아요 \n\t 정말\u3000좋아요 ", "좋아요 정말 좋아요"),
        ("첫째<br>둘째<br/>셋째", "첫째\n둘째\n셋째"),
        ("첫째<br><br><br><br>둘째", "첫째\n\n둘째"),
        ("<br>첫째<br><br>", "첫째"),
        ("<p>첫째</p><p>둘째</p>", "첫째\n둘째"),
        ("<div>첫째<br></div><div>둘째</div>", "첫째\n둘째"),
        ("<p>첫째</p><p><br></p><p>둘째</p>", "첫째\n\n둘째"),
        ("머리<ul><li>하나<li>둘</ul>꼬리", "머리\n하나\n둘\n꼬리"),
        ("글<script>alert('x')</script><style>p{}</style>끝", "글끝"),
        ("글<noscript>켜세요</noscript><template><p>틀</p></template>끝", "글끝"),
        ("글<!-- 주석 -->끝", "글끝"),
        ("글<span hidden>숨김</span><i aria-hidden='true'>별</i>끝", "글끝"),
        ("글<span aria-hidden='false'>보임</span>끝", "글보임끝"),
        ("글<span style='color:red; DISPLAY : none'>숨김</span>끝", "글끝"),
        ("글<span style='visibility:hidden'>숨김</span>끝", "글끝"),
        ("글<span style='display:inline'>보임</span>끝", "글보임끝"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"),
        ("그는 \"'최고'라고\" 했다", "그는 \"'최고'라고\" 했다"),
        ("\u202e오른쪽\u202c", "\u202e오른쪽\u202c"),
        ("가족👨‍👩‍👧 ㅋㅋㅋ", "가족👨‍👩‍👧 ㅋㅋㅋ"),
        ("", ""),
    ],
)
def test_visible_text(html: str, text: str) -> None:
    assert text_of(f"<div id=t>{html}</div>") == text


def test_text_of_a_hidden_element_itself() -> None:
    page = "<p id=t style='display:none' hidden>전체 <b>글</b><i hidden>광고</i></p>"
    assert text_of(page) == "전체 글"
    assert text_of("<script id=t>글</script>") == "글"


def test_elements_in_apart_are_omitted() -> None:
    soup = BeautifulSoup("<div id=t>글<div id=reply>답글</div></div>", "lxml")
    outer, inner = soup.select("div")
    assert visible_text(outer, apart={id(inner)}) == "글"
    assert visible_text(inner, apart={id(inner)}) == "답글"


def test_deeply_nested_and_long_elements() -> None:
    assert text_of("<div id=t>" + "<b>" * 10_000 + "깊다" + "</b>" * 10_000 + "</div>") == "깊다"
    assert text_of("<div id=t>" + "<div>" * 10_000 + "깊다</div>") == "깊다"
    assert text_of("<div id=t>" + "길어요 " * 30_000 + "</div>") == " ".join(["길어요"] * 30_000)


def test_nul_and_lone_surrogates_are_replaced() -> None:
    assert storable("가\0나\ud800다😀") == "가나\ufffd다😀"
