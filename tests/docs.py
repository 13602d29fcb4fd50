"""README and docs, taken apart: blocks, commands, and the files that the commands read."""

import csv
import json
import re
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from pipeline.crawl import demo_site
from pipeline.crawl.demo_site import DemoSite

ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Page:
    """A page in Markdown; its blocks are pairs of language and content."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def blocks(self) -> list[tuple[str, str]]:
        return _BLOCK.findall(self.text)

    @property
    def prose(self) -> str:
        """The page without its blocks."""
        return _BLOCK.sub("", self.text)

    def blocks_in(self, language: str) -> list[str]:
        return [block for found, block in self.blocks if found == language]


README = Page(ROOT / "README.md")
PAGES = [README, *map(Page, sorted((ROOT / "docs").glob("*.md")))]
CONFIGS = {
    block.splitlines()[0][2:]: block
    for page in PAGES
    for block in page.blocks_in("toml")
    if re.match(r"# \S+\.toml\n", block)
}
ENDLESS = ("api", "dashboard", "serve")
COMMANDS = list(
    dict.fromkeys(
        line
        for page in PAGES
        for block in page.blocks_in("sh")
        for line in block.splitlines()
        if line.startswith("review-sentiment ") and line.split()[1] not in ENDLESS
    )
)
"""The commands that end, each once."""


def write_files(folder: Path, site: DemoSite) -> None:
    """Put the configs and tables of the recipes into a folder; the site stands for the user's."""
    for name, block in CONFIGS.items():
        text = block.replace("http://127.0.0.1:8040", site.url)
        (folder / name).write_text(text, encoding="utf-8")
    lines = (demo_site.DATA / "reviews.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [(one["text"], one["score"], one["complex"]) for one in map(json.loads, lines)]
    for name, part in {"reviews.csv": rows[:-100], "held-out.csv": rows[-100:]}.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["review", "rating", "본문", "별점", "상품"])
            writer.writerows([text, score, text, score, group] for text, score, group in part)
    newest = sorted(map(json.loads, lines), key=itemgetter("date", "id"))[-200:]
    with (folder / "filled.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["source", "review_id", "text", "label"])
        writer.writerows(
            [f"html:{site.url}/", one["id"], one["text"], int(one["score"] > 3)] for one in newest
        )
    (folder / "new.csv").write_text("review\n조용하고 좋아요\n", encoding="utf-8")
