"""One model for each stage after the crawl, and one for the review store."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from pipeline.settings.section import Section


class StoreSettings(Section):
    """Where reviews are kept."""

    url: SecretStr = SecretStr("")
    """``postgresql://user:password@host/database``; empty: a SQLite file in the workspace."""
    author_key: SecretStr = SecretStr("")
    """Key under which authors are kept as pseudonyms; empty: no trace of an author is kept."""

    @field_validator("url")
    @classmethod
    def _is_postgresql(cls, url: SecretStr) -> SecretStr:
        if (text := url.get_secret_value()) and not text.startswith("postgresql://"):
            raise ValueError("write it as postgresql://user:password@host/database")
        return url


class LabelSettings(Section):
    """What is predicted, and which ratings count as negative and positive."""

    target: Literal["binary", "three", "score"] = "binary"
    """``binary``: negative or positive, what lies between is left out; ``three``: negative,
    neutral or positive; ``score``: the rating itself."""
    scale: Literal[5, 10] | None = None
    """The highest rating of the source; found from the ratings when it is not set."""
    negative_max: float | None = None
    """Highest negative rating: 2 on a scale to 5, 4 on a scale to 10."""
    positive_min: float | None = None
    """Lowest positive rating: 4 on a scale to 5, 9 on a scale to 10."""

    @model_validator(mode="after")
    def _ordered(self) -> LabelSettings:
        if (
            self.negative_max is not None
            and self.positive_min is not None
            and self.negative_max >= self.positive_min
        ):
            raise ValueError(
                f"negative_max {self.negative_max:g} is not below "
                f"positive_min {self.positive_min:g}"
            )
        return self


class CleanSettings(Section):
    """How text is normalised before tokenization."""

    max_repeat: int = Field(2, ge=1)
    """Longest run of one letter, mark or emoji that is kept (ㅋㅋㅋㅋ -> ㅋㅋ)."""
    urls: Literal["drop", "keep"] = "drop"
    """What becomes of web addresses."""
    digits: Literal["keep", "zero"] = "keep"
    """``zero``: every decimal digit becomes 0, so that numbers differ by length alone."""


class SplitSettings(Section):
    """How labelled reviews are divided; a whole group goes to one split."""

    test_share: float = Field(0.2, gt=0, lt=1)
    """Share of all examples; unused when the source brings its own test file."""
    validation_share: float = Field(0.1, gt=0, lt=1)
    """Share of the examples that are not test."""
    seed: int = 1

    @model_validator(mode="after")
    def _leaves_training(self) -> SplitSettings:
        if self.test_share + self.validation_share >= 1:
            raise ValueError(
                f"test_share {self.test_share:g} and validation_share "
                f"{self.validation_share:g} leave nothing to train on"
            )
        return self


TaggerName = Literal["okt", "komoran", "hannanum", "kkma", "mecab", "kiwi"]


class TokenizerSettings(Section):
    """How text is cut into tokens."""

    name: TaggerName = "okt"
    stem: bool = False
    """Reduce verbs and adjectives to their dictionary form (okt only)."""
    norm: bool = False
    """Normalise colloquial spellings, 사랑햌ㅋㅋ -> 사랑해ㅋㅋ (okt only)."""
    pos: bool = False
    """Write each token with its part of speech: ``영화/Noun``."""
    keep_tags: tuple[str, ...] = ()
    """Keep only parts of speech that begin so, in the tagger's own names; empty: all."""
    drop_tags: tuple[str, ...] = ()
    """Leave out parts of speech that begin so."""
    stop_words: tuple[str, ...] = ()
    """Tokens to leave out."""
    jvm_heap_mb: int = Field(1024, ge=256, exclude=True)
    memo_words: int = Field(2_000_000, ge=1, exclude=True)
    """Words whose tokens are kept between runs, about 100 bytes each (okt only)."""
    chunk_rows: int = Field(20_000, ge=1, exclude=True)
    """Texts that are tokenized as one piece of work."""

    @model_validator(mode="after")
    def _options_fit(self) -> TokenizerSettings:
        if (self.stem or self.norm) and self.name != "okt":
            raise ValueError(f"stem and norm are options of okt, not of {self.name}")
        return self

    def for_tagger(self, name: TaggerName) -> TokenizerSettings:
        """The same for another tagger, without the options that only okt has."""
        own = {} if name == "okt" else {"stem": False, "norm": False}
        return self.model_copy(update={"name": name, **own})


