"""What a real run writes has the shape that the records name."""

from typing import Any

import numpy as np
import pytest
from pydantic import ConfigDict, TypeAdapter, with_config

from pipeline.evaluate.records import Scores
from pipeline.evaluate.scores import evaluate
from pipeline.settings import EvaluateSettings
from pipeline.target.base import Target
from pipeline.target.binary import BINARY
from pipeline.target.score import Score
from pipeline.target.three import Three

STRICT: Any = TypeAdapter(with_config(ConfigDict(extra="forbid", strict=True))(Scores))


@pytest.mark.parametrize("target", [BINARY, Three(), Score(lowest=1, highest=5)])
def test_the_scores_of_each_target_are_as_recorded(target: Target) -> None:
    random = np.random.default_rng(1)
    labels = (np.arange(60) % max(2, len(target.names))).astype(np.float32)
    network, baseline = random.random((2, 60))
    if target.link.outputs > 1:
        network, baseline = random.dirichlet(np.ones(target.link.outputs), (2, 60))
    predicted = {"network": network, "baseline": baseline}
    targets = dict.fromkeys(predicted, target)
    scores = evaluate(labels, predicted, EvaluateSettings(bootstrap_samples=10), targets)
    STRICT.validate_python(scores)
    with pytest.raises(ValueError, match="surprise"):
        STRICT.validate_python(scores | {"surprise": 1})
