"""Topics: what the reviews talk about, and how they judge each topic."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.arrays import Floats
from pipeline.model.ngrams import NgramRegression
from pipeline.predict.predictor import Predictor
from pipeline.predict.reviews import read_predictions
from pipeline.settings import CleanSettings, LabelSettings, TokenizerSettings
from pipeline.stages.stage import Output, stage
from pipeline.starter.starter import Starter
from pipeline.storage import names
from pipeline.storage.files import atomic_write
from pipeline.storage.manifest import Manifest
from pipeline.target.base import Target
from pipeline.target.binary import BINARY
from pipeline.tokenizer import shared_tokenizer
from pipeline.tokenizer.base import Tagged
from pipeline.topics.analysis import TOPICS_VERSION, Analysis, analyse
from pipeline.topics.documents import Documents
from pipeline.topics.extraction import Tag
from pipeline.topics.judge import Answers
from pipeline.topics.reading import read_documents, write_mentions


@stage("topics", version=TOPICS_VERSION)
def find_topics(
    folder: Path,
    snapshot: Manifest,
    answered: Manifest,
    model: Manifest,
    tokenizer: TokenizerSettings,
    label: LabelSettings,
    *,
    memo: Path,
    workers: int | None = None,
) -> Output:
    """Find the topics of all reviews of a snapshot, judged by a trained model.

    Args:
        folder: Where ``topics.json`` and ``mentions.parquet`` are written.
        snapshot: The reviews.
        answered: The model's predictions for the whole texts.
        model: The model, which predicts the clauses of mentions.
        tokenizer: The tagger whose parts of speech are used.
        label: Defines good and bad ratings.
        memo: Folder of the on-disk cache of tagger output per word.
        workers: Number of threads; None uses one per core.
    """
    predictor = Predictor(model, memo, workers)
    target = predictor.target

    def answers(texts: Sequence[str]) -> Floats:
        return target.even_positive(predictor.predict(texts))

    positive = even_answers(answered.path(names.SENTIMENT), target)
    documents, reviews = read_documents(
        snapshot.path(names.REVIEWS), label, predictor.clean, positive
    )
    tag = word_tagger(tokenizer, memo, workers)
    return _write(
        folder, documents, analyse(documents, tag, tokenizer.name, answers, reviews=reviews)
    )


@stage("topics", version=TOPICS_VERSION)
def find_unlabeled_topics(
    folder: Path,
    snapshot: Manifest,
    answered: Manifest,
    tokenizer: TokenizerSettings,
    cleaning: CleanSettings,
    *,
    memo: Path,
    workers: int | None = None,
) -> Output:
    """Find the topics of a snapshot without labels, judged by the (adapted) starter.

    Args:
        folder: Where ``topics.json`` and ``mentions.parquet`` are written.
        snapshot: The reviews.
        answered: The starter's predictions, and its regression if it adapted to the reviews.
        tokenizer: The tagger whose parts of speech are used.
        cleaning: Text normalization.
        memo: Folder of the on-disk cache of tagger output per word.
        workers: Number of threads; None uses one per core.
    """
    positive = even_answers(answered.path(names.SENTIMENT), BINARY)
    documents, reviews = read_documents(
        snapshot.path(names.REVIEWS), LabelSettings(), cleaning, positive
    )
    tag, answers = word_tagger(tokenizer, memo, workers), _starter(answered)
    return _write(
        folder, documents, analyse(documents, tag, tokenizer.name, answers, reviews=reviews)
    )


def even_answers(path: Path, target: Target) -> Floats:
    """How positive each text is according to a table of predictions; nan for a blank text.

    See :meth:`pipeline.target.base.Target.even_positive`.
    """
    predicted, is_known = read_predictions(path, target)
    positive = np.full(len(is_known), np.nan)
    positive[is_known] = target.even_positive(predicted)
    return positive


def _write(folder: Path, documents: Documents, found: Analysis) -> Output:
    with atomic_write(folder / names.TOPICS) as file:
        file.write(found.report.to_json())
    write_mentions(folder / names.MENTIONS, documents, found)
    details = {"topics": len(found.report.topics), "sampled": found.report.sampled}
    return Output([names.TOPICS, names.MENTIONS], found.report.reviews, details)


def _starter(answered: Manifest) -> Answers:
    """The starter, adapted if there were enough reviews."""
    if names.NGRAMS in answered.files:
        regression = NgramRegression.load(answered.folder)
        return lambda texts: BINARY.link.probabilities(
            regression.logits(regression.features(list(texts)))
        )
    starter = Starter.load()
    return lambda texts: BINARY.link.probabilities(starter.logits(texts))


def word_tagger(settings: TokenizerSettings, memo: Path | None, workers: int | None) -> Tag:
    """Function from words to their tokens with tags; neither stemmed nor filtered."""
    plain = TokenizerSettings(
        name=settings.name,
        pos=True,
        jvm_heap_mb=settings.jvm_heap_mb,
        memo_words=settings.memo_words,
    )
    tokenizer = shared_tokenizer(plain, memo, workers)

    def tag(words: Sequence[str]) -> list[list[Tagged]]:
        pairs = (
            [token.rpartition("/") for token in tokens] for tokens in tokenizer.tokenize(words)
        )
        return [[(token, kind) for token, _, kind in own] for own in pairs]

    return tag
