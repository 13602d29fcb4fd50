"""Detection of the character encoding of web pages."""

from __future__ import annotations

import random

import pytest

from pipeline.storage.encoding import decode_page

KOREAN = "똠방각하는 뷁 하고 웃었다. 살기 좋은 아파트입니다."


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        pytest.param(b"\xef\xbb\xbf" + KOREAN.encode(), "euc-kr", id="BOM beats header"),
        pytest.param(KOREAN.encode("utf-16"), None, id="UTF-16 BOM"),
        pytest.param(KOREAN.encode("cp949"), "euc-kr", id="EUC-KR is CP949"),
        pytest.param(KOREAN.encode("cp949"), "KS_C_5601-1987", id="old name of EUC-KR"),
        pytest.param(KOREAN.encode("cp949"), "x-windows-949", id="name unknown to Python"),
        pytest.param(KOREAN.encode("cp949"), "utf-8", id="CP949 declared as UTF-8"),
        pytest.param(KOREAN.encode(), "euc-kr", id="UTF-8 declared as EUC-KR"),
        pytest.param(KOREAN.encode(), "no-such-encoding", id="unknown header"),
        pytest.param(KOREAN.encode("cp949"), "iso-8859-1", id="CP949 declared as Latin-1"),
        pytest.param(KOREAN.encode("utf-16-le"), "utf-16-le", id="header only"),
        pytest.param(KOREAN.encode(), "unicode_escape", id="Python-only encoding"),
        pytest.param(KOREAN.encode(), "hex", id="not a text encoding"),
        pytest.param(KOREAN.encode("cp949"), None, id="none declared"),
        *(
            pytest.param(KOREAN.encode(encoding), charset, id=f"{encoding} declared as {charset}")
            for charset in (
                "koi8-r",
                "windows-1251",
                "utf-16",
                "utf-16le",
                "utf-32",
                "big5",
                "shift_jis",
                "gb18030",
                "iso-8859-5",
                "macroman",
            )
            for encoding in ("utf-8", "cp949")
        ),
    ],
)
def test_korean_pages_are_decoded(body: bytes, charset: str | None) -> None:
    assert decode_page(body, charset) == KOREAN
    assert decode_page(bytearray(body), charset) == KOREAN


@pytest.mark.parametrize(
    ("encoding", "charset"),
    [("utf-8", "koi8-r"), ("utf-8", "windows-1251"), ("utf-8", "utf-16"), ("cp949", "big5")],
)
def test_korean_whose_bytes_are_valid_in_the_declared_encoding(encoding: str, charset: str) -> None:
    text = "층간소음이 심해요."
    body = text.encode(encoding)
    assert body.decode(charset) != text
    assert decode_page(body, charset) == text


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="euc-kr">', "cp949"),
        ("<META http-equiv=Content-Type content='text/html; charset=ks_c_5601-1987'>", "cp949"),
        ('<?xml version="1.0" encoding="EUC-KR"?>', "cp949"),
        ('<meta charset="utf-16">', "utf-8"),
        ('<meta charset="shift_jis">', "shift_jis"),
    ],
)
def test_encoding_declared_in_the_page(head: str, encoding: str) -> None:
    text = head + ("テスト" if encoding == "shift_jis" else KOREAN)
    assert decode_page(text.encode(encoding), None) == text


@pytest.mark.parametrize("charset", ["utf-8", "koi8-r", "big5", None])
def test_review_in_another_encoding_is_decoded_by_itself(charset: str | None) -> None:
    reviews = [f"{number}번째 후기, 살기 좋아요" for number in range(30)]
    for main, other in (("utf-8", "cp949"), ("cp949", "utf-8")):
        for alone in (KOREAN, "좋아요", "ㅋㅋㅋ 최고"):
            parts = [f"<li>{review}</li>".encode(main) for review in reviews]
            parts.insert(7, f"<li>{alone}</li>".encode(other))
            text = decode_page(b"".join(parts), charset)
            assert f"<li>{alone}</li>" in text
            assert all(f"<li>{review}</li>" in text for review in reviews)


def test_real_text_in_other_encodings_is_kept_when_declared() -> None:
    for encoding, text in (
        ("big5", "這個公寓很好,交通方便,環境安靜。推薦給大家!"),
        ("gb18030", "这个公寓很好，交通方便，环境安静。"),
        ("shift_jis", "このアパートはとても良いです。駅に近くて便利。"),
        ("windows-1251", "Очень хорошая квартира, рядом метро."),
        ("koi8-r", "Очень хорошая квартира, рядом метро."),
        ("utf-16-le", "<p>Очень хорошая квартира</p>"),
    ):
        assert decode_page(text.encode(encoding), encoding) == text


def test_latin_1_is_kept_when_declared() -> None:
    assert decode_page("Café à Séoul".encode("latin-1"), "iso-8859-1") == "Café à Séoul"


def test_invalid_bytes_become_replacement_characters() -> None:
    for encoding in ("utf-8", "cp949"):
        text = decode_page((KOREAN * 20).encode(encoding) + b"\xff\xff", encoding)
        assert text.startswith(KOREAN * 20)
        assert text.endswith("\ufffd")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("koi8-r", "Съешь же ещё этих мягких французских булок, да выпей чаю. "),
        ("big5", "這個公寓很好,交通方便,環境安靜。"),
    ],
)
def test_other_encodings_are_detected(encoding: str, text: str) -> None:
    assert decode_page((text * 20).encode(encoding), None) == text * 20


def test_nul_and_lone_surrogates_are_removed() -> None:
    assert decode_page("가\0나".encode(), None) == "가나"
    chance = random.Random(7)  # noqa: S311
    for charset in (None, "utf-8", "utf-7", "utf-16", "raw_unicode_escape", "cp949", "utf-8-sig"):
        for _ in range(50):
            text = decode_page(chance.randbytes(chance.randrange(60)), charset)
            assert "\0" not in text
            text.encode()
    decode_page(b"+2AA-", "utf-7").encode()
