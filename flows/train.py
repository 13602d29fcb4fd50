"""Training: a model from a dataset."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np

from flows.prefect_flow import flow
from flows.prepare import Prepared
from flows.stage import Output, stage
from pipeline.model import calibration as calibrate
from pipeline.model import network
from pipeline.model.inference import NETWORK_FILE
from pipeline.model.ngrams import FILES, NgramRegression
from pipeline.model.registry import Registry
from pipeline.predict.networks import TextSettings
from pipeline.prepare.examples import TARGET
from pipeline.prepare.sequences import load_split
from pipeline.settings import EncodeSettings, ModelSettings, Settings, TrainSettings
from pipeline.stages.ngrams import ON_TRAINING, fit_ngrams, read_documents
from pipeline.stages.pretrain import pretrain
from pipeline.storage.files import atomic_path, write_text
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace
from pipeline.target.kinds import read_target
from pipeline.train import stacking
from pipeline.train import train as training
from pipeline.train.pretrain import Sizes

CHECKPOINT = "checkpoint.npz"


class Trained(NamedTuple):
    """The networks, and the model that is made of them; a lone network is the model itself."""

    members: list[Manifest]
    model: Manifest


@stage("model", version=training.TRAIN_VERSION)
def train_network(
    folder: Path,
    labelled: Manifest,
    tokens: Manifest,
    vocabulary: Manifest,
    dataset: Manifest,
    pretrained: Manifest,
    ngrams: Manifest | None,
    texts: TextSettings,
    model: ModelSettings,
    settings: TrainSettings,
) -> Output:
    """Train the network and save it with all that reading a text takes."""
    path = dataset.path("dataset.npz")
    validation = load_split(path, "validation")
    target = texts.target
    built, details = training.train(
        load_split(path, "train"),
        validation,
        vocabulary_size=vocabulary.rows,
        model=model,
        settings=settings,
        target=target,
        pretrained=dict(np.load(pretrained.path("layers.npz"))) if pretrained.files else None,
        checkpoint=folder / CHECKPOINT,
    )
    files = [NETWORK_FILE, "vocabulary.json", "text.json"]
    copied = {"vocabulary.json": vocabulary}
    if ngrams:
        regression = NgramRegression.load(ngrams.folder)
        documents = read_documents(labelled, tokens, "validation")
        built, details["branches"] = stacking.join(
            built,
            regression.with_weights(ngrams.path(ON_TRAINING)),
            regression,
            validation,
            regression.features(documents.texts, documents.tokens),
            target,
            settings.class_weights,
        )
        copied |= dict.fromkeys(FILES, ngrams)
        files += FILES
    else:
        details["temperature"] = calibrate.scale(
            built, *validation, target.link, settings.class_weights
        )
    details["pretrained"] = pretrained.details
    details["parameters"] = built.count_params()
    details["layers"] = network.summary(built)
    training.save_model(built, folder / NETWORK_FILE)
    write_text(folder / "text.json", texts.model_dump_json(indent=2) + "\n")
    for name, source in copied.items():
        with atomic_path(folder / name) as copy:
            shutil.copyfile(source.path(name), copy)
    (folder / CHECKPOINT).unlink()
    details["tagger"] = texts.tokenizer.name
    return Output(files, int(details["examples"]), details)


@stage("ensemble", version=1)
def put_together(folder: Path, *members: Manifest) -> Output:
    """An ensemble: the files of each network in a folder of its own."""
    files = []
    for number, member in enumerate(members, 1):
        own = f"member-{number}"
        (folder / own).mkdir(exist_ok=True)
        for name in member.files:
            with atomic_path(folder / own / name) as copy:
                shutil.copyfile(member.path(name), copy)
            files.append(f"{own}/{name}")
    return Output(files, members[0].rows, {})


@flow(flow_run_name="train {settings.model.kind}")
def train(workspace: Workspace, prepared: list[Prepared], settings: Settings) -> Trained:
    """Train on the prepared datasets; the first model of a workspace becomes its champion."""
    members = [
        train_member(workspace, one, its_settings)
        for one, its_settings in zip(prepared, settings.of_members, strict=True)
    ]
    model = put_together(workspace, *members) if len(members) > 1 else members[0]
    Registry(workspace).add(model, source=settings.source.title)
    return Trained(members, model)


def train_member(workspace: Workspace, prepared: Prepared, settings: Settings) -> Manifest:
    """Train one network with all that it begins with and is joined to."""
    encode = EncodeSettings.model_validate_json(prepared.dataset.path("encode.json").read_bytes())
    texts = TextSettings(
        clean=settings.clean,
        tokenizer=settings.tokenizer,
        encode=encode,
        target=read_target(prepared.examples.path(TARGET)),
    )
    read, weights = (prepared.examples, prepared.tokens), settings.train.class_weights
    is_wide = settings.model.kind == "functional"
    sizes = Sizes(
        embedding_size=settings.model.embedding_size,
        lstm_units=settings.model.lstm_units if is_wide else None,
    )
    return train_network(
        workspace,
        *read,
        prepared.vocabulary,
        prepared.dataset,
        pretrain(workspace, prepared.vocabulary, prepared.dataset, sizes, settings.pretrain),
        fit_ngrams(workspace, *read, weights) if is_wide else None,
        texts,
        settings.model,
        settings.train,
    )
