"""Predicts texts in a process of its own; run by ``predict.py``.

``one`` predicts them one by one with a loaded model, ``notebook`` as the usual notebook does: a
plain loop of the tagger, a padded array, ``model.predict`` of the same network. Prints JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.model.registry import Registry
from pipeline.predict.load import load_model
from pipeline.predict.networks import Network, member_folders
from pipeline.prepare.clean import clean
from pipeline.prepare.vocabulary import UNKNOWN
from pipeline.storage.workspace import Workspace
from tests.benchmarks.tokenize_once import plain_tagger


def main(kind: str, workspace: str, path: str) -> None:
    """Predict the lines of a file."""
    texts = Path(path).read_text(encoding="utf-8").split("\n")
    kinds = {"one": one_by_one, "notebook": notebook}
    print(json.dumps(kinds[kind](Workspace(Path(workspace)), texts)))


def one_by_one(workspace: Workspace, texts: list[str]) -> dict[str, float]:
    """Milliseconds per text."""
    model, taken = load_model(workspace=workspace), []
    for text in texts:
        started = time.perf_counter()
        model.predict([text])
        taken.append(1_000 * (time.perf_counter() - started))
    p50, p99 = np.percentile(taken, [50, 99])
    return {"p50_ms": round(float(p50), 2), "p99_ms": round(float(p99), 2)}


def notebook(workspace: Workspace, texts: list[str]) -> float:
    """Texts per second."""
    network = Network(member_folders(Registry(workspace).champion_model())[0])
    started = time.monotonic()
    tokenize, model = plain_tagger(network.settings.tokenizer), network.model
    cleaned = [clean(text, network.settings.clean) for text in texts]
    tokens = [tokenize(text) for text in cleaned]
    ids = {token: number for number, token in enumerate(network.vocabulary.counts)}
    padded = np.zeros((len(tokens), max(1, *map(len, tokens))), np.int32)
    for row, own in enumerate(tokens):
        padded[row, : len(own)] = [ids.get(token, UNKNOWN) for token in own]
        padded[row, 0] = padded[row, 0] or UNKNOWN
    inputs: Any = padded
    if network.regression:
        features = network.regression.features(cleaned, tokens)
        inputs = [padded, *features.padded(np.arange(len(tokens)))]
    model.predict(inputs, verbose=0)
    return round(len(texts) / (time.monotonic() - started))


if __name__ == "__main__":
    main(*sys.argv[1:])
