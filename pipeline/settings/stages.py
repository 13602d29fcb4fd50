"""Settings of the review store and of the stages after the crawl."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from pipeline.settings.paths import find_path, none_if_empty
from pipeline.settings.section import Section
from pipeline.settings.tag_sets import TaggerName


class StoreSettings(Section):
    """The review store."""

    url: SecretStr = SecretStr("")
    """Database of the reviews, as ``postgresql://user:password@host/database``. Empty: a SQLite
    file in the workspace."""
    author_key: SecretStr = SecretStr("")
    """Secret key for pseudonyms (keyed hashes) of authors. Empty: authors are not stored."""

    @field_validator("url")
    @classmethod
    def _is_postgresql(cls, url: SecretStr) -> SecretStr:
        if (text := url.get_secret_value()) and not text.startswith("postgresql://"):
            raise ValueError("write it as postgresql://user:password@host/database")
        return url


class LabelSettings(Section):
    """The prediction target and the mapping from ratings to labels."""

    target: Literal["binary", "three", "score"] = "binary"
    """What the model predicts: ``binary`` (negative or positive; neutral reviews are left out),
    ``three`` (negative, neutral or positive) or ``score`` (the rating itself)."""
    scale: Literal[5, 10, 100] | None = None
    """Highest possible rating of the source. Unset: 5, 10 or 100, inferred from the ratings."""
    negative_max: float | None = None
    """Highest rating that counts as negative. Unset: 2 on a 5-point scale, 4 on a 10-point
    scale, 40 on a 100-point scale."""
    positive_min: float | None = None
    """Lowest rating that counts as positive. Unset: 4 on a 5-point scale, 9 on a 10-point
    scale (8 if the ratings are 2, 4, 6, 8 and 10), 80 on a 100-point scale."""

    @model_validator(mode="after")
    def _ordered(self) -> LabelSettings:
        if (
            self.negative_max is not None
            and self.positive_min is not None
            and self.negative_max >= self.positive_min
        ):
            raise ValueError(
                f"negative_max {self.negative_max:g} must be below "
                f"positive_min {self.positive_min:g}"
            )
        return self


class CleanSettings(Section):
    """Text normalization before tokenization."""

    max_repeat: int = Field(2, ge=1)
    """Maximum length of a run of one letter, punctuation mark or emoji; longer runs are cut
    (ㅋㅋㅋㅋ -> ㅋㅋ)."""
    urls: Literal["drop", "keep"] = "drop"
    """Whether to ``drop`` or ``keep`` web addresses in texts."""
    digits: Literal["keep", "zero"] = "keep"
    """``keep``: digits stay as they are; ``zero``: each digit is replaced with 0, so that numbers
    differ only in length."""


class SplitSettings(Section):
    """Training, validation and test splits. A group stays in one split if the groups allow it."""

    test_share: float = Field(0.2, gt=0, lt=1)
    """Share of all examples in the test split, if there is one: see ``split.folds``. Ignored if
    ``source.test_path`` is set."""
    folds: int | None = Field(None, ge=0, le=20)
    """Number of folds of the cross-validation. It is used with fewer than 5,000 examples and tests
    all of them, each with a model that was trained without its fold. 0: a test split is used
    instead, as with more examples. Unset: 5, or 10 if a class has fewer than a tenth of the
    examples. Ignored if ``source.test_path`` is set."""
    validation_share: float = Field(0.1, gt=0, lt=1)
    """Share of the remaining examples in the validation split. Without groups, the validation split
    has at most 2,500 examples of the rarest class."""
    seed: int = 1
    """Random seed of the splits."""

    @field_validator("folds")
    @classmethod
    def _is_none_or_some(cls, given: int | None) -> int | None:
        if given is not None and 0 < given < 3:
            raise ValueError(f"{given} is too few: set it to 0 or to at least 3")
        return given

    @model_validator(mode="after")
    def _leaves_training(self) -> SplitSettings:
        if self.test_share + self.validation_share >= 1:
            raise ValueError(
                f"test_share {self.test_share:g} and validation_share "
                f"{self.validation_share:g} leave nothing to train on; their sum must be below 1"
            )
        return self


class TokenizerSettings(Section):
    """Morphological analysis."""

    name: TaggerName = "okt"
    """The tagger. ``mecab`` and ``kiwi`` need an extra package; the others run on the bundled
    Java."""
    stem: bool = False
    """Reduce verbs and adjectives to their dictionary form (Okt only)."""
    norm: bool = False
    """Normalize colloquial spellings, 사랑햌ㅋㅋ -> 사랑해ㅋㅋ (Okt only)."""
    pos: bool = False
    """Append the part-of-speech tag to each token: ``영화/Noun``."""
    keep_tags: tuple[str, ...] = ()
    """Keep only tokens whose part-of-speech tag starts with one of these prefixes, in the
    tagger's own tag set. Empty: keep all. A prefix that matches no tag is an error."""
    drop_tags: tuple[str, ...] = ()
    """Drop tokens whose part-of-speech tag starts with one of these prefixes."""
    stop_words: tuple[str, ...] = ()
    """Tokens to drop."""
    jvm_heap_mb: int = Field(1024, ge=256, exclude=True)
    """Maximum heap of the Java virtual machine in MB (``okt``, ``komoran``, ``hannanum``,
    ``kkma``)."""
    memo_words: int = Field(2_000_000, ge=1, exclude=True)
    """Maximum number of words in the on-disk tokenizer cache, about 100 bytes each (Okt only)."""
    chunk_rows: int = Field(20_000, ge=1, exclude=True)
    """Number of texts per tokenization task."""

    @model_validator(mode="after")
    def _options_fit(self) -> TokenizerSettings:
        if (self.stem or self.norm) and self.name != "okt":
            raise ValueError(f"stem and norm are options of okt, not of {self.name}; unset them")
        return self

    def for_tagger(self, name: TaggerName) -> TokenizerSettings:
        """The same settings for another tagger, without the options that only Okt has."""
        own = {} if name == "okt" else {"stem": False, "norm": False}
        return self.model_copy(update={"name": name, **own})


