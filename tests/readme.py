"""The README, taken apart: its blocks, its commands and the files that they speak of."""

import csv
import json
import re
from pathlib import Path

from pipeline.crawl.demo_site import DATA, DemoSite

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w*)\n(.*?)^```", README, re.M | re.S)
CONFIGS = {block.splitlines()[0][2:]: block for language, block in BLOCKS if language == "toml"}
COMMANDS = [
    line
    for language, block in BLOCKS
    if language == "sh"
    for line in block.splitlines()
    if line.startswith("review-sentiment") and line.split()[1] not in ("dashboard", "serve")
]
"""Those that end."""


def write_files(folder: Path, site: DemoSite) -> None:
    """Put the configs and tables of the recipes into a folder; the site stands for the user's."""
    for name, block in CONFIGS.items():
        text = block.replace("http://127.0.0.1:8040", site.url)
        (folder / name).write_text(text, encoding="utf-8")
    lines = (DATA / "reviews.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [(one["text"], one["score"], one["complex"]) for one in map(json.loads, lines)]
    for name, part in {"reviews.csv": rows[:400], "held-out.csv": rows[400:500]}.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["review", "rating", "본문", "별점", "상품"])
            writer.writerows([text, score, text, score, group] for text, score, group in part)
    (folder / "new.csv").write_text("review\n조용하고 좋아요\n", encoding="utf-8")
