"""What a run would do with reviews: label and split them as the stage does, without writing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipeline.errors import DataError
from pipeline.inspect.findings import Outlook
from pipeline.prepare.clean import clean
from pipeline.prepare.labels import label_reviews
from pipeline.prepare.splits import assign_splits
from pipeline.reviews.review import SPLITS, Review
from pipeline.settings import Settings


def outlook(reviews: Sequence[tuple[Review, bool]], settings: Settings) -> Outlook:
    """Say what a run would do.

    Args:
        reviews: The reviews, and whether each belongs to the test file.
        settings: Of the run.
    """
    ratings = [one.rating for one, _ in reviews]
    given = [one.label for one, _ in reviews]
    is_labelled = any(one is not None for one in (*ratings, *given))
    if not is_labelled and settings.label.target != "score":
        count = f"{len(reviews):,} review{'' if len(reviews) == 1 else 's'}"
        does = (
            f"no review has a label, so a run trains nothing: the starter answers the {count}; "
            "label some with `review-sentiment label suggest FILE`"
        )
        return Outlook(False, does, unlabelled=len(reviews))
    try:
        target, labels, rule = label_reviews(ratings, given, settings.label)
    except DataError as error:
        return Outlook(False, f"a run would fail: {error}")
    texts = [clean(one.text, settings.clean) for one, _ in reviews]
    kept = [at for at, text in enumerate(texts) if text and labels[at] is not None]
    classes = [target.group(labels[at] or 0.0) for at in kept]
    counted = Counter(classes)
    examples = {name: counted[number] for number, name in enumerate(target.names)}
    unlabelled = sum(bool(text) for text in texts) - len(kept)
    try:
        assigned = assign_splits(
            [texts[at] for at in kept],
            [reviews[at][0].group for at in kept],
            classes,
            target.names,
            [reviews[at][1] for at in kept],
            settings.split,
        )
    except DataError as error:
        does = f"a run would fail: {error}"
        return Outlook(False, does, examples, unlabelled, rule=rule.text)
    splits = {name: assigned.splits.count(name) for name in SPLITS}
    does = f"trains on {splits['train']:,} of {len(kept):,} examples"
    return Outlook(True, does, examples, unlabelled, splits, rule.text)
