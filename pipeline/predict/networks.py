"""A trained network with its vocabulary, text settings and n-gram regression."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from pipeline.errors import WorkspaceError
from pipeline.model.inference import OnnxNetwork, load_model, load_network
from pipeline.model.ngrams import NgramRegression
from pipeline.prepare.vocabulary import Vocabulary
from pipeline.settings import CleanSettings, EncodeSettings, TokenizerSettings
from pipeline.storage import names
from pipeline.storage.manifest import Manifest
from pipeline.target.base import Target
from pipeline.target.binary import BINARY
from pipeline.target.kinds import AnyTarget

if TYPE_CHECKING:
    import keras


class TextSettings(BaseModel):
    """Preprocessing settings and target of a model, saved with it as ``text.json``.

    Attributes:
        clean: Text normalization.
        tokenizer: Tokenizer and filters.
        encode: Encoding, with the resolved ``max_length``.
        target: The prediction target.
    """

    model_config = ConfigDict(frozen=True)

    clean: CleanSettings
    tokenizer: TokenizerSettings
    encode: EncodeSettings
    target: AnyTarget = BINARY


class Network:
    """A trained network with its vocabulary, text settings and n-gram regression.

    Attributes:
        settings: Preprocessing settings and target.
        vocabulary: Maps tokens to ids.
        regression: N-gram features of the wide branch; None if the model has no wide branch.
    """

    def __init__(self, folder: Path) -> None:
        """Load the files of a model's folder.

        Raises:
            WorkspaceError: The vocabulary is missing or malformed.
        """
        self._folder = folder
        self.settings = read_settings(folder)
        self.vocabulary = Vocabulary.load(folder / names.VOCABULARY)
        is_wide = (folder / names.NGRAMS).exists()
        self.regression = NgramRegression.load(folder) if is_wide else None

    @functools.cached_property
    def model(self) -> keras.Model:
        """The Keras model, loaded on first use; predictions do not need it."""
        return load_model(self._folder / names.NETWORK)

    def load_network(self, workers: int | None = None) -> OnnxNetwork | keras.Model:
        """Load the network for predictions; see :func:`pipeline.model.inference.load_network`.

        Raises:
            WorkspaceError: The file is malformed, or the network was trained with another
                vocabulary or other n-grams.
        """
        network = load_network(self._folder, workers)
        if isinstance(network, OnnxNetwork):
            ngrams = 0 if self.regression is None else len(self.regression)
            for name, matches in (
                (names.VOCABULARY, network.vocabulary == self.vocabulary.digest),
                (names.NGRAMS, network.ngrams == ngrams),
            ):
                if not matches:
                    raise WorkspaceError(f"{self._folder / name} does not match the network")
        return network


def target_of(model: Manifest) -> Target:
    """Read a model's prediction target without loading its networks."""
    return read_settings(member_folders(model)[0]).target


def read_settings(folder: Path) -> TextSettings:
    """Read the text settings of a network's folder."""
    return TextSettings.model_validate_json((folder / names.TEXT).read_bytes())


def member_folders(model: Manifest) -> list[Path]:
    """Folder of each network of a model; several for an ensemble.

    Raises:
        WorkspaceError: The manifest lists no network.
    """
    found = [name for name in model.files if Path(name).name == names.NETWORK]
    return [model.path(name).parent for name in found or [names.NETWORK]]
