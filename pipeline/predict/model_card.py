"""The model card of a bundle: describes the model, its training data and its metrics."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.evaluate.records import Figure
from pipeline.predict.bundle_records import BundleDetails, BundleMetrics
from pipeline.predict.card_metadata import front_matter
from pipeline.predict.networks import TextSettings
from pipeline.redact import printable

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~])")

HEAD = """# Sentiment of Korean reviews

A model of review-sentiment. To predict with it:

```sh
review-sentiment predict --model FILE.zip --text "..."
```"""
LIMITS = """## Limits

- It knows the language of the reviews it learnt from. Before you rely on it for reviews of
  another industry, check it on labelled ones.
- Its answers depend on the tagger: the same versions give the same answers.
- `vocabulary.json` holds words of those reviews. Share the file only where you could share
  these."""


def model_card(
    known: BundleMetrics, details: BundleDetails, networks: Sequence[TextSettings]
) -> str:
    """Write the card as Markdown, with metadata for the Hugging Face Hub in front.

    Args:
        known: The model's figures, and the source of its reviews.
        details: Details of its manifest.
        networks: Text settings of each network; several for an ensemble.
    """
    target = networks[0].target
    taggers = ", ".join(one.tokenizer.name for one in networks)
    facts = {
        "What it is": _what(details, len(networks)),
        "Predicts": ", ".join(target.names) if len(target.names) > 1 else "a rating",
        "Decision rule": known.rule,
        "Learnt from": known.source,
        "Training reviews": "" if details.examples is None else f"{details.examples:,}",
        "SHA-256 of the reviews": details.data,
        "Made": known.made,
        "Tagger": taggers,
        "Behaviour tests passed": "" if known.passed is None else f"{known.passed:.0%}",
        "Made with": ", ".join(f"{name} {one}" for name, one in details.versions.items()),
    }
    rows = [f"| {name} | {_plain(value)} |" for name, value in facts.items() if value]
    table = "\n".join(["| | |", "|---|---|", *rows])
    return "\n\n".join([front_matter(known), HEAD, table, *_results(known), LIMITS]) + "\n"


def _what(details: BundleDetails, networks: int) -> str:
    if networks > 1:
        return f"an ensemble of {networks} networks"
    parts = {
        "functional": "a bidirectional LSTM joined with a regression over n-grams",
        "sequential": "Embedding, LSTM, Dense",
    }
    what = parts.get(details.kind, "a network")
    if details.starter == "joined":
        what += " and with the starter"
    if details.parameters is not None:
        what += f"; {details.parameters:,} parameters"
    return what


def _results(known: BundleMetrics) -> Iterator[str]:
    """Paragraphs on the figures; none if the figures are unknown."""
    figures = known.figures
    if not figures and known.network is None:
        return
    rows = ["| figure | network | baseline |", "|---|---|---|"]
    if not figures:
        values = ("" if one is None else f"{one:.4f}" for one in (known.network, known.baseline))
        rows.append(f"| {_plain(known.metric)} | {' | '.join(values)} |")
    of_network, of_baseline = (figures.get(name, {}) for name in ("network", "baseline"))
    for name, figure in of_network.items():
        cells = (_cell(one) for one in (figure, of_baseline.get(name)))
        rows.append(f"| {_plain(name)} | {' | '.join(cells)} |")
    tested = f"of a cross-validation ({known.folds} folds)" if known.folds else "on the test split"
    yield f"## Results {tested}"
    yield "\n".join(rows)
    if figures:
        yield "In brackets 95 % bootstrap intervals."
    if known.folds:
        yield "Models trained without a fold answered its reviews; this one learned from all."


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return ""
    interval = " to ".join(f"{bound:.4f}" for bound in figure["interval"])
    return f"{figure['value']:.4f} ({interval})"


def _plain(text: str) -> str:
    """Untrusted text as one line without Markdown."""
    return _MARKUP.sub(r"\\\1", printable(text))
