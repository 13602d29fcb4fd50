"""Train: trains a model on a prepared dataset."""

from __future__ import annotations

import shutil
from collections import ChainMap
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from pipeline.arrays import Floats, Labels
from pipeline.model import calibration, network
from pipeline.model.inference import probabilities
from pipeline.model.ngrams import NgramRegression
from pipeline.model.onnx_export import check_onnx, save_onnx
from pipeline.model.registry import Registry
from pipeline.model.versions import installed_versions
from pipeline.predict.networks import TextSettings
from pipeline.prepare.sequences import Labelled, load_split
from pipeline.prepare.vocabulary import Vocabulary
from pipeline.settings import (
    CleanSettings,
    EncodeSettings,
    ModelSettings,
    PretrainSettings,
    Settings,
    TokenizerSettings,
    TrainSettings,
    VocabularySettings,
)
from pipeline.stages import held_out
from pipeline.stages.documents import read_documents
from pipeline.stages.ngrams import fit_ngrams
from pipeline.stages.prepare import Prepared
from pipeline.stages.pretrain import pretrain
from pipeline.stages.runner import Runner
from pipeline.stages.stage import Output, stage
from pipeline.storage import names
from pipeline.storage.files import atomic_path, write_text
from pipeline.storage.manifest import InputFile, Manifest
from pipeline.target.base import Target
from pipeline.target.kinds import read_target
from pipeline.target.thresholds import Objective
from pipeline.train import stacking
from pipeline.train import train as training
from pipeline.train.carried_layers import load_layers
from pipeline.train.pretrain import Sizes

if TYPE_CHECKING:
    import keras

OF_NGRAMS = ("starter", "jamo", "bayes", "neutral")
"""Details of the n-grams that become details of the model."""


@dataclass(frozen=True)
class Trained:
    """The networks, and the model that combines them; a single network is itself the model."""

    members: tuple[Manifest, ...]
    model: Manifest


@dataclass(frozen=True)
class NetworkInputs:
    """The inputs that one network is trained on.

    Attributes:
        prepared: Examples, tokens, vocabulary and dataset.
        pretrained: Pretrained layers; a manifest without files if there are none.
        ngrams: The regressions of the wide branch; None for the plain stack.
    """

    prepared: Prepared
    pretrained: Manifest
    ngrams: Manifest | None


@dataclass(frozen=True)
class NetworkSettings:
    """The sections of the settings that determine one network."""

    clean: CleanSettings
    tokenizer: TokenizerSettings
    vocabulary: VocabularySettings
    encode: EncodeSettings
    pretrain: PretrainSettings
    model: ModelSettings
    train: TrainSettings

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Select the sections."""
        return cls(**{field.name: getattr(settings, field.name) for field in fields(cls)})

    @property
    def is_wide(self) -> bool:
        """Whether the network has a wide branch."""
        return self.model.kind == "functional"

    @property
    def sizes(self) -> Sizes:
        """Sizes of the layers to pretrain."""
        return Sizes(
            embedding_size=self.model.embedding_size,
            lstm_units=self.model.lstm_units,
            with_lstm=self.is_wide,
        )

    @property
    def carried(self) -> InputFile | None:
        """File of pretrained layers."""
        path = self.pretrain.from_path
        return InputFile.at(path) if path else None


def train(runner: Runner, prepared: Sequence[Prepared], settings: Settings) -> Trained:
    """Train on the prepared datasets; the workspace's first model becomes its champion."""
    members = tuple(
        _train_member(runner, one, NetworkSettings.of(own))
        for one, own in zip(prepared, settings.of_members, strict=True)
    )
    threshold = settings.train.threshold
    model = runner.run(combine, members, threshold) if len(members) > 1 else members[0]
    Registry(runner.workspace).add(model, source=settings.title)
    return Trained(members, model)


def _train_member(runner: Runner, prepared: Prepared, settings: NetworkSettings) -> Manifest:
    """Pretrain, fit the n-grams and train one network."""
    pretrained = runner.run(
        pretrain,
        prepared.vocabulary,
        prepared.dataset,
        settings.sizes,
        settings.pretrain,
        settings.tokenizer,
        settings.carried,
    )
    ngrams = None
    if settings.is_wide:
        ngrams = runner.run(
            fit_ngrams,
            prepared.examples,
            prepared.tokens,
            settings.train.class_weights,
            settings.pretrain.starter,
        )
    inputs = NetworkInputs(prepared, pretrained, ngrams)
    texts = TextSettings(
        clean=settings.clean,
        tokenizer=settings.tokenizer,
        encode=EncodeSettings.model_validate_json(prepared.dataset.path(names.ENCODE).read_bytes()),
        target=read_target(prepared.examples.path(names.TARGET)),
    )
    return runner.run(train_network, inputs, texts, settings.model, settings.train)


