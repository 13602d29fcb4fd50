"""Pretrained layers as one file, which can be reused for training on other reviews."""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.bounded_json import load_json
from pipeline.errors import InputError, SettingsError
from pipeline.settings import TokenizerSettings
from pipeline.storage import archive
from pipeline.storage.files import atomic_path
from pipeline.train.pretrain import Pretrained, Sizes
from pipeline.train.pretrained_layers import Layers

ABOUT = "about"
"""Entry of the file that holds its words and tokenizer settings, as JSON in UTF-8."""


def save_layers(
    path: Path, pretrained: Pretrained, words: Sequence[str], tokenizer: TokenizerSettings
) -> None:
    """Write layers with the words of the embedding's rows and their tokenizer settings."""
    about = {
        "texts": pretrained.texts,
        "tokenizer": tokenizer.model_dump(mode="json"),
        "words": list(words),
    }
    text = json.dumps(about, ensure_ascii=False).encode("utf-8", "surrogatepass")
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez(
            file,
            allow_pickle=False,
            **pretrained.layers,
            **{ABOUT: np.frombuffer(text, np.uint8)},
        )


def load_layers(path: Path) -> Layers:
    """The layers of a file of :func:`save_layers`, for the vocabulary they were trained with."""
    with np.load(path) as arrays:
        return {name: arrays[name] for name in arrays.files if name != ABOUT}


def carry_layers(
    path: Path, words: Sequence[str], sizes: Sizes, tokenizer: TokenizerSettings
) -> tuple[Pretrained, int]:
    """Adapt the layers of another training to the vocabulary of this training.

    Args:
        path: A file of :func:`save_layers`.
        words: Tokens of this training's vocabulary, by id.
        sizes: Sizes of this network's layers.
        tokenizer: Tokenizer settings of this training.

    Returns:
        The layers, with rows of zeros for words that the file lacks, and how many of the words
        it has.

    Raises:
        SettingsError: The file holds no pretrained layers, or its layers have other sizes or
            another tokenizer.
    """
    layers, about = _read(path)
    cut = TokenizerSettings.model_validate(about["tokenizer"]).model_dump()
    for name, value in tokenizer.model_dump().items():
        if cut[name] != value:
            raise SettingsError(
                f"pretrain.from_path: {path} was made with tokenizer.{name} = {cut[name]!r}, but "
                f"now it is {value!r}: use the same tokenizer, or unset pretrain.from_path"
            )
    if not sizes.with_lstm:
        layers = {"embedding": layers["embedding"]}
    _check_sizes(path, layers, sizes, len(about["words"]))
    rows = {word: row for row, word in enumerate(about["words"])}
    known = [(row, rows[word]) for row, word in enumerate(words) if word in rows]
    embedding = np.zeros((len(words), sizes.embedding_size), np.float32)
    here, there = np.array(known, np.intp).reshape(-1, 2).T
    embedding[here] = layers["embedding"][there]
    return Pretrained(layers | {"embedding": embedding}, int(about["texts"])), len(known)


def _read(path: Path) -> tuple[Layers, dict[str, Any]]:
    try:
        archive.check_size(path)
        with np.load(path, allow_pickle=False) as arrays:
            read = {name: arrays[name] for name in arrays.files}
        about = load_json(read.pop(ABOUT).tobytes())
        if not {"texts", "tokenizer", "words"} <= about.keys() or "embedding" not in read:
            raise ValueError("its words, tokenizer or embedding are missing")
    except (InputError, OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise SettingsError(
            f"pretrain.from_path: {path} has no pretrained layers ({error}); name a layers.npz "
            "below the folder pretrained of a workspace"
        ) from error
    return read, about


def _check_sizes(path: Path, layers: Layers, sizes: Sizes, words: int) -> None:
    expected: dict[str, tuple[int, ...]] = {"embedding": (words, sizes.embedding_size)}
    units = sizes.lstm_units
    if "forward_0" in layers:
        units = units or math.isqrt(np.size(layers.get("forward_1", ())) // 4)
        for direction in ("forward", "backward"):
            expected |= {
                f"{direction}_0": (sizes.embedding_size, 4 * units),
                f"{direction}_1": (units, 4 * units),
                f"{direction}_2": (4 * units,),
            }
    shapes = {name: layer.shape for name, layer in layers.items()}
    if shapes != expected:
        size = layers["embedding"].shape[-1]
        of_units = layers["forward_1"].shape[0] if "forward_1" in layers else sizes.lstm_units
        raise SettingsError(
            f"pretrain.from_path: {path} has layers of model.embedding_size = {size} and "
            f"model.lstm_units = {of_units}, but now they are {sizes.embedding_size} and {units}: "
            "use the same sizes, or unset pretrain.from_path"
        )
