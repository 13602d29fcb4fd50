"""One trained network with what it reads texts by."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from pipeline.model.inference import load_model
from pipeline.model.ngrams import NgramRegression
from pipeline.prepare.vocabulary import Vocabulary
from pipeline.settings import CleanSettings, EncodeSettings, TokenizerSettings
from pipeline.storage import names
from pipeline.storage.manifest import Manifest
from pipeline.target.kinds import BINARY, AnyTarget, Target


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
        self.settings = TextSettings.model_validate_json((folder / names.TEXT).read_bytes())
        self.vocabulary = Vocabulary.load(folder / names.VOCABULARY)
        self.model = load_model(folder / names.NETWORK)
        is_wide = (folder / names.NGRAMS[0]).exists()
        self.regression = NgramRegression.load(folder) if is_wide else None


def target_of(model: Manifest) -> Target:
    """What a model predicts, without loading it."""
    path = member_folders(model)[0] / names.TEXT
    return TextSettings.model_validate_json(path.read_bytes()).target


def member_folders(model: Manifest) -> list[Path]:
    """The folder of each network of an ensemble; the model's own where it is none."""
    return [model.path(name).parent for name in model.files if Path(name).name == names.NETWORK]
