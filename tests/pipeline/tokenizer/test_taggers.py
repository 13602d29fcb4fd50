"""All taggers: tokens equal those of a plain loop, filters, unusual texts, chunks."""

import contextlib
import hashlib
import os
import signal
import struct
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from joblib.externals.loky import reusable_executor

from pipeline.errors import RunError, SettingsError
from pipeline.settings import TokenizerSettings
from pipeline.tokenizer import Tokenizer, base, make_tokenizer, shared_tokenizer, taggers
from pipeline.tokenizer.base import LONGEST_WORD
from pipeline.tokenizer.chunks import chunks_of, join_chunks, tokenize_chunk
from pipeline.tokenizer.factory import close_shared
from pipeline.tokenizer.taggers import MecabTagger, mecab_pos
from tests.processes import running, wait_until

NAMES = ["okt", "komoran", "hannanum", "kkma", "mecab", "kiwi"]
TEXTS = [
    "교통도 편하고 관리도 잘 돼서 정말 만족해요",
    "주차 자리가 없고 층간소음이 심해서 이사 가고 싶어요.",
    "영화 보는 내내 ㅋㅋ 웃다가 끝났네요!! 10,000원이 안 아까움",
    "Token [morph=가, pos=NNG, beginIndex=0, endIndex=1], [바람과 함께 사라지다]",
]


def plain_loop(name: str) -> Any:
    """The tagger called directly, as in a notebook."""
    if name == "mecab":
        mecab = pytest.importorskip("mecab", reason="no wheel of python-mecab-ko for this Python")
        return mecab.MeCab().morphs
    if name == "kiwi":
        import kiwipiepy

        kiwi = kiwipiepy.Kiwi()
        return lambda text: [token.form for token in kiwi.tokenize(text)]
    from konlpy import tag

    return getattr(tag, name.capitalize())().morphs


@pytest.fixture(scope="module", params=NAMES)
def tagger(request: pytest.FixtureRequest) -> Iterator[tuple[str, Tokenizer]]:
    """Name and tokenizer, one at a time, since all together exceed the Java heap."""
    made = make_tokenizer(TokenizerSettings(name=request.param))
    yield request.param, made
    made.close()


def test_tokens_equal_a_plain_loop(tagger: tuple[str, Tokenizer]) -> None:
    name, tokenizer = tagger
    plain = plain_loop(name)
    tokens = list(tokenizer.tokenize(TEXTS * 3))
    assert tokens == [plain(text) for text in TEXTS] * 3


def test_mecab_gives_the_same_tokens_on_every_python() -> None:
    """Of words that the dictionaries of its two packages cut differently."""
    (tagged,) = mecab_pos(["계속 생각나는 영화, 소대가리가 머길래 ㅋㅋ언제쩍 시걸이냐"])
    assert " ".join(f"{token}/{tag}" for token, tag in tagged) == (
        "계속/MAG 생각나/VV 는/ETM 영화/NNG ,/SC 소/XPN 대가리/NNG 가/JKS 머/VV 길래/EC "
        "ㅋㅋ/IC 언제/MAG 쩍/MAG 시걸/NNP 이/VCP 냐/EC"
    )


