"""Aspects and judgements of the demo's topics, against mentions that were labelled by hand.

``demo_mentions.tsv`` was written by reading reviews, before any topic was looked at. ``text`` is
the aspect of the text that has the words, empty for the whole review; ``aspect`` is what they are
about.
"""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pipeline.crawl.demo_site import DATA
from pipeline.predict.starter import AdaptedStarter
from pipeline.prepare.clean import clean
from pipeline.settings import CleanSettings
from pipeline.topics.aspects import by_source, source_aspects
from pipeline.topics.documents import Documents
from pipeline.topics.extraction import Topics, find_topics
from pipeline.topics.judge import judge
from tests.pipeline.topics.made_up import tagger

MENTIONS = Path(__file__).with_name("demo_mentions.tsv")
ENOUGH = 100
BAR = 0.75


@pytest.fixture(scope="module")
def demo() -> Documents:
    rows = []
    for line in (DATA / "reviews.jsonl").read_text(encoding="utf-8").splitlines():
        review = json.loads(line)
        own = str(review["id"]), str(review["complex"]), review["date"]
        rows.append((*own, "", review["text"], float(review["score"])))
        for aspect, text in review["aspect_texts"].items():
            rows.append((*own, aspect, text, float(review["aspect_scores"][aspect])))
    ids, groups, dates, aspects, texts, ratings = map(list, zip(*rows, strict=True))
    cleaned = [clean(text, CleanSettings()) for text in texts]
    return Documents(
        texts=cleaned,
        sources=["demo"] * len(rows),
        review_ids=ids,
        aspects=aspects,
        groups=groups,
        group_names=groups,
        dates=dates,
        ratings=np.array(ratings),
        opinions=(np.array(ratings) - 3) / 2,
        positive=AdaptedStarter(texts, CleanSettings()).predict(texts),
    )


@pytest.fixture(scope="module")
def topics(demo: Documents, tmp_path_factory: pytest.TempPathFactory) -> Topics:
    return find_topics(demo, tagger(memo=tmp_path_factory.mktemp("memo")), "okt")


def found_mentions(demo: Documents, topics: Topics) -> Iterator[tuple[dict[str, str], int]]:
    """Each labelled mention that is an occurrence of a topic, with the occurrence's place."""
    keys = zip(demo.review_ids, demo.aspects, strict=True)
    number = {key: index for index, key in enumerate(keys)}
    found = topics.found
    with MENTIONS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            text = number[row["review_id"], row["text"]]
            begin = demo.texts[text].index(row["words"])
            here = (found.texts == text) & (found.begins < begin + len(row["words"]))
            places = np.flatnonzero(here & (found.ends > begin))
            if len(places):
                yield row, int(places[0])


def test_topics_have_the_aspects_of_the_mentions(demo: Documents, topics: Topics) -> None:
    aspects = source_aspects(demo)
    named = by_source(demo, topics.found, topics.vectors, aspects)
    right = [
        named[topics.found.ids[place]] == row["aspect"]
        for row, place in found_mentions(demo, topics)
    ]
    print(f"aspects: {sum(right)} of {len(right)}")
    assert aspects == ["거주환경", "교통", "단지관리", "주변환경"]
    assert len(right) >= ENOUGH
    assert np.mean(right) >= BAR


def test_mentions_are_judged_as_a_reader_does(demo: Documents, topics: Topics) -> None:
    texts = [text for text in demo.texts if text]
    judged = judge(demo, topics.found, AdaptedStarter(texts, CleanSettings()).predict)
    right = [
        (judged.logits[place] > 0) == (row["judgement"] == "positive")
        for row, place in found_mentions(demo, topics)
    ]
    print(f"judgements: {sum(right)} of {len(right)}")
    assert np.mean(right) >= BAR
