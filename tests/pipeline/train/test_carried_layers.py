"""Pretrained layers that another training takes from a file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.errors import SettingsError
from pipeline.settings import TokenizerSettings
from pipeline.train.carried_layers import ABOUT, carry_layers, load_layers, save_layers
from pipeline.train.pretrain import Pretrained, Sizes
from pipeline.train.pretrained_layers import Layers

WORDS = ["<pad>", "<unk>", "주차", "층간소음", "좋다"]
SIZES = Sizes(embedding_size=3, lstm_units=2)
MECAB = TokenizerSettings(name="mecab")


@pytest.fixture
def layers() -> Layers:
    random = np.random.default_rng(0)
    shapes: dict[str, tuple[int, ...]] = {"embedding": (5, 3)}
    for direction in ("forward", "backward"):
        shapes |= {f"{direction}_0": (3, 8), f"{direction}_1": (2, 8), f"{direction}_2": (8,)}
    return {name: random.random(shape, np.float32) for name, shape in shapes.items()}


@pytest.fixture
def file(tmp_path: Path, layers: Layers) -> Path:
    save_layers(tmp_path / "layers.npz", Pretrained(layers, 70), WORDS, MECAB)
    return tmp_path / "layers.npz"


def test_the_same_vocabulary_gets_the_same_layers(file: Path, layers: Layers) -> None:
    (carried, texts), known = carry_layers(file, WORDS, SIZES, MECAB)
    assert (texts, known) == (70, 5)
    for same in (carried, load_layers(file)):
        assert same.keys() == layers.keys()
        for name, layer in layers.items():
            np.testing.assert_array_equal(same[name], layer)


def test_words_get_the_rows_of_their_own(file: Path, layers: Layers) -> None:
    words = ["<pad>", "<unk>", "좋다", "유심", "주차"]
    (carried, _), known = carry_layers(file, words, SIZES, MECAB)
    assert known == 4
    expected = layers["embedding"][[0, 1, 4, 0, 2]]
    expected[3] = 0
    np.testing.assert_array_equal(carried["embedding"], expected)


def test_a_network_without_an_lstm_to_fill_takes_the_embedding(file: Path) -> None:
    sizes = Sizes(embedding_size=3, lstm_units=None, with_lstm=False)
    assert carry_layers(file, WORDS, sizes, MECAB)[0].layers.keys() == {"embedding"}


def test_a_network_of_no_given_units_takes_those_of_the_file(
    file: Path, layers: Layers, tmp_path: Path
) -> None:
    sizes = Sizes(embedding_size=3, lstm_units=None)
    carried = carry_layers(file, WORDS, sizes, MECAB)[0].layers
    np.testing.assert_array_equal(carried["forward_1"], layers["forward_1"])
    lacking = tmp_path / "lacking.npz"
    with np.load(file) as arrays:
        np.savez(lacking, **{name: arrays[name] for name in arrays.files if name != "forward_1"})
    with pytest.raises(SettingsError, match="lstm_units = None"):
        carry_layers(lacking, WORDS, sizes, MECAB)


@pytest.mark.parametrize(
    ("sizes", "tokenizer", "message"),
    [
        ((4, 2), MECAB, "embedding_size = 3 and model.lstm_units = 2, but now they are 4 and 2"),
        ((3, 5), MECAB, "embedding_size = 3 and model.lstm_units = 2, but now they are 3 and 5"),
        (
            (3, 2),
            TokenizerSettings(),
            "made with tokenizer.name = 'mecab', but now it is 'okt': use the same",
        ),
    ],
)
def test_other_layers_are_refused(
    file: Path, sizes: tuple[int, int], tokenizer: TokenizerSettings, message: str
) -> None:
    other = Sizes(embedding_size=sizes[0], lstm_units=sizes[1])
    with pytest.raises(SettingsError, match=message):
        carry_layers(file, WORDS, other, tokenizer)


def nested() -> dict[str, Any]:
    return {"embedding": np.zeros((5, 3)), ABOUT: np.frombuffer(b"[" * 99_999, np.uint8)}


def bomb() -> bytes:
    """A small file that unpacks to 10 MB."""
    file = io.BytesIO()
    np.savez_compressed(file, embedding=np.zeros((5, 250_000)), about=np.zeros(2, np.uint8))
    return file.getvalue()


def pickled() -> dict[str, Any]:
    return {"embedding": np.array([{"a": 1}], object), ABOUT: np.zeros(2, np.uint8)}


@pytest.mark.parametrize(
    "content",
    [
        *(None, b"", b"PK\x03\x04", bomb()),
        *({"embedding": np.zeros((5, 3))}, {ABOUT: np.zeros(9)}, nested(), pickled()),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "x.npz"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content:
        np.savez(path, **content)
    with pytest.raises(SettingsError, match=r"x.npz has no pretrained layers \(") as refused:
        carry_layers(path, WORDS, SIZES, MECAB)
    assert "\n" not in str(refused.value)
