import unicodedata

from pipeline.crawl.parse.pseudonym import Pseudonym


def test_pseudonym_is_stable_and_distinct_per_name() -> None:
    author = Pseudonym(b"key")
    one = author.of("홍길동")
    assert len(one) == 32
    assert int(one, 16) >= 0
    assert author.of("  홍길동\n") == author.of(unicodedata.normalize("NFD", "홍길동")) == one
    assert author.of("홍길순") != one


def test_pseudonym_depends_on_the_key() -> None:
    assert Pseudonym(b"other").of("홍길동") != Pseudonym(b"key").of("홍길동")
    assert "key" not in repr(Pseudonym(b"key"))


def test_empty_name_has_no_pseudonym() -> None:
    assert Pseudonym(b"key").of(" ") == Pseudonym(b"key").of("") == ""
