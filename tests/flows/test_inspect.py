"""``inspect``: look before a run."""

import csv
import json
from pathlib import Path

from rich.cells import cell_len

from pipeline.crawl.demo_site import DATA, DemoSite
from tests.commands import Command
from tests.docs import Page
from tests.pipeline.awkward_tables import FILES
from tests.processes import ROOT

SCREEN = 40
"""Lines."""


def test_a_person_sees_the_file(command: Command, tmp_path: Path) -> None:
    (tmp_path / "후기.csv").write_bytes((FILES / "shop_export.csv").read_bytes())
    answer = command("inspect", "후기.csv")
    assert (answer.status, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[0] == "후기.csv: CSV, CP949, fields separated by ,, 2 rows"
    table = lines[2:8]
    assert table[0].split() == ["column", "used", "as", "filled", "row", "1", "row", "2"]
    begin = table[0].index("used as")
    for line, taken in zip(table[1:], ("100%", "group", "text", "rating", "date"), strict=True):
        before = line[: line.index(taken)]
        assert cell_len(before) == (begin if taken != "100%" else table[0].index("filled"))
    assert "fix first  1. a run would fail: too few negative reviews" in answer.out
    assert answer.out.endswith(
        'text = "리뷰 내용"\nrating = "별점"\ndate = "작성일"\ngroup = "상품명"\n'
    )
    assert len(lines) <= SCREEN
    assert max(map(cell_len, lines)) <= 100
    assert [path.name for path in tmp_path.iterdir()] == ["후기.csv"], "nothing is written"


def test_a_file_takes_the_place_of_the_source_in_the_settings(
    command: Command, tmp_path: Path
) -> None:
    one = '[[sources]]\nkind = "html"\nurl = "http://127.0.0.1/"\nitem = "li"\nfields.text = "p"\n'
    (tmp_path / "sites.toml").write_text(one, encoding="utf-8")
    columns = '[source]\nkind = "file"\npath = "gone.csv"\ncolumns.text = "memo"\n'
    (tmp_path / "own.toml").write_text(columns, encoding="utf-8")
    (tmp_path / "[1].csv").write_text("memo,label\n좋아요,1\n", encoding="utf-8")
    for config, taken in (("sites.toml", None), ("own.toml", "memo")):
        answer = command("inspect", "[1].csv", "--config", config, "--json")
        assert answer.status == 0, answer.err
        found = json.loads(answer.out)["columns"]
        assert next((one["name"] for one in found if one["taken_for"] == "text"), None) == taken


def shop_export(path: Path) -> None:
    """Write reviews of the demo site as a shop exports them."""
    lines = (DATA / "reviews.jsonl").read_text(encoding="utf-8").splitlines()
    with path.open("w", encoding="cp949", errors="replace", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["번호", "상품명", "리뷰 내용", "별점", "작성일"])
        for number, one in enumerate(map(json.loads, lines[:500]), 1):
            text = "" if number % 50 == 0 else one["text"]
            date = "어느 날" if number == 3 else one["date"].replace("-", ".")
            writer.writerow([number, f"단지 {one['complex']}", text, f"{one['score']}점", date])


def test_the_output_in_the_docs(command: Command, tmp_path: Path) -> None:
    shop_export(tmp_path / "export.csv")
    answer = command("inspect", "export.csv")
    assert answer.status == 0, answer.err
    page = Page(ROOT / "docs" / "files.md")
    assert f"$ review-sentiment inspect export.csv\n{answer.out}" in page.blocks_in("console")


def test_every_file_fits_a_screen(command: Command) -> None:
    for path in sorted(FILES.iterdir()):
        answer = command("inspect", path)
        assert answer.status in (0, 2), answer.err
        assert len(answer.out.splitlines()) <= SCREEN, path
        assert "Traceback" not in answer.err


def test_the_toml_is_a_config(command: Command, tmp_path: Path) -> None:
    answer = command("inspect", FILES / "topics.csv", "--toml")
    assert answer.out.startswith(f'[source]\nkind = "file"\npath = "{FILES / "topics.csv"}"\n')
    (tmp_path / "own.toml").write_text(answer.out, encoding="utf-8")
    crawled = command("crawl", "--config", "own.toml")
    assert crawled.status == 0, crawled.err
    again = json.loads(command("inspect", "--config", "own.toml", "--json").out)
    assert again["as_is"]
    assert again["run"]["trains"]
    assert again["labels"] == {}


def test_json(command: Command) -> None:
    found = json.loads(command("inspect", FILES / "zero_one_two.csv", "--json").out)
    assert found["labels"]["2"] == {"rows": 1, "meaning": ""}
    assert found["columns"][0] == {
        "name": "document",
        "taken_for": "text",
        "filled": 3,
        "first": ["방이 넓어요", "그냥 그래요", "창문이 작아요"],
    }


def test_the_first_page_of_a_site(command: Command, demo_site: DemoSite, tmp_path: Path) -> None:
    site = (
        f'[source]\nkind = "html"\nurl = "{demo_site.url}/reviews"\nitem = "li.review"\n'
        'fields = { id = "@data-id", text = "p.text", rating = ".score", date = "time" }\n'
        'paging = { link = "a.next" }\n'
        'fetch = { delay = 0, private_hosts = ["127.0.0.1"] }\n'
    )
    (tmp_path / "site.toml").write_text(site, encoding="utf-8")
    answer = command("inspect", "--config", "site.toml")
    assert answer.status == 0, answer.err
    assert answer.out.startswith(f"{demo_site.url}/reviews: html source, UTF-8, ")
    assert "fix first" not in answer.out
    (tmp_path / "site.toml").write_text(site.replace("p.text", "p.gone"), encoding="utf-8")
    assert command("inspect", "--config", "site.toml").status == 2
    (tmp_path / "site.toml").write_text(site.replace("a.next", "a.gone"), encoding="utf-8")
    found = json.loads(command("inspect", "--config", "site.toml", "--json").out)
    assert found["problems"][0].startswith("no next page was found")
    assert found["columns"][0]["filled"] == found["rows"] > 0
    assert sum(found["ratings"].values()) == found["rows"]
    assert not (tmp_path / "data").exists()


def test_settings_for_an_address(command: Command, demo_site: DemoSite, tmp_path: Path) -> None:
    address = f"{demo_site.url}/reviews"
    hosts = ["--set", 'source.fetch.private_hosts=["127.0.0.1"]', "--set", "source.fetch.delay=0"]
    answer = command("inspect", address, *hosts)
    assert answer.status == 0, answer.err
    (shown,) = [
        block
        for block in Page(ROOT / "docs" / "sources.md").blocks_in("console")
        if block.startswith("$ review-sentiment inspect http")
    ]
    lines = answer.out.replace(demo_site.url, "http://127.0.0.1:8040").splitlines()
    assert [one for one in lines if one != "delay = 0.0"] == shown.splitlines()[1:]
    written = command("inspect", address, *hosts, "--toml").out
    (tmp_path / "site.toml").write_text(written, encoding="utf-8")
    again = json.loads(command("inspect", "--config", "site.toml", "--json").out)
    assert (again["rows"], again["problems"]) == (30, [])


def test_addresses_elsewhere(command: Command) -> None:
    for arguments in (["run"], ["label", "suggest", "to-label.csv"]):
        answer = command(*arguments, "https://shop.example.com/")
        assert answer.status == 2
        assert "`review-sentiment inspect ADDRESS` suggests them" in answer.error
    answer = command("inspect", "https://shop.example.com/")
    assert (answer.status, answer.out) == (2, "")
    assert "source.fetch.contact is not set" in answer.error
    answer = command("inspect", "https://shop.example.com/", "reviews.csv")
    assert answer.status == 2


def test_wrong_use(command: Command, tmp_path: Path) -> None:
    assert command("inspect", "gone.csv").err == "error: no such file: gone.csv\n"
    assert "inspect needs FILE" in command("inspect").error
    assert "either --toml or --json" in command("inspect", "a.csv", "--toml", "--json").error
    (tmp_path / "[7].csv").write_text("document,label\n좋아요,1\n", encoding="utf-8")
    assert command("inspect", "[7].csv").status == 0
    answer = command("inspect", FILES / "empty.csv")
    assert (answer.status, answer.out) == (2, "")
    assert answer.error.endswith("empty.csv is empty\n")