@stage("model", version=training.TRAIN_VERSION)
def train_network(
    folder: Path,
    inputs: NetworkInputs,
    texts: TextSettings,
    model: ModelSettings,
    settings: TrainSettings,
) -> Output:
    """Train the network and save it with everything needed to predict a text."""
    onnx, pretrained = folder / names.ONNX, inputs.pretrained
    validation = load_split(inputs.prepared.dataset.path(names.DATASET), "validation")
    built, details = train_deep(
        folder, inputs.prepared, pretrained, texts.target, model, settings, inputs.ngrams
    )
    copied = {names.VOCABULARY: inputs.prepared.vocabulary}
    link, features = texts.target.link, None
    if inputs.ngrams:
        regression = NgramRegression.load(inputs.ngrams.folder)
        prior = stacking.prior_for(details["examples"], is_pretrained=bool(pretrained.files))
        joined, labels, logits = _stack(
            built, regression, inputs.ngrams, prior, validation, texts, settings
        )
        held = read_documents(inputs.prepared.examples, inputs.prepared.tokens, "validation")
        features = regression.features(held.texts, held.tokens)
        built, details["branches"] = joined.model, joined.weights
        details |= {name: inputs.ngrams.details[name] for name in OF_NGRAMS}
        predicted = link.probabilities(logits)
        branch = [name for name in inputs.ngrams.files if name != names.WIDE_HELD_OUT]
        copied |= dict.fromkeys(branch, inputs.ngrams)
    else:
        details["temperature"] = calibration.scale(built, *validation, link, settings.class_weights)
        labels, predicted = validation[1], probabilities(built, validation[0])
    texts = held_out.decide(folder, texts, labels, predicted, settings.threshold)
    training.save_model(built, folder / names.NETWORK)
    save_onnx(built, Vocabulary.load(copied[names.VOCABULARY].path(names.VOCABULARY)), onnx)
    check_onnx(onnx, built, validation[0], features)
    write_text(folder / names.TEXT, texts.model_dump_json(indent=2) + "\n")
    for name, source in copied.items():
        _copy(source.path(name), folder / name)
    (folder / names.CHECKPOINT).unlink()
    details |= {
        "pretrained": pretrained.details,
        "parameters": built.count_params(),
        "layers": network.summary(built),
        "tagger": texts.tokenizer.name,
        "data": inputs.prepared.examples.digest,
        "versions": installed_versions(texts.tokenizer.name),
    }
    files = [names.NETWORK, names.ONNX, names.TEXT, names.HELD_OUT, *copied]
    return Output(files, int(details["examples"]), details)


def train_deep(
    folder: Path,
    prepared: Prepared,
    pretrained: Manifest,
    target: Target,
    model: ModelSettings,
    settings: TrainSettings,
    ngrams: Manifest | None = None,
) -> tuple[keras.Model, dict[str, Any]]:
    """Train the network without a wide branch, with a checkpoint in the folder.

    With ``ngrams``, the network is trained to be joined with them later.
    """
    dataset = prepared.dataset.path(names.DATASET)
    validation, to_join = load_split(dataset, "validation"), None
    if ngrams:
        with np.load(ngrams.path(names.WIDE_HELD_OUT)) as known:
            to_join = known["logits"][-len(validation[1]) :]
    return training.train(
        load_split(dataset, "train"),
        validation,
        vocabulary_size=prepared.vocabulary.rows,
        model=model,
        settings=settings,
        target=target,
        pretrained=load_layers(pretrained.path(names.LAYERS)) if pretrained.files else None,
        to_join=to_join,
        checkpoint=folder / names.CHECKPOINT,
    )


def _stack(
    deep: keras.Model,
    regression: NgramRegression,
    ngrams: Manifest,
    prior: stacking.Prior,
    validation: Labelled,
    texts: TextSettings,
    settings: TrainSettings,
) -> tuple[stacking.Joined, Labels, Floats]:
    """Join the trained network with the wide branch.

    Returns:
        The joined model, and labels and logits of held-out examples. The validation split comes
        last; the examples before it are held out from the wide branch only.
    """
    with np.load(ngrams.path(names.WIDE_HELD_OUT)) as known:
        labels, of_wide = known["labels"], known["logits"]
    size = len(validation[1])
    joined = stacking.join(
        deep,
        regression,
        of_wide[-size:],
        validation,
        texts.target,
        settings.class_weights,
        prior=prior,
    )
    return joined, labels, stacking.as_joined(of_wide, joined.logits)


@stage("ensemble", version=3)
def combine(folder: Path, members: Sequence[Manifest], threshold: Objective) -> Output:
    """Make an ensemble: the files of each network in its own folder, all with the same target."""
    target = held_out.decide_for_mean(members, threshold)
    files = []
    for number, member in enumerate(members, 1):
        own = f"member-{number}"
        (folder / own).mkdir(exist_ok=True)
        for name in member.files:
            _copy(member.path(name), folder / own / name)
            files.append(f"{own}/{name}")
        texts = TextSettings.model_validate_json(member.path(names.TEXT).read_bytes())
        decided = texts.model_copy(update={"target": target})
        write_text(folder / own / names.TEXT, decided.model_dump_json(indent=2) + "\n")
    details = {
        "data": members[0].details["data"],
        "versions": dict(ChainMap(*(one.details["versions"] for one in members))),
    }
    return Output(files, members[0].rows, details)


def _copy(source: Path, target: Path) -> None:
    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)
