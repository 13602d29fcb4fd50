"""Prepare: labelled examples, their tokens, the vocabulary, the encoded dataset."""

from __future__ import annotations

import functools
import logging
from dataclasses import dataclass
from pathlib import Path

from pipeline.prepare import encode as encoding
from pipeline.prepare import examples as labelling
from pipeline.prepare import token_counts
from pipeline.prepare import vocabulary as vocabularies
from pipeline.prepare.examples import read_examples
from pipeline.reviews.review import SPLITS
from pipeline.settings import (
    CleanSettings,
    EncodeSettings,
    LabelSettings,
    Settings,
    SplitSettings,
    VocabularySettings,
)
from pipeline.stages.runner import Runner
from pipeline.stages.stage import Output, stage
from pipeline.stages.tokens import tokenize
from pipeline.starter.agreement import REVERSED_LABELS, seem_reversed
from pipeline.storage import names
from pipeline.storage.manifest import InputFile, Manifest

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Prepared:
    """The manifests of the preparation, in the order of its steps."""

    examples: Manifest
    tokens: Manifest
    vocabulary: Manifest
    dataset: Manifest


def prepare(runner: Runner, snapshot: Manifest, settings: Settings) -> list[Prepared]:
    """Make the dataset of a snapshot; for an ensemble, one dataset for each tagger."""
    unlabeled = settings.pretrain.unlabeled_path
    examples = runner.run(
        label_and_split,
        snapshot,
        settings.label,
        settings.clean,
        settings.split,
        InputFile.at(unlabeled) if unlabeled else None,
    )
    return [_prepare_member(runner, examples, member) for member in settings.of_members]


def _prepare_member(runner: Runner, examples: Manifest, settings: Settings) -> Prepared:
    """Tokenize the examples with one tagger and encode them."""
    tokens = runner.run(
        tokenize,
        examples,
        settings.tokenizer,
        runner=settings.runner,
        open_pool=functools.partial(runner.pool, settings.runner),
        memo=runner.workspace.memo_folder,
    )
    vocabulary = runner.run(build_vocabulary, examples, tokens, settings.vocabulary)
    dataset = runner.run(encode, examples, tokens, vocabulary, settings.encode)
    return Prepared(examples, tokens, vocabulary, dataset)


@stage("examples", version=labelling.EXAMPLES_VERSION)
def label_and_split(
    folder: Path,
    snapshot: Manifest,
    label: LabelSettings,
    cleaning: CleanSettings,
    split: SplitSettings,
    unlabeled: InputFile | None,
) -> Output:
    """Label and clean the reviews, and assign them to splits; warn of reversed labels."""
    details = labelling.make_examples(
        snapshot.path(names.REVIEWS),
        folder / names.EXAMPLES,
        label=label,
        cleaning=cleaning,
        split=split,
        unlabeled=unlabeled.path if unlabeled else None,
    )
    texts, labels = read_examples(folder / names.EXAMPLES, *SPLITS)
    details["reversed"] = seem_reversed(texts, labels)
    if details["reversed"]:
        logger.warning(REVERSED_LABELS)
    rows = details["examples"] + details["unlabeled"]
    return Output([names.EXAMPLES, names.TARGET], rows, details)


@stage("vocabulary", version=vocabularies.VOCABULARY_VERSION)
def build_vocabulary(
    folder: Path, examples: Manifest, tokens: Manifest, settings: VocabularySettings
) -> Output:
    """Assign an integer to each frequent token of the training split."""
    counts = token_counts.count_tokens(examples.path(names.EXAMPLES), tokens.path(names.TOKENS))
    vocabulary = vocabularies.Vocabulary.from_counts(counts, settings)
    vocabulary.save(folder / names.VOCABULARY)
    return Output([names.VOCABULARY], len(vocabulary), {"size": len(vocabulary)})


@stage("dataset", version=encoding.DATASET_VERSION)
def encode(
    folder: Path,
    examples: Manifest,
    tokens: Manifest,
    vocabulary: Manifest,
    settings: EncodeSettings,
) -> Output:
    """Encode the tokens of all splits."""
    details = encoding.encode_dataset(
        examples.path(names.EXAMPLES),
        tokens.path(names.TOKENS),
        vocabularies.Vocabulary.load(vocabulary.path(names.VOCABULARY)),
        folder,
        settings,
    )
    return Output([names.DATASET, names.ENCODE], details["rows"], details)
