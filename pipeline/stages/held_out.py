"""Chooses decision rules on predictions for examples that a model was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.arrays import Labels
from pipeline.predict.networks import TextSettings, target_of
from pipeline.storage import names
from pipeline.storage.files import atomic_path
from pipeline.storage.manifest import Manifest
from pipeline.target import thresholds
from pipeline.target.base import Predicted, Target
from pipeline.target.thresholds import Objective


def decide(
    folder: Path, texts: TextSettings, labels: Labels, predicted: Predicted, objective: Objective
) -> TextSettings:
    """Choose the decision rule on held-out predictions, and write them as ``names.HELD_OUT``."""
    with atomic_path(folder / names.HELD_OUT) as temporary:
        np.savez(temporary, labels=labels, predicted=predicted)
    target = thresholds.choose(texts.target, labels, predicted, objective)
    return texts.model_copy(update={"target": target})


def decide_for_mean(members: Sequence[Manifest], objective: Objective) -> Target:
    """Choose the decision rule of an ensemble on the mean of its networks' predictions."""
    target = target_of(members[0])
    held_out = [np.load(one.path(names.HELD_OUT)) for one in members]
    mean = np.mean([one["predicted"] for one in held_out], axis=0)
    return thresholds.choose(target, held_out[0]["labels"], mean, objective)
