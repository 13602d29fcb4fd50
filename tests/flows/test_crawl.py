"""The crawl and purge commands."""

import json
from pathlib import Path

from pipeline.crawl.demo_site import DemoSite
from tests.commands import Command
from tests.pipeline.crawl.endings import FOURTH, LATER, LISTED
from tests.pipeline.crawl.lists import publish
from tests.site import Answer, serve


def test_crawl_and_purge_in_postgresql(
    command: Command, postgresql_url: str, demo_site: DemoSite, tmp_path: Path
) -> None:
    url = postgresql_url.replace("tester@", "tester:hush@")
    first = command("crawl", "--json", REVIEW_SENTIMENT_STORE__URL=url)
    assert first.status == 0, first.err
    rows = json.loads(first.out)["rows"]
    assert rows > demo_site.reviews
    assert not (tmp_path / "data" / "workspace" / "reviews.db").exists()
    again = command("crawl", "--full", REVIEW_SENTIMENT_STORE__URL=url)
    assert f"reviews: {rows:,} known" in again.err
    purged = command("purge", "--source", "demo", "--yes", REVIEW_SENTIMENT_STORE__URL=url)
    assert purged.out == f"{rows:,} reviews deleted\n"
    assert not list((tmp_path / "data").rglob("reviews.parquet"))
    emptied = command("purge", REVIEW_SENTIMENT_STORE__URL=url)
    assert emptied.status == 2
    assert emptied.err.endswith("the store holds: nothing\n")
    for answer in (first, again, purged, emptied):
        assert "hush" not in answer.out + answer.err
    written = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert not [path for path in written if b"hush" in path.read_bytes()]


def test_page_that_is_none_of_the_list_fails_the_crawl(command: Command) -> None:
    with serve() as site:
        publish(site, LISTED)
        described = (
            *("source.kind=html", f"source.url={site.url}/list?page=1", "source.item=li"),
            'source.fields={id="@id", text="p", rating="b"}',
            'source.paging={link="a.next"}',
            'source.fetch={delay=0, private_hosts=["127.0.0.1"], max_tries=1}',
        )
        settings = [part for one in described for part in ("--set", one)]
        assert command("crawl", *settings).status == 0
        site.answers[FOURTH] = Answer(LATER)
        answer = command("crawl", "--full", *settings)
        assert answer.status == 1
        assert answer.error.startswith(f"1 page failed, the first {site.url}{FOURTH}: ")
        assert answer.error.count("\n") == 1
        assert f"html:{site.url}/list?page=1 ({len(LISTED)})" in command("purge").error


def test_purge_requires_confirmation_and_lists_the_sources(command: Command) -> None:
    assert command("crawl").status == 0
    for arguments, message in (
        (
            ["purge"],
            "purge needs --source NAME, --older-than DAYS or both, or --models; the store holds: ",
        ),
        (["purge", "--source", "deom"], "no source deom; the store holds: demo"),
        (["purge", "--source", "demo"], "reviews? not a terminal: pass --yes to confirm"),
        (["purge", "--older-than", "soon"], "'soon' is not a number of days"),
    ):
        answer = command(*arguments)
        assert answer.status == 2
        assert message in answer.err
        assert answer.err.count("\n") == 1
    assert command("purge", "--older-than", "30").out == "0 reviews deleted\n"


def test_public_site_requires_a_contact(command: Command) -> None:
    settings = ["source.kind=zigbang", 'source.cells=["wydm6"]']
    answer = command("crawl", *(part for one in settings for part in ("--set", one)))
    assert answer.status == 2
    assert "source.fetch.contact is not set: give an e-mail address" in answer.err
    assert answer.err.count("\n") == 1
