"""Requests and responses of the API, as in its OpenAPI description."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model, model_validator

from pipeline.redact import excerpt
from pipeline.settings import ApiSettings

MAX_EXPLAINED = 16
"""Maximum number of explained texts per request; each costs up to 300 predictions."""
STARTER = "starter"
"""Name of the model that is used before any training."""

_EXPLAINED = ["주차 자리가 없어요"]
EXAMPLES: dict[str, dict[str, Any]] = {
    "one": {"summary": "One text", "value": {"text": "조용하고 살기 좋아요"}},
    "many": {
        "summary": "Several texts",
        "value": {"texts": ["조용하고 살기 좋아요", "주차 자리가 없어요"]},
    },
    "explained": {
        "summary": "With the contribution of each part of the text",
        "value": {"texts": _EXPLAINED, "explain": True},
    },
}


class Question(BaseModel):
    """Texts to predict: either ``text`` or ``texts``."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "oneOf": [{"required": ["text"]}, {"required": ["texts"]}],
            "if": {"properties": {"explain": {"const": True}}, "required": ["explain"]},
            "then": {"properties": {"texts": {"maxItems": MAX_EXPLAINED}}},
        },
    )

    text: str = Field(default_factory=str, description="One text.")
    texts: list[str] = Field(default_factory=list, description="Several texts.")
    explain: bool = Field(
        False,
        description=f"Add what each part of a text contributes; of at most {MAX_EXPLAINED} texts.",
    )

    @model_validator(mode="after")
    def _is_answerable(self) -> Question:
        if ("text" in self.model_fields_set) == ("texts" in self.model_fields_set):
            raise ValueError('give either "text" or "texts"')
        if self.explain and len(self.texts) > MAX_EXPLAINED:
            raise ValueError(f"explain accepts at most {MAX_EXPLAINED} texts")
        return self

    @property
    def asked(self) -> list[str]:
        """The texts, in order."""
        return [self.text] if "text" in self.model_fields_set else self.texts


def limited_question(settings: ApiSettings) -> type[Question]:
    """:class:`Question` with the limits of the settings."""
    text: Any = Annotated[str, Field(max_length=settings.max_characters)]
    texts: Any = Annotated[list[text], Field(min_length=1, max_length=settings.max_texts)]
    fields = Question.model_fields
    limited: Any = {"text": (text, fields["text"]), "texts": (texts, fields["texts"])}
    return create_model("Question", __base__=Question, **limited)


def explain_refusal(error: ValidationError) -> str:
    """One sentence about the first error in a request."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    if first["type"] == "extra_forbidden":
        known = ", ".join(Question.model_fields)
        return f"unknown field {excerpt(place)}; known fields: {known}"
    message = first["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    return f"{place}: {message}" if place else message


class Part(BaseModel):
    """Part of a text, and what it adds to the log-odds of positive."""

    text: str
    contribution: float


class Answer(BaseModel):
    """The columns of a prediction; null for a text of which cleaning leaves nothing.

    Which ones there are depends on what the model predicts.
    """

    label: str | None = Field(None, description="Of a model with classes.")
    probability: float | None = Field(
        None, description="Of positive; of a model with three classes, of the label."
    )
    probability_negative: float | None = Field(None, description="Of a model with three classes.")
    probability_neutral: float | None = Field(None, description="Of a model with three classes.")
    probability_positive: float | None = Field(None, description="Of a model with three classes.")
    score: float | None = Field(None, description="Of a model that predicts the rating.")
    explanation: list[Part] = Field(
        default_factory=list, description="If asked; the parts make up the cleaned text."
    )


class Answers(BaseModel):
    """Answers in the order of the texts."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"model": "3", "answers": [{"label": "positive", "probability": 0.9947}]}]
        }
    )

    model: str = Field(
        description="Number of the version that answered all texts of the request; "
        f"{STARTER}: nothing is trained yet, so the model that comes with the program answered.",
    )
    answers: list[Answer]


class Health(BaseModel):
    """The server is up."""

    status: str = Field(examples=["ok"])
    model: str = Field(description="As in the answers of /predict.", examples=["3"])
    trained: bool = Field(description="Whether a trained model is loaded, not the starter.")


class ModelCard(BaseModel):
    """The model that answers."""

    model: str = Field(description="As in the answers of /predict.", examples=["3"])
    target: str = Field(description="binary, three or score.", examples=["binary"])
    labels: list[str] = Field(
        description="Classes; empty for ratings.", examples=[["negative", "positive"]]
    )
    rule: str = Field(
        description="How the label follows from the probabilities.", examples=["positive from 0.42"]
    )
    made: str = Field("", description="When the version was registered, in UTC.")
    source: str = Field("", description="Source of the training reviews.")
    metric: str = Field("", description="Name of the figures below.", examples=["macro_f1"])
    network: float | None = Field(
        None, description="Of the model on reviews that it was tested on."
    )
    baseline: float | None = Field(None, description="Of the baseline on the same reviews.")
    passed: float | None = Field(None, description="Share of behaviour tests passed.")


class Problem(BaseModel):
    """Why a request was not answered."""

    detail: str = Field(description="One sentence.", examples=['give either "text" or "texts"'])
