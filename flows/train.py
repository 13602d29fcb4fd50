"""Training: a model from a dataset."""

from __future__ import annotations

import shutil
from pathlib import Path

from prefect import flow

from flows.prepare import Prepared
from flows.stage import Output, stage
from pipeline import train as training
from pipeline.dataset import load_split
from pipeline.predict import TextSettings
from pipeline.settings import ModelSettings, Settings, TrainSettings
from pipeline.workspace import Manifest, Workspace, atomic_path, write_text


@stage("model", version=training.VERSION)
def train_network(
    folder: Path,
    vocabulary: Manifest,
    dataset: Manifest,
    texts: TextSettings,
    model: ModelSettings,
    settings: TrainSettings,
) -> Output:
    """Train the network and save it with all that reading a text takes."""
    path = dataset.path("dataset.npz")
    built, details = training.train(
        load_split(path, "train"),
        load_split(path, "validation"),
        vocabulary_size=vocabulary.rows,
        model=model,
        settings=settings,
    )
    training.save_model(built, folder / "model.keras")
    with atomic_path(folder / "vocabulary.json") as copy:
        shutil.copyfile(vocabulary.path("vocabulary.json"), copy)
    write_text(folder / "text.json", texts.model_dump_json(indent=2) + "\n")
    rows = int(details["examples"])
    return Output(["model.keras", "vocabulary.json", "text.json"], rows, details)


@flow(flow_run_name="train {settings.model.kind}")
def train(workspace: Workspace, prepared: Prepared, settings: Settings) -> Manifest:
    """Train on the prepared dataset; ``predict`` uses the model from then on."""
    texts = TextSettings(clean=settings.clean, tokenizer=settings.tokenizer, encode=settings.encode)
    model = train_network(
        workspace, prepared.vocabulary, prepared.dataset, texts, settings.model, settings.train
    )
    workspace.use_model(model)
    return model
