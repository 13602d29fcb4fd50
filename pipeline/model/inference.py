"""Loads saved networks and predicts probabilities.

Predictions run in ONNX Runtime. Keras is used only for networks in training and for models that
were saved before networks had an ONNX file.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
import weakref
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.bounded_json import load_json
from pipeline.errors import RunError, WorkspaceError
from pipeline.model.ngram_features import NgramFeatures
from pipeline.prepare.sequences import Sequences, batches_by_length
from pipeline.progress import track
from pipeline.runtime import count_workers, load_backend
from pipeline.storage import names
from pipeline.storage.manifest import Manifest

if TYPE_CHECKING:
    import keras
    import onnxruntime

BATCH_SIZE, KERAS_BATCH_SIZE = 128, 512
"""Batch sizes: small batches fit into the processor's cache; Keras has more overhead per batch."""
MIN_BATCH_SIZE, MIN_BATCHES = 8, 8
"""With few texts, batches are smaller: their texts are closer in length and need less padding."""
MIN_TEXTS_TABLES = 2_000
"""Minimum number of texts for which computing the tables of ``MANY`` saves time."""
TOKENS, NGRAMS, VALUES = "tokens", "ngrams", "ngram_weights"
"""Names of the inputs of an ONNX network."""
MANY = "many"
"""Name of its optional input: whether to use lookup tables, which are faster for many texts."""
VOCABULARY, NGRAM_COUNT = "vocabulary", "ngram_count"
"""Metadata keys of an ONNX network: digest of its vocabulary and number of its n-grams."""
DISABLED_OPTIMIZERS = ("ConstantFolding",)
"""Disabled for few texts: would compute the tables of ``MANY`` when the network is loaded."""
FATAL_ONLY = 4
"""Level of ONNX Runtime's own log; its errors are also raised as exceptions."""

Call = Callable[[list[npt.NDArray[Any]]], Any]
"""Function from the inputs of a batch to its probabilities."""
_compiled: weakref.WeakKeyDictionary[keras.Model, Call] = weakref.WeakKeyDictionary()


class OnnxNetwork:
    """A network in ONNX Runtime. Threads may share it.

    Attributes:
        outputs: Number of outputs.
        workers: Number of batches to run at once.
        vocabulary: Digest of the vocabulary that the network was trained with.
        ngrams: Number of n-gram features of the wide branch; 0 without one.
    """

    def __init__(
        self, path: Path, workers: int | None = None, uses_tables: bool | None = None
    ) -> None:
        """Load an ``.onnx`` file.

        Args:
            path: The file.
            workers: Number of batches that :func:`probabilities` runs at once; None uses one per
                core.
            uses_tables: Whether to predict with lookup tables; None uses them for many texts.
                Networks with one direction and networks of earlier versions have no tables.

        Raises:
            WorkspaceError: The file is missing, damaged or not a network of this package.
        """
        self.workers = count_workers(workers)
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)  # a bundle's file is deleted
            weakref.finalize(self, os.close, self._file)
            self._session = _session(path, DISABLED_OPTIMIZERS)
            (output,) = self._session.get_outputs()
            self.outputs: int = int(output.shape[1])
        except Exception as error:  # ONNX Runtime's errors have no common base class
            first = str(error).partition("\n")[0]
            raise WorkspaceError(f"{path} is not a valid ONNX network: {first}") from error
        self._inputs = [one.name for one in self._session.get_inputs()]
        optional = [one.name for one in self._session.get_overridable_initializers()]
        self._has_tables, self._uses_tables = MANY in optional, uses_tables
        self._lock = threading.Lock()
        known: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        self.vocabulary = known.get(VOCABULARY, "")
        self.ngrams = int(known.get(NGRAM_COUNT, 0))

    def __repr__(self) -> str:
        return f"OnnxNetwork(outputs={self.outputs}, ngrams={self.ngrams})"

    def __call__(self, inputs: list[npt.NDArray[Any]]) -> npt.NDArray[np.float32]:
        """Probabilities of a batch, shape (texts, outputs)."""
        (result,) = self._session.run(None, dict(zip(self._inputs, inputs, strict=True)))
        return np.asarray(result, np.float32)

    def call_for(self, texts: int) -> Call:
        """The function to predict batches of so many texts with: uses tables where faster."""
        uses_tables = texts >= MIN_TEXTS_TABLES if self._uses_tables is None else self._uses_tables
        if not (uses_tables and self._has_tables):
            return self
        with self._lock:
            session = self._tables
        many = {MANY: np.array(True)}

        def call(inputs: list[npt.NDArray[Any]]) -> npt.NDArray[np.float32]:
            (result,) = session.run(None, dict(zip(self._inputs, inputs, strict=True)) | many)
            return np.asarray(result, np.float32)

        return call

    @functools.cached_property
    def _tables(self) -> onnxruntime.InferenceSession:
        """Session that uses the lookup tables of :mod:`pipeline.model.onnx_lstm`."""
        size = os.fstat(self._file).st_size
        return _session(os.pread(self._file, size, 0))