class VocabularySettings(Section):
    """The vocabulary. Tokens outside it become ``<unk>``."""

    size: int = Field(40_000, ge=3)
    """Maximum number of entries, including ``<pad>`` and ``<unk>``."""
    min_count: int = Field(2, ge=1)
    """Minimum number of occurrences of a token in the training split."""


class PretrainSettings(Section):
    """Prior knowledge: the starter, and pretraining on unlabelled text."""

    starter: bool = True
    """Whether the starter, a small sentiment model that comes with the package, is combined with
    the network and the n-grams (functional only). It is left out if it was trained on the same
    reviews."""

    unlabeled_path: Path | None = None
    """File of additional unlabelled reviews: a ``.txt`` with one per line, or a table with a text
    column. Unset: pretrain on the reviews of the source only."""
    from_path: Path | None = None
    """File of pretrained layers: ``layers.npz`` of an earlier training, whose log names the path.
    The layers are used instead of pretraining; the tokenizer and the sizes of the layers must be
    the same."""
    min_texts: int = Field(5_000, ge=1)
    """Minimum number of texts; with fewer, pretraining is skipped."""
    max_texts: int = Field(500_000, ge=1)
    """Maximum number of texts; if there are more, a random sample is used."""
    vector_epochs: int = Field(2, ge=0)
    """Epochs of word-vector training. 0: no word vectors."""
    language_model_epochs: int | None = Field(None, ge=0)
    """Epochs of language-model training, which starts from the word vectors. 0: no language
    model. Unset: 1, or 2 with 200,000 texts or more."""
    workers: int | None = Field(None, ge=1, exclude=True)
    """Threads for word-vector training. Unset: the number of cores. Only 1 is reproducible."""
    seed: int = 1
    """Random seed of pretraining."""

    _unset = field_validator("unlabeled_path", "from_path", mode="before")(none_if_empty)

    @field_validator("unlabeled_path", "from_path")
    @classmethod
    def _found(cls, path: Path | None) -> Path | None:
        return path and find_path(path)


