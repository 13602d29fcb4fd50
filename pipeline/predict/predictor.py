"""Predictions for new texts with a trained model."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from pipeline.errors import InputError
from pipeline.model import ngrams
from pipeline.model.ngrams import NgramFeatures, NgramRegression
from pipeline.prepare.clean import clean
from pipeline.prepare.sequences import Sequences, batches_by_length
from pipeline.prepare.vocabulary import Vocabulary
from pipeline.progress import track
from pipeline.runtime import load_backend
from pipeline.settings import CleanSettings, EncodeSettings, TokenizerSettings
from pipeline.storage.tables import file_format, open_table, table_writer, text_column
from pipeline.storage.workspace import Manifest
from pipeline.target.kinds import BINARY, AnyTarget, Predicted, Target
from pipeline.tokenizer import shared_tokenizer

if TYPE_CHECKING:
    import keras

BATCH_SIZE = 512
WORTH_COMPILING = 2_000
"""With fewer texts it takes longer to compile the network than to call it as it is."""
DIGITS = 4
"""After the point, of what is written."""
CHUNK_ROWS = 20_000
NETWORK = "model.keras"

Answer = Callable[[Iterable[list[str]]], Iterable[list[dict[str, Any]]]]
"""Answers for each of many lists of texts, in their order."""


class TextSettings(BaseModel):
    """How a model's texts were made into sequences; saved beside it as ``text.json``.

    Attributes:
        clean: How they were normalised.
        tokenizer: How they were cut into tokens.
        encode: How the tokens became integers.
        target: What the model predicts of them.
    """

    model_config = ConfigDict(frozen=True)

    clean: CleanSettings
    tokenizer: TokenizerSettings
    encode: EncodeSettings
    target: AnyTarget = BINARY


class Predictor:
    """A trained model with everything it needs to read a text.

    Attributes:
        folder: Where the model lies.
        target: What it predicts.
    """

    def __init__(
        self, model: Manifest, memo: Path | None = None, workers: int | None = None
    ) -> None:
        """Load a model whose manifest was checked against its files.

        ``memo`` is the folder where Okt's tokens of words are kept between runs, ``workers`` the
        number of threads that cut texts into tokens; unset: one for each core.
        """
        self.folder = model.folder
        self._members = [_Member(folder, memo, workers) for folder in member_folders(model)]
        self.target: Target = self._members[0].settings.target

    def __repr__(self) -> str:
        return f"Predictor({str(self.folder)!r})"

    def predict(self, texts: Sequence[str]) -> Predicted:
        """Probabilities for each text, as the target has them; the mean of an ensemble's."""
        predicted = [member.predict(texts) for member in self._members]
        return np.asarray(np.mean(predicted, axis=0))

    def answers(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """The target's columns for each text, numbers rounded."""
        return [rounded(answer) for answer in self.target.answers(self.predict(texts))]

    def answer(self, chunks: Iterable[list[str]]) -> Iterator[list[dict[str, Any]]]:
        """The answers for each of many lists of texts, one after the other."""
        return map(self.answers, chunks)


class Network:
    """One network with what it reads texts by.

    Attributes:
        settings: How texts become sequences.
        vocabulary: The integers of tokens.
        model: Of Keras.
        regression: Knows the n-grams of its wide branch; None where it has none.
    """

    def __init__(self, folder: Path) -> None:
        """Load it from the folder of its model."""
        self.settings = TextSettings.model_validate_json((folder / "text.json").read_bytes())
        self.vocabulary = Vocabulary.load(folder / "vocabulary.json")
        self.model = load_model(folder / NETWORK)
        is_wide = (folder / ngrams.FILES[0]).exists()
        self.regression = NgramRegression.load(folder) if is_wide else None


class _Member(Network):
    """One network that cuts texts into tokens itself."""

    def __init__(self, folder: Path, memo: Path | None, workers: int | None) -> None:
        super().__init__(folder)
        self._tokenizer = shared_tokenizer(self.settings.tokenizer, memo, workers)

    def predict(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        cleaned = [clean(text, self.settings.clean) for text in texts]
        tokens = list(self._tokenizer.tokenize(cleaned))
        sequences = Sequences.encode(tokens, self.vocabulary, self.settings.encode.max_length)
        features = self.regression.features(cleaned, tokens) if self.regression else None
        return probabilities(self.model, sequences, features)


def rounded(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer of a target, its numbers to ``DIGITS`` digits."""
    return {
        name: round(value, DIGITS) if isinstance(value, float) else value
        for name, value in answer.items()
    }


def target_of(model: Manifest) -> Target:
    """What a model predicts, without loading it."""
    path = member_folders(model)[0] / "text.json"
    return TextSettings.model_validate_json(path.read_bytes()).target


def member_folders(model: Manifest) -> list[Path]:
    """The folder of each network of an ensemble; the model's own where it is none."""
    return [model.path(name).parent for name in model.files if Path(name).name == NETWORK]


def load_model(path: Path) -> keras.Model:
    """Load a ``.keras`` file without running any code it may carry."""
    load_backend()
    import keras

    import pipeline.model.layers  # noqa: F401  (registers them)

    return keras.saving.load_model(path, compile=False, safe_mode=True)


def is_wide(model: Manifest) -> bool:
    """Whether the model has a wide branch, which reads the n-grams of a text."""
    return ngrams.FILES[0] in model.files


def probabilities(
    model: keras.Model, sequences: Sequences, features: NgramFeatures | None = None
) -> npt.NDArray[np.float64]:
    """Probabilities for each sequence, in their order.

    The shape is (sequences,) for a model with one output, else (sequences, outputs).
    ``features`` are those of the same texts, for a model with a wide branch.
    """
    result = np.empty((len(sequences), model.output_shape[1]), np.float64)
    answer = model.predict_on_batch if len(sequences) > WORTH_COMPILING else model
    model.jit_compile = False  # XLA would compile it anew for each shape of a batch
    with track("predict", len(sequences)) as progress:
        for rows in batches_by_length(sequences.lengths, BATCH_SIZE):
            tokens = sequences.padded(rows)
            inputs = [tokens, *features.padded(rows)] if features else tokens
            result[rows] = answer(inputs)
            progress.advance(len(rows))
    return result[:, 0] if result.shape[1] == 1 else result


def predict_file(
    target: Target, answer: Answer, source: Path, output: Path, column: str = ""
) -> int:
    """Write a copy of a table with the columns of what a model predicts.

    Order and number of rows are kept, rows without a text get empty predictions.

    Args:
        target: What is predicted.
        answer: Gives the answers for each of many lists of texts, in their order, as
            :meth:`Predictor.answer` does.
        source: TSV, CSV, JSONL or Parquet, by suffix, the first three also with ``.gz``.
        output: The same, by its own suffix; replaced when it exists, left alone on an error.
        column: Column of the text; empty for the first customary one.

    Returns:
        The number of rows.

    Raises:
        SourceError: The input cannot be read, or a suffix is not known.
        InputError: The output's folder does not exist.
    """
    file_format(output)
    if not output.parent.is_dir():
        raise InputError(f"no such folder: {output.parent}; make it or choose another output")
    total, added = 0, target.columns
    chunks: deque[list[dict[str, Any]]] = deque()
    with open_table(source) as (names, lines):
        text = text_column(names, column, source)
        with table_writer(output, [*(n for n in names if n not in added), *added]) as write:
            asked = _texts(lines, text, chunks)
            for answers in answer(asked):
                rows = chunks.popleft()
                write(_with_answers(rows, text, dict.fromkeys(added), answers))
                total += len(rows)
            if not total:
                write([])  # a table without rows is one too
    return total


def _texts(
    lines: Iterable[Mapping[str, Any]], text: str, chunks: deque[list[dict[str, Any]]]
) -> Iterator[list[str]]:
    """The texts of each chunk of rows; the rows themselves are put into ``chunks``."""
    remaining = iter(lines)
    while rows := [dict(line) for line in itertools.islice(remaining, CHUNK_ROWS)]:
        chunks.append(rows)
        yield [known for row in rows if (known := _text(row, text))]


def _text(row: Mapping[str, Any], text: str) -> str:
    return str(row.get(text) or "").strip()


def _with_answers(
    rows: list[dict[str, Any]],
    text: str,
    unanswered: dict[str, Any],
    answers: Iterable[dict[str, Any]],
) -> list[dict[str, Any]]:
    known = [index for index, row in enumerate(rows) if _text(row, text)]
    answered = [row | unanswered for row in rows]
    for index, answer in zip(known, answers, strict=True):
        answered[index] |= answer
    return answered