def _session(
    network: Path | bytes, disabled_optimizers: Sequence[str] = ()
) -> onnxruntime.InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # running batches in parallel is faster
    options.enable_mem_pattern = False  # only helps inputs of one shape
    options.log_severity_level = FATAL_ONLY
    return onnxruntime.InferenceSession(
        network,
        options,
        providers=["CPUExecutionProvider"],
        enable_fallback=0,
        disabled_optimizers=list(disabled_optimizers),
    )


def load_network(folder: Path, workers: int | None = None) -> OnnxNetwork | keras.Model:
    """Load the network of a model's folder for predictions.

    Args:
        folder: Folder of the model.
        workers: See :class:`OnnxNetwork`.

    Returns:
        The network in ONNX Runtime, or in Keras if the folder has no ONNX file (models of earlier
        versions of this package).

    Raises:
        WorkspaceError: The file is damaged.
        RunError: Keras would be needed but is not installed.
    """
    if (folder / names.ONNX).exists():
        return OnnxNetwork(folder / names.ONNX, workers)
    try:
        return load_model(folder / names.NETWORK)
    except ModuleNotFoundError as error:
        raise RunError(
            f"the model in {folder} has no {names.ONNX}, so it needs the package {error.name}: "
            f"pip install {error.name}, or train it again"
        ) from error


def load_model(path: Path) -> keras.Model:
    """Load a ``.keras`` file in safe mode, which refuses embedded code.

    Raises:
        ValueError: Its configuration is not JSON or is nested too deeply.
    """
    with zipfile.ZipFile(path) as parts:
        load_json(parts.read("config.json"))
    load_backend()
    import keras

    import pipeline.model.layers  # noqa: F401  (registers the layers)

    return keras.saving.load_model(path, compile=False, safe_mode=True)


def is_wide(model: Manifest) -> bool:
    """Whether the model has a wide branch, an n-gram regression, beside the LSTM."""
    return names.NGRAMS in model.files


def probabilities(
    model: OnnxNetwork | keras.Model, sequences: Sequences, features: NgramFeatures | None = None
) -> npt.NDArray[np.float64]:
    """Predict probabilities with the model's number of workers, and show the progress.

    See :func:`run_batches`.
    """
    workers = model.workers if isinstance(model, OnnxNetwork) else 1
    with track("predict", len(sequences)) as progress:
        return run_batches(model, sequences, features, progress.advance, workers=workers)


def run_batches(
    model: OnnxNetwork | keras.Model,
    sequences: Sequences,
    features: NgramFeatures | None,
    advance: Callable[[int], None],
    *,
    texts: int | None = None,
    workers: int = 1,
) -> npt.NDArray[np.float64]:
    """Predict probabilities.

    Args:
        model: From :func:`load_network`, :func:`load_model` or training.
        sequences: The encoded texts.
        features: N-gram features of the same texts; required if the model has a wide branch.
        advance: Called with the number of texts of each finished batch.
        texts: Total number of texts over all calls; None if this is the only call.
        workers: Number of batches to run at once.

    Returns:
        Shape (sequences,) for a model with one output, else (sequences, outputs).
    """
    total = len(sequences) if texts is None else texts
    if isinstance(model, OnnxNetwork):
        outputs, call = model.outputs, model.call_for(total)
        batch_size = min(BATCH_SIZE, max(MIN_BATCH_SIZE, len(sequences) // MIN_BATCHES))
    else:
        outputs, call = model.output_shape[1], compiled(model)
        batch_size = KERAS_BATCH_SIZE

    def answer(rows: npt.NDArray[np.intp]) -> Any:
        wide = features.padded(rows) if features else ()
        return call([sequences.padded(rows), *wide])

    batches = list(batches_by_length(sequences.lengths, batch_size))
    result = np.empty((len(sequences), outputs), np.float64)
    with contextlib.ExitStack() as stack:
        run: Callable[..., Iterator[Any]] = map
        if min(workers, len(batches)) > 1:
            run = stack.enter_context(ThreadPoolExecutor(workers)).map
        for rows, found in zip(batches, run(answer, batches), strict=True):
            result[rows] = found
            advance(len(rows))
    return result[:, 0] if outputs == 1 else result


def compiled(model: keras.Model) -> Call:
    """The model as a function that is compiled once, for inputs of any length."""
    import tensorflow as tf

    if model not in _compiled:
        network: Any = weakref.proxy(model)

        def answer(inputs: list[tf.Tensor]) -> tf.Tensor:
            return network(inputs if len(inputs) > 1 else inputs[0], training=False)

        shapes = [tf.TensorSpec([None] * len(one.shape), one.dtype) for one in model.inputs]
        _compiled[model] = tf.function(answer, [shapes], autograph=False)
    return _compiled[model]
