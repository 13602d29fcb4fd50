"""Training: a model from a dataset."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from prefect import flow

from flows.ngrams import fit_baseline, fit_on_training
from flows.prepare import Prepared
from flows.pretrain import pretrain
from flows.stage import Output, stage
from pipeline import train as training
from pipeline.dataset import load_split
from pipeline.examples import read_examples
from pipeline.ngrams import FILES, NgramRegression
from pipeline.predict import TextSettings
from pipeline.pretrain import Sizes
from pipeline.settings import EncodeSettings, ModelSettings, Settings, TrainSettings
from pipeline.workspace import Manifest, Workspace, atomic_path, write_text

CHECKPOINT = "checkpoint.npz"


@stage("model", version=training.VERSION)
def train_network(
    folder: Path,
    labelled: Manifest,
    vocabulary: Manifest,
    dataset: Manifest,
    pretrained: Manifest,
    on_training: Manifest | None,
    on_all: Manifest | None,
    texts: TextSettings,
    model: ModelSettings,
    settings: TrainSettings,
) -> Output:
    """Train the network and save it with all that reading a text takes."""
    path = dataset.path("dataset.npz")
    validation = load_split(path, "validation")
    built, details = training.train(
        load_split(path, "train"),
        validation,
        vocabulary_size=vocabulary.rows,
        model=model,
        settings=settings,
        pretrained=dict(np.load(pretrained.path("layers.npz"))) if pretrained.files else None,
        checkpoint=folder / CHECKPOINT,
    )
    files = ["model.keras", "vocabulary.json", "text.json"]
    copied = {"vocabulary.json": vocabulary}
    if on_training and on_all:
        known, _ = read_examples(labelled.path("examples.parquet"), "validation")
        built, details["branches"] = training.join(
            built,
            NgramRegression.load(on_training.folder),
            NgramRegression.load(on_all.folder),
            validation,
            known,
        )
        copied |= dict.fromkeys(FILES, on_all)
        files += FILES
    details["pretrained"] = pretrained.details
    details["parameters"] = built.count_params()
    training.save_model(built, folder / "model.keras")
    write_text(folder / "text.json", texts.model_dump_json(indent=2) + "\n")
    for name, source in copied.items():
        with atomic_path(folder / name) as copy:
            shutil.copyfile(source.path(name), copy)
    (folder / CHECKPOINT).unlink()
    return Output(files, int(details["examples"]), details)


@flow(flow_run_name="train {settings.model.kind}")
def train(workspace: Workspace, prepared: Prepared, settings: Settings) -> Manifest:
    """Train on the prepared dataset; ``predict`` uses the model from then on."""
    encode = EncodeSettings.model_validate_json(prepared.dataset.path("encode.json").read_bytes())
    texts = TextSettings(clean=settings.clean, tokenizer=settings.tokenizer, encode=encode)
    is_wide = settings.model.kind == "functional"
    sizes = Sizes(
        embedding_size=settings.model.embedding_size,
        lstm_units=settings.model.lstm_units if is_wide else None,
    )
    model = train_network(
        workspace,
        prepared.examples,
        prepared.vocabulary,
        prepared.dataset,
        pretrain(workspace, prepared.vocabulary, prepared.dataset, sizes, settings.pretrain),
        fit_on_training(workspace, prepared.examples) if is_wide else None,
        fit_baseline(workspace, prepared.examples) if is_wide else None,
        texts,
        settings.model,
        settings.train,
    )
    workspace.use_model(model)
    return model
