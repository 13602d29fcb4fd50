import unicodedata

from pipeline.crawl.parse.pseudonym import Pseudonym


def test_a_pseudonym_is_the_same_for_the_same_person_only() -> None:
    author = Pseudonym(b"key")
    one = author.of("홍길동")
    assert len(one) == 32
    assert int(one, 16) >= 0
    assert author.of("  홍길동\n") == author.of(unicodedata.normalize("NFD", "홍길동")) == one
    assert author.of("홍길순") != one


def test_another_key_gives_another_pseudonym() -> None:
    assert Pseudonym(b"other").of("홍길동") != Pseudonym(b"key").of("홍길동")
    assert "key" not in repr(Pseudonym(b"key"))


def test_no_name_has_no_pseudonym() -> None:
    assert Pseudonym(b"key").of(" ") == Pseudonym(b"key").of("") == ""
