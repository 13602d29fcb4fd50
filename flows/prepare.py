"""Preparation: labelled examples, their tokens, the vocabulary, the encoded dataset."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from flows.prefect_flow import flow
from flows.stage import Output, stage
from flows.tokenize import tokenize
from pipeline.prepare import encode as encoding
from pipeline.prepare import examples, vocabulary
from pipeline.settings import (
    CleanSettings,
    EncodeSettings,
    LabelSettings,
    Settings,
    SplitSettings,
    VocabularySettings,
)
from pipeline.storage.manifest import InputFile, Manifest
from pipeline.storage.workspace import Workspace


class Prepared(NamedTuple):
    """The manifests of preparation, in the order of its steps."""

    examples: Manifest
    tokens: Manifest
    vocabulary: Manifest
    dataset: Manifest


@stage("examples", version=examples.EXAMPLES_VERSION)
def label_and_split(
    folder: Path,
    reviews: Manifest,
    label: LabelSettings,
    cleaning: CleanSettings,
    split: SplitSettings,
    unlabeled: InputFile | None,
) -> Output:
    """Label, clean and divide the reviews."""
    details = examples.make_examples(
        reviews.path("reviews.parquet"),
        folder / "examples.parquet",
        label=label,
        cleaning=cleaning,
        split=split,
        unlabeled=unlabeled.path if unlabeled else None,
    )
    return Output(
        ["examples.parquet", examples.TARGET], details["examples"] + details["unlabeled"], details
    )


@stage("vocabulary", version=vocabulary.VOCABULARY_VERSION)
def build_vocabulary(
    folder: Path, labelled: Manifest, tokens: Manifest, settings: VocabularySettings
) -> Output:
    """Number the frequent tokens of the training split."""
    counts = vocabulary.count_tokens(
        labelled.path("examples.parquet"), tokens.path("tokens.parquet")
    )
    built = vocabulary.Vocabulary.from_counts(counts, settings)
    built.save(folder / "vocabulary.json")
    return Output(["vocabulary.json"], len(built), {"size": len(built)})


@stage("dataset", version=encoding.DATASET_VERSION)
def encode(
    folder: Path,
    labelled: Manifest,
    tokens: Manifest,
    numbered: Manifest,
    settings: EncodeSettings,
) -> Output:
    """Encode the tokens of all splits."""
    details = encoding.encode_dataset(
        labelled.path("examples.parquet"),
        tokens.path("tokens.parquet"),
        vocabulary.Vocabulary.load(numbered.path("vocabulary.json")),
        folder,
        settings,
    )
    return Output(["dataset.npz", "encode.json"], details["rows"], details)


@flow(flow_run_name="prepare {settings.source.kind}")
def prepare(workspace: Workspace, snapshot: Manifest, settings: Settings) -> list[Prepared]:
    """Make the dataset of a snapshot; for an ensemble one for each tagger."""
    unlabeled = settings.pretrain.unlabeled_path
    labelled = label_and_split(
        workspace,
        snapshot,
        settings.label,
        settings.clean,
        settings.split,
        InputFile.at(unlabeled) if unlabeled else None,
    )
    return [prepare_member(workspace, labelled, member) for member in settings.of_members]


def prepare_member(workspace: Workspace, labelled: Manifest, settings: Settings) -> Prepared:
    """Cut the examples into tokens and encode them."""
    tokens = tokenize(workspace, labelled, settings.tokenizer, settings.runner)
    numbered = build_vocabulary(workspace, labelled, tokens, settings.vocabulary)
    encoded = encode(workspace, labelled, tokens, numbered, settings.encode)
    return Prepared(labelled, tokens, numbered, encoded)