class VocabularySettings(Section):
    """Which tokens get a number of their own."""

    size: int = Field(40_000, ge=3)
    """Number of entries, ``<pad>`` and ``<unk>`` among them."""
    min_count: int = Field(2, ge=1)
    """Least frequency in the training split."""


class PretrainSettings(Section):
    """What the network's layers learn before they see a label."""

    unlabeled_path: Path | None = None
    """File of reviews without a label, beside those that the source has: one a line in a
    ``.txt``, or a table with a text column."""
    min_texts: int = Field(5_000, ge=1)
    """With fewer texts than this, nothing is learnt from them."""
    max_texts: int = Field(500_000, ge=1)
    """Of more texts, as many are drawn at random."""
    vector_epochs: int = Field(2, ge=0)
    """Passes of the word vectors over the texts; 0: no word vectors."""
    language_model_epochs: int = Field(1, ge=0)
    """Passes of the language model, which begins with the word vectors; 0: no language model."""
    workers: int | None = Field(None, ge=1, exclude=True)
    """Threads of the word vectors; unset: one for each core. Only with 1 do equal runs give equal
    vectors."""
    seed: int = 1


class EncodeSettings(Section):
    """How tokens become sequences of integers."""

    max_length: int | None = Field(None, ge=1)
    """Tokens of a text that are kept, the rest is cut off at the end; unset: by percentile."""
    length_percentile: float = Field(99.5, gt=0, le=100)
    """Unset ``max_length``: the length that so many of 100 training texts do not exceed."""


class ModelSettings(Section):
    """The network."""

    kind: Literal["functional", "sequential"] = "functional"
    """``functional``: bidirectional LSTM pooled over time, joined with n-grams;
    ``sequential``: the plain stack."""
    embedding_size: int = Field(128, ge=1)
    lstm_units: int = Field(128, ge=1)
    dropout: float = Field(0.5, ge=0, lt=1)
    """Share of pooled features that training switches off."""
    embedding_dropout: float = Field(0.3, ge=0, lt=1)
    """Share of the embedding's channels that training switches off, text by text."""
    word_dropout: float | None = Field(None, ge=0, lt=1)
    """Share of tokens that training reads as ``<unk>`` (functional only). Unset: 0.2, and none
    where the network begins with what pretraining learnt, which does better without."""


class TrainSettings(Section):
    """How the network is trained."""

    epochs: int | None = Field(None, ge=1)
    """Unset: enough for about 2,000 batches, between 3 and 12."""
    batch_size: int | None = Field(None, ge=1)
    """Unset: enough for 100 batches an epoch, between 16 and 256."""
    learning_rate: float = Field(0.003, gt=0)
    """At the start; it falls to 0 along a cosine."""
    patience: int = Field(2, ge=1)
    """Epochs without a better validation loss after which training stops."""
    deadline_minutes: float | None = Field(None, gt=0)
    """Minutes after which training ends with the best epoch so far; unset: none."""
    members: tuple[TaggerName, ...] = ()
    """An ensemble: one network over the tokens of each of these taggers, their probabilities
    averaged; empty: one network over the tokens of ``tokenizer.name``."""
    class_weights: Literal["balanced"] | None = None
    """``balanced``: each class, or each rating of a score, weighs the same in training however
    many examples it has; unset: each example does."""
    seed: int = 1


class EvaluateSettings(Section):
    """How figures are computed."""

    bootstrap_samples: int = Field(1000, ge=10)
    seed: int = 1


class ReportSettings(Section):
    """How the report is written."""

    language: Literal["en", "ko"] = "en"


class GateSettings(Section):
    """What a model must be to become the champion."""

    behaviour_floor: float = Field(0.5, ge=0, le=1)
    """Least share of the behaviour tests that it passes."""
