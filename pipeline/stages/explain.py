"""Explanation: what the model goes by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.stage import Output, stage
from pipeline.explain import explanation
from pipeline.explain.drivers import drivers
from pipeline.explain.hard_examples import doubtful_labels, worst_errors
from pipeline.prepare.examples import TARGET, tokens_of
from pipeline.reviews.review import SPLITS
from pipeline.stages.predictions import read_predictions
from pipeline.storage.files import write_json
from pipeline.storage.manifest import Manifest
from pipeline.target.kinds import read_target

EXPLANATION = "explanation.json"


@stage("explanation", version=explanation.EXPLANATION_VERSION)
def explain(
    folder: Path,
    labelled: Manifest,
    tokens: Manifest,
    model: Manifest,
    of_baseline: Manifest,
    *of_members: Manifest,
) -> Output:
    """Find what drives the answers of one network, and take the model's worst errors apart."""
    examples = labelled.path("examples.parquet")
    table = pq.read_table(examples, columns=["text", "label", "aspect", "split"])
    table = table.filter(pc.is_in(table["split"], pa.array(SPLITS)))
    in_test = np.flatnonzero(pc.equal(table["split"], "test").to_numpy())
    labels, target = table["label"].to_numpy()[in_test], read_target(labelled.path(TARGET))
    predicted = read_predictions(of_baseline, *of_members)
    errors = worst_errors(labels, predicted["network"], target)
    drawn = np.random.default_rng(0).permutation(table.num_rows)[: explanation.MOST_EXPLAINED]
    drawn.sort()
    wanted = np.union1d(in_test[errors], drawn)
    of_tokens = tokens_of(examples, tokens.path("tokens.parquet"), *SPLITS)
    is_wanted = np.isin(np.arange(table.num_rows), wanted)
    explainer = explanation.Explainer(model.folder)
    explained = dict(
        zip(
            wanted,
            explainer.explain(
                table["text"].take(wanted).to_pylist(),
                [own for own, take in zip(of_tokens, is_wanted, strict=True) if take],
            ),
            strict=True,
        )
    )
    sample = [explained[row] for row in drawn]
    found = drivers(sample)
    aspects = table["aspect"].take(drawn).to_pylist()
    write_json(
        folder / EXPLANATION,
        {
            "schema_version": explanation.SCHEMA_VERSION,
            "texts": len(sample),
            "examples": table.num_rows,
            **found,
            "aspects": explanation.by_aspect(aspects, sample),
            "related": explainer.related(found),
            "errors": explanation.describe_errors(
                errors,
                [explained[row] for row in in_test[errors]],
                labels,
                predicted,
                doubtful_labels(labels, predicted, target),
                target,
            ),
        },
    )
    return Output([EXPLANATION], len(sample), {})
