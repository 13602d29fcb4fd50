"""A small model, trained in seconds."""

import shutil
from pathlib import Path

import numpy as np

from pipeline.model.ngrams import NgramRegression
from pipeline.model.onnx_export import save_onnx
from pipeline.predict.networks import TextSettings
from pipeline.prepare.sequences import Sequences
from pipeline.prepare.vocabulary import Vocabulary
from pipeline.settings import (
    CleanSettings,
    EncodeSettings,
    ModelSettings,
    TokenizerSettings,
    TrainSettings,
    VocabularySettings,
)
from pipeline.storage import names
from pipeline.storage.files import write_text
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace
from pipeline.target.kinds import AnyTarget
from pipeline.tokenizer import shared_tokenizer
from pipeline.train.stacking import join
from pipeline.train.train import save_model, train

GOOD = ["정말 좋아요", "만족합니다 추천해요", "조용하고 좋아요", "깨끗해서 만족"]
BAD = ["정말 싫어요", "후회합니다 최악이에요", "시끄럽고 싫어요", "더러워서 최악"]


def train_small(
    root: Path, target: AnyTarget, high: float, tokenizer: TokenizerSettings | None = None
) -> Manifest:
    """Train a model on two kinds of texts, labelled ``high`` and 0."""
    workspace = Workspace(root)
    folder = workspace.folder("model", "small")
    settings = TextSettings(
        clean=CleanSettings(),
        tokenizer=tokenizer or TokenizerSettings(),
        encode=EncodeSettings(),
        target=target,
    )
    tokens = list(shared_tokenizer(settings.tokenizer).tokenize(GOOD + BAD))
    vocabulary = Vocabulary.build(tokens * 2, VocabularySettings())
    sequences = Sequences.encode(tokens * 20, vocabulary, 80)
    labels = np.array(([high] * 4 + [0] * 4) * 20, np.float32)
    built, _ = train(
        (sequences, labels),
        (sequences, labels),
        vocabulary_size=len(vocabulary),
        model=ModelSettings(embedding_size=8, lstm_units=8, dropout=0, word_dropout=0),
        settings=TrainSettings(epochs=10, batch_size=16, learning_rate=0.02),
        target=target,
    )
    texts = (GOOD + BAD) * 20
    regression = NgramRegression.fit(texts, labels, target, tokens=tokens * 20)
    regression.save(folder)
    features = regression.features(texts, tokens * 20)
    logits = regression.logits(features)
    joined = join(built, regression, logits, (sequences, labels), target).model
    save_model(joined, folder / "model.keras")
    save_onnx(joined, vocabulary, folder / "network.onnx")
    vocabulary.save(folder / "vocabulary.json")
    write_text(folder / "text.json", settings.model_dump_json())
    files = [names.NETWORK, names.ONNX, names.VOCABULARY, names.TEXT, names.NGRAMS]
    return workspace.finish("model", "small", files, len(labels), {})


def copy_small(small: Manifest, root: Path) -> Manifest:
    """Copy a small model into another workspace."""
    shutil.copytree(small.folder, root / "model" / "small")
    copied = Workspace(root).finished("model", "small")
    assert copied is not None
    return copied
