"""Finds out what a run would do with reviews: labels and splits them without writing files."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence

from pipeline.errors import DataError
from pipeline.inspect.findings import Outlook
from pipeline.prepare.examples import label_texts
from pipeline.prepare.labels import has_labels
from pipeline.reviews.review import SPLITS, Review
from pipeline.settings import FileSource, Settings
from pipeline.starter.agreement import REVERSED_LABELS, seem_reversed


def outlook(reviews: Sequence[tuple[Review, bool]], settings: Settings) -> Outlook:
    """Find out what a run would do.

    Args:
        reviews: The reviews, and whether each belongs to the test file.
        settings: Settings of the run.
    """
    ratings = [one.rating for one, _ in reviews]
    given = [one.label for one, _ in reviews]
    if not has_labels(ratings, given, settings.label):
        count = f"{len(reviews):,} review{'' if len(reviews) == 1 else 's'}"
        files = [str(one.path) for one in settings.all_sources if isinstance(one, FileSource)]
        command = shlex.join(["review-sentiment", "label", "suggest", "to-label.csv", *files[:1]])
        does = (
            f"no review has a label, so a run trains no model and predicts the {count} with the "
            f"starter; label some with `{command}`"
        )
        return Outlook(False, does, unlabelled=len(reviews))
    try:
        labelled = label_texts(
            [one.text for one, _ in reviews], ratings, given, settings.label, settings.clean
        )
    except DataError as error:
        return Outlook(False, f"a run would fail: {error}")
    counted, rule = Counter(labelled.classes), labelled.rule.text
    examples = {name: counted[number] for number, name in enumerate(labelled.target.names)}
    unlabelled = sum(map(bool, labelled.texts)) - len(labelled.kept)
    groups, held_out = [one.group for one, _ in reviews], [is_test for _, is_test in reviews]
    try:
        assigned = labelled.assign(groups, held_out, settings.split)
    except DataError as error:
        does = f"a run would fail: {error}"
        return Outlook(False, does, examples, unlabelled, rule=rule)
    splits = {name: assigned.splits.count(name) for name in SPLITS}
    does = f"trains on {splits['train']:,} of {len(labelled.kept):,} examples"
    if assigned.folds:
        does = f"trains on all {len(labelled.kept):,} examples and tests each in a cross-validation"
    texts = [labelled.texts[i] for i in labelled.kept]
    labels = [labelled.labels[i] or 0.0 for i in labelled.kept]
    warning = REVERSED_LABELS if seem_reversed(texts, labels) else ""
    return Outlook(True, does, examples, unlabelled, splits, rule, warning)
