"""``label suggest`` and ``label import``, and a run with their labels."""

import csv
import json
import re
from pathlib import Path

import pytest

from pipeline.crawl.demo_site import DATA, DemoSite
from tests.commands import Answer, Command
from tests.flows.own import SMALL, changes

NOWHERE = "http://127.0.0.1:9/api"

SITE = """
[source]
kind = "html"
url = "{url}/reviews"
item = "li.review"
rating_pattern = "(3)점"
max_pages = 10
fields = {{ id = "@data-id", text = "p.text", rating = ".score", group = ".complex" }}
paging = {{ link = "a.next" }}
fetch = {{ delay = 0, private_hosts = ["127.0.0.1"] }}
"""
"""The demo site, of whose ratings only those of three stars are read, which give no label."""


@pytest.fixture
def unrated(demo_site: DemoSite, tmp_path: Path) -> None:
    """``site.toml``, see :data:`SITE`."""
    (tmp_path / "site.toml").write_text(SITE.format(url=demo_site.url), encoding="utf-8")


def scores() -> dict[str, int]:
    lines = (DATA / "reviews.jsonl").read_text(encoding="utf-8").splitlines()
    return {str(review["id"]): review["score"] for review in map(json.loads, lines)}


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def fill_in(path: Path, known: dict[str, int]) -> None:
    """Fill in the labels that the ratings say; every tenth row stays empty."""
    rows = read(path)
    for number, row in enumerate(rows):
        label = "부정" if known[row["review_id"]] <= 2 else "긍정"
        row["label"] = label if number % 10 else ""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def good(answer: Answer) -> Answer:
    assert answer.status == 0, answer.err
    return answer


@pytest.mark.usefixtures("unrated")
@pytest.mark.long(minutes=1)
def test_from_a_site_without_ratings_to_a_model(command: Command, tmp_path: Path) -> None:
    config = ("--config", "site.toml")
    good(command("crawl", *config))
    suggest = ("label", "suggest", "a.csv", *config)
    first = good(command(*suggest, PREFECT_API_URL=NOWHERE))
    assert "no trained model yet: predicting with the starter" in first.err
    assert "labels given by hand so far: none" in first.err
    assert first.out.startswith("100 of ")
    table = (tmp_path / "a.csv").read_bytes()
    good(command(*suggest))
    assert (tmp_path / "a.csv").read_bytes() == table

    fill_in(tmp_path / "a.csv", scores())
    labels = [row["label"] for row in read(tmp_path / "a.csv") if row["label"]]
    dry = good(command("label", "import", "a.csv", "--dry-run", PREFECT_API_URL=NOWHERE))
    assert dry.out.startswith(f"{len(labels)} new and 0 changed labels would be saved")
    done = good(command("label", "import", "a.csv"))
    assert done.out == f"{len(labels)} new and 0 changed labels saved, 0 unchanged\n"
    assert "labels: 부정/긍정 read as negative/positive" in done.err
    again = good(command("label", "import", "a.csv"))
    assert again.out == f"0 new and 0 changed labels saved, {len(labels)} unchanged\n"

    ran = good(command("run", *config, *changes(*SMALL)))
    assert f"{len(labels)} reviews have a label given by hand" in ran.err
    assert f"{len(labels)} labelled" in ran.err
    assert f"labels: given by hand ({len(labels)})" in ran.err
    assert "by the source" not in ran.err
    (report,) = (tmp_path / "data" / "workspace" / "report").glob("*/report.html")
    page = report.read_text(encoding="utf-8")
    assert f"Labels: {len(labels)} given by hand." in page
    assert re.search(r"(\d+) of the \1 tested reviews were labelled by hand\.", page)

    second = good(command("label", "suggest", "b.csv", "--count", "30", *config))
    assert "predicting with the starter" not in second.err
    assert f"{labels.count('부정')} negative, {labels.count('긍정')} positive" in second.err
    ids = [{row["review_id"] for row in read(tmp_path / name)} for name in ("a.csv", "b.csv")]
    unlabelled = {row["review_id"] for row in read(tmp_path / "a.csv") if not row["label"]}
    assert len(ids[1]) == 30
    assert ids[0] & ids[1] <= unlabelled


def test_labels_of_a_file_stay_when_it_grows(command: Command, tmp_path: Path) -> None:
    texts = [f"{number}번째 방은 {number % 7}층이라 조용해요" for number in range(30)]
    file = tmp_path / "후기.csv"
    file.write_text("\n".join(["리뷰", *texts]), encoding="utf-8")
    advice = good(command("inspect", "후기.csv")).out
    assert "`review-sentiment label suggest to-label.csv '후기.csv'`" in advice
    suggest = ("label", "suggest", "후기.csv", "--count", "10")
    first = (*suggest[:2], "to-label.csv", *suggest[2:])
    assert good(command(*first, PREFECT_API_URL=NOWHERE)).out.startswith("10 of 30")
    rows = read(tmp_path / "to-label.csv")
    fill_in(tmp_path / "to-label.csv", {row["review_id"]: 5 for row in rows})
    good(command("label", "import", "to-label.csv"))
    file.write_text("\n".join(["리뷰", "새 후기가 맨 위에 있어요", *texts]), encoding="utf-8")
    again = good(command(*suggest[:2], "more.csv", *suggest[2:]))
    assert "reviews: 1 new, 30 known" in again.err
    assert "9 reviews have a label given by hand" in again.err
    assert again.out.startswith("10 of 22")


def test_without_a_crawl_there_is_nothing_to_label(command: Command, tmp_path: Path) -> None:
    answer = command("label", "suggest", "a.csv")
    assert answer.status == 2
    assert "holds no crawl of this source (demo): run `review-sentiment crawl`" in answer.error
    row = "source,review_id,text,label\ns,1,좋아요,긍정\n"
    (tmp_path / "a.csv").write_text(row, encoding="utf-8")
    answer = command("label", "import", "a.csv")
    assert answer.status == 2
    assert "the store holds no reviews to label: run `review-sentiment crawl`" in answer.error


def test_a_labelled_source_has_nothing_to_label(command: Command, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("review,label\n좋아요,1\n싫어요,0\n", encoding="utf-8")
    good(command("crawl", "own.csv"))
    answer = command("label", "suggest", "a.csv", "own.csv")
    assert answer.status == 2
    assert answer.error.startswith("nothing to label: all 2 reviews")
