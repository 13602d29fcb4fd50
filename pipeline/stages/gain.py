"""Gain: improvement of a model over the champion."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline.arrays import Bools
from pipeline.evaluate import promotion
from pipeline.evaluate.leakage import bare
from pipeline.evaluate.resampling import Resampling
from pipeline.predict.predictor import Predictor
from pipeline.prepare.tested import UnderTest, is_unseen, read_tested
from pipeline.stages.predictions import Predictions
from pipeline.stages.stage import Output, stage
from pipeline.storage import names
from pipeline.storage.files import write_json
from pipeline.storage.manifest import Manifest
from pipeline.storage.record import PREFIX, Record
from pipeline.target.base import Predicted, Target

FEWEST = 30
"""Minimum number of reviews to compare two models on, unless fewer are tested at all."""
UNKNOWN = (
    "nothing says which reviews the champion was trained on, because it was imported or these "
    "reviews were purged"
)


@stage("gain", version=4)
def compare_with(
    folder: Path,
    examples: Manifest,
    champion: Manifest,
    record: Manifest | None,
    predictions: Predictions,
    *,
    memo: Path,
) -> Output:
    """Compare with a champion on the tested reviews that both models had not learnt from.

    Each model uses its own decision rule. Both are measured by the current metric, whatever an
    earlier version of this program recorded for the champion. The result is null if the champion
    predicts another target, or if there is no fair comparison; then the ``note`` of the details
    says why. If not all tested reviews are compared, the note says how many.

    Args:
        folder: Where the comparison is written.
        examples: The reviews.
        champion: The champion.
        record: The champion's record; None if there is none.
        predictions: Predictions of the new model.
        memo: Folder of the tokenizer cache.
    """
    predictor = Predictor(champion, memo)
    target, gained, note, compared = predictions.targets["network"], None, "", 0
    if predictor.target.undecided == target.undecided:
        path = examples.path(names.EXAMPLES)
        tested = read_tested(path)
        of_champion, rows = fair_answers(predictor, record, tested)
        rows &= is_unseen(path)
        compared = int(rows.sum())
        if record is None:
            note = UNKNOWN
        elif is_enough(rows, tested, target):
            gained = promotion.gain(
                tested.labels[rows],
                (target, predictions.read()["network"][rows]),
                (predictor.target, of_champion[rows]),
                Resampling.of(tested).take(rows),
            )
            note = "" if rows.all() else f"{compared:,} of the {len(rows):,} tested reviews"
        else:
            note = (
                f"only for {compared:,} of the {len(rows):,} tested reviews is it certain that "
                "neither model learnt from them, which is too few or lacks a class"
            )
    write_json(folder / names.GAIN, gained)
    return Output([names.GAIN], compared, {"note": note})


def fair_answers(
    predictor: Predictor, record: Manifest | None, tested: UnderTest
) -> tuple[Predicted, Bools]:
    """The champion's answers to reviews that it had not learnt from.

    Reviews are recognized by their texts, because ids change, for example with the name of a file.
    For texts in the record, the recorded answers are used: those of a cross-validation were given
    by models that were not trained on them. Other texts are predicted now if the record is
    complete and they are not nearly equal to a text in it, as with other settings of ``clean``.

    Returns:
        An answer to each tested review, and the mask of the fair ones; the others are NaN.
    """
    target = predictor.target
    if record is None:
        nothing = np.zeros(0)
        return nothing, np.zeros(len(tested.texts), bool)
    table, is_complete = Record.read(record)
    columns = {name: table[f"{PREFIX}{name}"] for name in target.columns}
    answered = columns[target.columns[0]].is_valid().to_pylist()
    then = target.predicted({name: one.to_numpy() for name, one in columns.items()})
    texts = table["text"].to_pylist()
    places = {text: at for at, text in enumerate(texts) if answered[at]}
    found = np.array([places.get(text, -1) for text in tested.texts])
    known = found >= 0
    fresh = np.zeros(len(found), bool)
    if is_complete:
        recorded = {bare(text) for text in texts}
        fresh = ~known & [bare(text) not in recorded for text in tested.texts]
    answers = np.full((len(found), *then.shape[1:]), np.nan)
    answers[known] = then[found[known]]
    if fresh.any():
        asked = [text for text, is_new in zip(tested.texts, fresh, strict=True) if is_new]
        answers[fresh] = predictor.predict(asked)
    return answers, known | fresh


def is_enough(rows: Bools, tested: UnderTest, target: Target) -> bool:
    """Whether some of the tested reviews, given as a mask, suffice for a comparison."""
    groups = np.array([target.group(label) for label in tested.labels])
    compared = groups[rows]
    is_too_few = not len(compared) or len(compared) < min(FEWEST, len(groups))
    return not is_too_few and set(compared) == set(groups)
