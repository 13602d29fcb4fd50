"""Preparation: labelled examples, their tokens, the vocabulary, the encoded dataset."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from prefect import flow

from flows.stage import Output, stage
from pipeline import dataset, examples, tokenizer, vocabulary
from pipeline.settings import (
    CleanSettings,
    EncodeSettings,
    LabelSettings,
    Settings,
    SplitSettings,
    TokenizerSettings,
    VocabularySettings,
)
from pipeline.workspace import Manifest, Workspace


class Prepared(NamedTuple):
    """The manifests of preparation, in the order of its steps."""

    examples: Manifest
    tokens: Manifest
    vocabulary: Manifest
    dataset: Manifest


@stage("examples", version=examples.VERSION)
def label_and_split(
    folder: Path,
    reviews: Manifest,
    label: LabelSettings,
    cleaning: CleanSettings,
    split: SplitSettings,
) -> Output:
    """Label, clean and divide the reviews."""
    details = examples.make_examples(
        reviews.path("reviews.parquet"),
        folder / "examples.parquet",
        label=label,
        cleaning=cleaning,
        split=split,
    )
    return Output(["examples.parquet"], details["examples"], details)


@stage("tokens", version=tokenizer.VERSION)
def tokenize(folder: Path, labelled: Manifest, settings: TokenizerSettings) -> Output:
    """Cut the examples into tokens."""
    details = tokenizer.tokenize_examples(
        labelled.path("examples.parquet"), folder / "tokens.parquet", settings
    )
    return Output(["tokens.parquet"], details["rows"], details)


@stage("vocabulary", version=vocabulary.VERSION)
def build_vocabulary(
    folder: Path, labelled: Manifest, tokens: Manifest, settings: VocabularySettings
) -> Output:
    """Number the frequent tokens of the training split."""
    texts, _ = dataset.read_tokens(
        labelled.path("examples.parquet"), tokens.path("tokens.parquet"), "train"
    )
    built = vocabulary.Vocabulary.build(texts, settings)
    built.save(folder / "vocabulary.json")
    return Output(["vocabulary.json"], len(built), {"size": len(built)})


@stage("dataset", version=dataset.VERSION)
def encode(
    folder: Path,
    labelled: Manifest,
    tokens: Manifest,
    numbered: Manifest,
    settings: EncodeSettings,
) -> Output:
    """Encode the tokens of all splits."""
    details = dataset.encode_dataset(
        labelled.path("examples.parquet"),
        tokens.path("tokens.parquet"),
        vocabulary.Vocabulary.load(numbered.path("vocabulary.json")),
        folder / "dataset.npz",
        settings,
    )
    return Output(["dataset.npz"], details["rows"], details)


@flow(flow_run_name="prepare {settings.source.kind}")
def prepare(workspace: Workspace, snapshot: Manifest, settings: Settings) -> Prepared:
    """Make the dataset of a snapshot."""
    labelled = label_and_split(workspace, snapshot, settings.label, settings.clean, settings.split)
    tokens = tokenize(workspace, labelled, settings.tokenizer)
    numbered = build_vocabulary(workspace, labelled, tokens, settings.vocabulary)
    encoded = encode(workspace, labelled, tokens, numbered, settings.encode)
    return Prepared(labelled, tokens, numbered, encoded)