class EncodeSettings(Section):
    """Encoding of tokens as integer sequences."""

    max_length: int | None = Field(None, ge=1)
    """Maximum number of tokens per text; longer texts are truncated at the end. Unset: chosen by
    ``length_percentile``."""
    length_percentile: float = Field(99.5, gt=0, le=100)
    """Percentile of the training lengths that becomes ``max_length`` if that is unset."""


class ModelSettings(Section):
    """Architecture of the network."""

    kind: Literal["functional", "sequential"] = "functional"
    """``functional``: a bidirectional LSTM, pooled over time and combined with an n-gram
    regression; ``sequential``: the plain stack of embedding, LSTM and dense layer."""
    embedding_size: int = Field(128, ge=1)
    """Dimensions of the token embedding."""
    lstm_units: int | None = Field(None, ge=1)
    """Units of the LSTM, per direction. Unset: 128, or 256 with a language model trained on
    200,000 texts or more."""
    dropout: float = Field(0.5, ge=0, lt=1)
    """Dropout rate before the output layer."""
    embedding_dropout: float = Field(0.3, ge=0, lt=1)
    """Dropout rate of the embedding: drops whole channels per text (functional) or single values
    (sequential)."""
    word_dropout: float | None = Field(None, ge=0, lt=1)
    """Share of tokens that are replaced with ``<unk>`` during training (functional only). Unset:
    0.2, or 0 with pretrained layers."""


class TrainSettings(Section):
    """Training of the network."""

    epochs: int | None = Field(None, ge=1)
    """Maximum number of epochs. Unset: enough for about 2,000 batches, between 3 and 12."""
    batch_size: int | None = Field(None, ge=1)
    """Examples per batch. Unset: enough for 100 batches per epoch, between 16 and 256."""
    learning_rate: float = Field(0.003, gt=0)
    """Initial learning rate; it decays to 0 with a cosine schedule."""
    patience: int = Field(2, ge=1)
    """Early stopping: training stops after this number of epochs without a better validation
    loss."""
    deadline_minutes: float | None = Field(None, gt=0)
    """Maximum training time in minutes; the best epoch so far is kept. Unset: no limit."""
    members: tuple[TaggerName, ...] = ()
    """Taggers of an ensemble: trains one network per tagger and averages their probabilities.
    Empty: one network on the tokens of ``tokenizer.name``."""
    class_weights: Literal["balanced"] | None = None
    """``balanced``: weight examples inversely to the frequency of their class, or of their rating
    for ``label.target = "score"``. Unset: all examples have the same weight."""
    threshold: Literal["f1", "balanced", "accurate"] | float = "f1"
    """Metric for which the decision threshold (with three classes, the weight of each class) is
    chosen on held-out reviews: ``f1`` (macro-F1, which counts a rare class as much as a frequent
    one; if complaints are rare, more of them are found at a low cost), ``balanced`` (balanced
    accuracy: finds more of a rare class, with more false alarms) or ``accurate`` (accuracy). With
    two classes, also a number above 0 and below 1, which is the threshold itself: the lowest
    probability of positive for which the answer is positive."""
    seed: int = 1
    """Random seed of initialization, shuffling and dropout."""

    @field_validator("threshold", mode="before")
    @classmethod
    def _is_known_or_probability(cls, given: Any) -> Any:
        if given in ("f1", "balanced", "accurate"):
            return given
        try:
            number = float(given)
        except (TypeError, ValueError):
            number = 0.0
        if not 0 < number < 1:
            raise ValueError(
                f"{given} is invalid: write f1, balanced, accurate or a number between 0 and 1"
            )
        return number


class EvaluateSettings(Section):
    """Evaluation."""

    bootstrap_samples: int = Field(1000, ge=10)
    """Number of bootstrap samples for confidence intervals."""
    seed: int = 1
    """Random seed of the bootstrap."""


class ReportSettings(Section):
    """The report."""

    language: Literal["en", "ko"] = "en"
    """Language of the report: English or Korean."""


class GateSettings(Section):
    """Requirements that a model must meet to become the champion."""

    behaviour_floor: float = Field(0.5, ge=0, le=1)
    """Minimum share of behaviour tests that the model must pass."""
