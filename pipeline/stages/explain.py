"""Explain: the tokens that drive the model's predictions, and its worst errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.explain import explanation
from pipeline.explain.drivers import drivers
from pipeline.explain.hard_examples import doubtful_labels, worst_errors
from pipeline.explain.records import Explanation
from pipeline.prepare.examples import tokens_of
from pipeline.prepare.tested import is_tested
from pipeline.reviews.review import SPLITS
from pipeline.stages.predictions import Predictions
from pipeline.stages.prepare import Prepared
from pipeline.stages.stage import Output, stage
from pipeline.storage import names
from pipeline.storage.files import write_json
from pipeline.storage.manifest import Manifest


@stage("explanation", version=explanation.EXPLANATION_VERSION)
def explain(
    folder: Path, prepared: Prepared, network: Manifest, predictions: Predictions, *, memo: Path
) -> Output:
    """Explain one network's predictions for a sample of the reviews, and the model's worst errors.

    Args:
        folder: Where the explanation is written.
        prepared: The examples and their tokens.
        network: The network.
        predictions: The model's predictions for the tested reviews.
        memo: Folder of the on-disk cache of tagger output per word.
    """
    examples = prepared.examples.path(names.EXAMPLES)
    table = pq.read_table(examples, columns=["text", "label", "aspect", "split", "fold"])
    table = table.filter(pc.is_in(table["split"], pa.array(SPLITS)))
    in_test = np.flatnonzero(is_tested(table))
    labels = table["label"].to_numpy()[in_test]
    predicted, targets = predictions.read(), predictions.targets
    target = targets["network"]
    doubtful = doubtful_labels(labels, predicted, targets)
    errors = worst_errors(labels, predicted["network"], target, doubtful)
    sample = np.random.default_rng(0).permutation(table.num_rows)[: explanation.MOST_EXPLAINED]
    sample.sort()

    wanted = np.union1d(in_test[errors], sample)
    is_wanted = np.isin(np.arange(table.num_rows), wanted)
    tokens = tokens_of(examples, prepared.tokens.path(names.TOKENS), *SPLITS)
    explainer = explanation.Explainer(network.folder)
    explained = dict(
        zip(
            wanted,
            explainer.explain(
                table["text"].take(wanted).to_pylist(),
                [own for own, take in zip(tokens, is_wanted, strict=True) if take],
                memo,
            ),
            strict=True,
        )
    )
    in_sample = [explained[row] for row in sample]
    found = drivers(in_sample)
    aspects = table["aspect"].take(sample).to_pylist()
    record: Explanation = {
        "schema_version": explanation.SCHEMA_VERSION,
        "texts": len(in_sample),
        "examples": table.num_rows,
        **found,
        "aspects": explanation.by_aspect(aspects, in_sample),
        "related": explainer.related(found),
        "errors": explanation.describe_errors(
            errors,
            [explained[row] for row in in_test[errors]],
            labels,
            predicted,
            doubtful,
            targets,
        ),
    }
    write_json(folder / names.EXPLANATION, record)
    return Output([names.EXPLANATION], len(in_sample), {})