def mecab_processes(parent: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            is_child = f"\nPPid:\t{parent}\n" in (folder / "status").read_text()
            if is_child and b"popen_loky" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


@pytest.fixture
def after_many_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """MeCab starts its processes at once, as after many characters."""
    monkeypatch.setattr(taggers, "CHARACTERS_BEFORE_PROCESSES", 0)


def test_mecab_starts_processes_for_many_texts_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def started(workers: int) -> None:
        raise ProcessLookupError(f"{workers} processes")

    monkeypatch.setattr(taggers, "_start_processes", started)
    tokenizer = make_tokenizer(TokenizerSettings(name="mecab"), workers=2)
    review = " ".join(TEXTS)
    assert len(list(tokenizer.tokenize([review] * 1_000))) == 1_000
    with pytest.raises(ProcessLookupError, match="2 processes"):
        list(tokenizer.tokenize([review] * 1_000))
    tokenizer.close()


@pytest.mark.usefixtures("after_many_texts")
def test_mecab_tags_many_texts_in_processes() -> None:
    tokenizer = make_tokenizer(TokenizerSettings(name="mecab"), workers=2)
    times = MecabTagger.texts_per_call // 2
    alone = [[token for token, _ in tagged] for tagged in mecab_pos(TEXTS)]
    assert list(tokenizer.tokenize(TEXTS * times)) == alone * times
    assert len(mecab_processes(os.getpid())) == 2
    tokenizer.close()


@pytest.mark.usefixtures("after_many_texts")
def test_mecab_processes_that_are_killed_again_raise_an_error() -> None:
    tokenizer = make_tokenizer(TokenizerSettings(name="mecab"), workers=2)
    with ThreadPoolExecutor() as threads:
        running = threads.submit(lambda: list(tokenizer.tokenize(TEXTS * 50_000)))
        while not running.done():
            time.sleep(0.01)
            for process in mecab_processes(os.getpid())[:1]:
                os.kill(process, signal.SIGKILL)
    with pytest.raises(RunError, match=r"decrease runner\.workers if"):
        running.result()
    tokenizer.close()


@pytest.mark.usefixtures("after_many_texts")
def test_a_mecab_process_may_be_killed() -> None:
    tokenizer = make_tokenizer(TokenizerSettings(name="mecab"), workers=2)
    texts = TEXTS * MecabTagger.texts_per_call
    for _ in range(5):
        assert len(list(tokenizer.tokenize(texts))) == len(texts)
        for process in mecab_processes(os.getpid())[:1]:
            os.kill(process, signal.SIGKILL)
    assert len(list(tokenizer.tokenize(texts))) == len(texts)
    tokenizer.close()


@pytest.mark.usefixtures("after_many_texts")
def test_a_mecab_process_may_be_killed_while_it_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The executor reads the beginning of a result, and waits for its end."""
    monkeypatch.setattr(taggers, "PATIENCE_SECONDS", 0.5)
    if reusable_executor._executor is not None:  # processes of another test, which it killed
        reusable_executor._executor.shutdown(kill_workers=True)
    tokenizer = make_tokenizer(TokenizerSettings(name="mecab"), workers=2)
    texts = TEXTS * MecabTagger.texts_per_call
    assert len(list(tokenizer.tokenize(texts))) == len(texts)
    executor = reusable_executor._executor
    assert executor is not None
    os.write(executor._result_queue._writer.fileno(), struct.pack("!i", 1000) + b"begun")
    os.kill(mecab_processes(os.getpid())[0], signal.SIGKILL)
    assert len(list(tokenizer.tokenize(texts))) == len(texts)
    assert reusable_executor._executor is not executor
    tokenizer.close()


def test_mecab_processes_exit_with_a_killed_parent() -> None:
    script = (
        "from pipeline.settings import TokenizerSettings\n"
        "from pipeline.tokenizer import make_tokenizer\n"
        "tokenizer = make_tokenizer(TokenizerSettings(name='mecab'), workers=2)\n"
        "list(tokenizer.tokenize(['정말 만족해요'] * 5_000_000))\n"
    )
    with running(sys.executable, "-c", script) as parent:
        wait_until(lambda: len(mecab_processes(parent.pid)) == 2, parent)
        found = mecab_processes(parent.pid)
        parent.kill()
        parent.wait()
        until = time.monotonic() + 120
        while any(Path(f"/proc/{one}").exists() for one in found):
            assert time.monotonic() < until
            time.sleep(0.1)


def test_blank_and_unusual_texts(
    tagger: tuple[str, Tokenizer], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, tokenizer = tagger

    def tokens(text: str) -> list[str]:
        (only,) = tokenizer.tokenize([text])
        return only

    for blank in ("", "   ", "\x00", "\ud800", "\ud800 \x00"):
        assert tokens(blank) == []
    assert tokens("좋\x00아요\udfff") == tokens("좋아요")
    assert "".join(tokens("😀 😀 👍")) == "😀😀👍"
    assert tokens("하하" * LONGEST_WORD)
    monkeypatch.setattr(base, "MOST_OF_A_WORD", 1_000)
    assert len(tokens("가나다라" * 250_000)) <= 1_000


def test_no_text_is_lost(tagger: tuple[str, Tokenizer]) -> None:
    texts = [
        "ㄱㅋㄷㄴㅇㅁㄹ" * 30,
        "a" * 1_000,
        "1" * 1_000,
        "😀👍" * 500,
        "ㅋ1a😀!" * 80,
        "☆★" * 200,
    ]
    *tokens, after = tagger[1].tokenize([*texts, "정말"])
    assert ["".join(own) for own in tokens] == texts
    assert after == ["정말"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["교통", "도", "좋고", "시설", "도", "가깝다"]),
        ({"pos": True, "keep_tags": ["Noun"]}, ["교통/Noun", "시설/Noun"]),
        ({"drop_tags": ["Josa"]}, ["교통", "좋고", "시설", "가깝다"]),
        ({"stop_words": ["도", "시설"]}, ["교통", "좋고", "가깝다"]),
        ({"keep_tags": ["Noun"], "stop_words": ["시설"]}, ["교통"]),
    ],
)
def test_filters(settings: dict[str, object], expected: list[str]) -> None:
    tokenizer = make_tokenizer(TokenizerSettings.model_validate(settings))
    assert list(tokenizer.tokenize(["교통도 좋고 시설도 가깝다"])) == [expected]


def test_a_missing_tagger_names_the_package_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "kiwipiepy", None)
    with pytest.raises(SettingsError, match=r"pip install 'review-sentiment\[kiwi\]'"):
        make_tokenizer(TokenizerSettings(name="kiwi"))


def test_options_of_another_tagger_are_refused() -> None:
    with pytest.raises(ValueError, match="stem and norm are options of okt, not of kiwi"):
        TokenizerSettings(name="kiwi", stem=True)


def test_bytes_do_not_depend_on_chunks_or_threads(tmp_path: Path) -> None:
    examples = tmp_path / "examples.parquet"
    texts = [f"{TEXTS[row % 3]} {row}" for row in range(450)]
    pq.write_table(pa.table({"text": texts}), examples, row_group_size=100)
    seen = set()
    for name, chunk_rows, workers in (("a", 1000, 1), ("b", 70, 2), ("c", 200, 4)):
        made = []
        for rows in chunks_of(examples, chunk_rows):
            made.append(tmp_path / f"{name}-{rows.start}.parquet")
            tokenize_chunk(examples, rows, made[-1], TokenizerSettings(), tmp_path, workers)
        output = tmp_path / f"{name}.parquet"
        assert join_chunks(made, output, TokenizerSettings())["rows"] == len(texts)
        seen.add(hashlib.sha256(output.read_bytes()).hexdigest())
    assert len(seen) == 1


def test_close_cancels_other_threads() -> None:
    import threading

    tokenizer = shared_tokenizer(TokenizerSettings(name="kkma"))
    list(tokenizer.tokenize(TEXTS))
    ended: list[BaseException] = []

    def work() -> None:
        try:
            for _ in tokenizer.tokenize(TEXTS * 5_000):
                pass
        except BaseException as error:
            ended.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.5)
    close_shared()
    thread.join(timeout=60)
    assert not thread.is_alive()
    assert ended
