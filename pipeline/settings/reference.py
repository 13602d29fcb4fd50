"""The reference of all settings in Markdown, from their classes.

``python -m pipeline.settings.reference > docs/settings.md`` writes the page again.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Set
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, cast, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from pipeline.settings.run import Settings
from pipeline.settings.section import Section
from pipeline.settings.sites import SiteSection
from pipeline.settings.sources import SOURCES

INTRODUCTION = """\
# Settings

<!-- Generated: python -m pipeline.settings.reference > docs/settings.md -->

A setting can come from four places. Each place overrides the ones before it:

1. its default,
2. a TOML file: `--config own.toml`,
3. the environment: `REVIEW_SENTIMENT_TRAIN__EPOCHS=3`,
4. the command line: `--set train.epochs=3`. Lists and tables are written as in TOML:
   `--set 'train.members=["okt", "mecab"]'`.

If a key is unknown or a value is invalid, the command ends with exit status 2 and one line that
names the key. Set settings of the type *secret* in the environment: the log, the dashboard and the
report never show them.
"""
COLUMNS = ("Key", "Type", "Default", "Bounds", "Description")
BOUNDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
NAMES = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    Path: "path",
    SecretStr: "secret",
}


class Row(NamedTuple):
    """One setting, as a row of a table in Markdown."""

    key: str
    type: str
    default: str
    bounds: str
    description: str


def reference() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    for name, field in Settings.model_fields.items():
        parts.append(f"## {name}\n")
        if name == "source":
            parts.extend(_sources())
        elif name == "sources":
            parts.append(_descriptions(Settings)[name] + "\n")
        else:
            parts.extend(_section(_sections_in(field.annotation)[0], name))
    return "\n".join(parts)


def _sources() -> Iterator[str]:
    """The kinds of sources; settings that all sites share are listed once."""
    shared = frozenset(SiteSection.model_fields)
    for kind, model in SOURCES.items():
        yield f'### source.kind = "{kind}"\n'
        omit = frozenset(name for name in shared if _is_as_shared(model, name))
        yield from _section(model, "source", omit=omit | {"kind"})
    yield "### source: every kind of site\n"
    yield from _section(SiteSection, "source")


def _is_as_shared(model: type[Section], name: str) -> bool:
    """Whether a kind of site has this setting with the default of all sites."""
    if not issubclass(model, SiteSection):
        return False
    return _default(model.model_fields[name]) == _default(SiteSection.model_fields[name])


def _section(model: type[Section], prefix: str, omit: Set[str] = frozenset()) -> Iterator[str]:
    yield _markdown(inspect.getdoc(model) or "") + "\n"
    if rows := list(_rows(model, prefix, omit)):
        cells = [COLUMNS, ["---"] * len(COLUMNS), *rows]
        yield "\n".join(f"| {' | '.join(row)} |" for row in cells) + "\n"


def _rows(model: type[Section], prefix: str, omit: Set[str]) -> Iterator[Row]:
    descriptions = _descriptions(model)
    for name, field in model.model_fields.items():
        if name in omit:
            continue
        key = f"{prefix}.{name}"
        if nested := _sections_in(field.annotation):
            about = descriptions.get(name) or _markdown(inspect.getdoc(nested[0]) or "")
            yield Row(f"`{key}`", "section", _default(field), "", about)
            yield from _rows(nested[0], key, frozenset())
        else:
            yield Row(
                f"`{key}`",
                _type(field.annotation),
                _default(field),
                _bounds(field),
                descriptions.get(name, "").replace("|", r"\|"),
            )


def _descriptions(model: type[Section]) -> dict[str, str]:
    """The string below each field of a class and of those that it inherits from."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if not issubclass(base, Section):
            continue
        definition = cast(ast.ClassDef, ast.parse(inspect.getsource(base)).body[0])
        name = ""
        for statement in definition.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                name = statement.target.id
            elif name and isinstance(statement, ast.Expr):
                found[name] = _markdown(inspect.cleandoc(ast.literal_eval(statement.value)))
            else:
                name = ""
    return found


def _markdown(docstring: str) -> str:
    paragraphs = docstring.replace("``", "`").split("\n\n")
    return " ".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _sections_in(annotation: Any) -> list[type[Section]]:
    return [
        one
        for one in _alternatives(annotation)
        if inspect.isclass(one) and issubclass(one, Section)
    ]


def _alternatives(annotation: Any) -> list[Any]:
    """The types of a union, without None."""
    if get_origin(annotation) in (Union, UnionType):
        return [one for one in get_args(annotation) if one is not NoneType]
    return [annotation]


def _type(annotation: Any) -> str:
    kind, *others = _alternatives(annotation)
    if others:
        return " or ".join(map(_type, (kind, *others)))
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _type(arguments[0])
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin is tuple:
        if arguments[1] is Ellipsis:
            return f"list of {_plural(_type(arguments[0]))}"
        return f"list of {len(arguments)} {_plural(_type(arguments[0]))}"
    if origin is dict:
        kinds = map(_type, _alternatives(arguments[1]))
        return f"table of {' or '.join(map(_plural, kinds))}"
    return NAMES[kind]


def _plural(name: str) -> str:
    return name if name.startswith("`") else f"{name}s"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, Section):
        return ""
    if value is None:
        return "unset"
    if value in ("", (), {}):
        return "empty"
    return f"`{as_toml(value)}`"


def as_toml(value: Any) -> str:
    """A value as TOML has it; a string without its quotes."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(_quoted(one) for one in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key} = {_quoted(one)}' for key, one in value.items())}}}"
    return str(value)


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else as_toml(value)


def _bounds(field: FieldInfo) -> str:
    bounds = []
    for constraint in field.metadata:
        for name, sign in BOUNDS.items():
            if (bound := getattr(constraint, name, None)) is not None:
                bounds.append(f"{sign} {bound:,}")
        if pattern := getattr(constraint, "pattern", None):
            bounds.append(f"`{pattern}`".replace("|", r"\|"))
    return ", ".join(bounds)


if __name__ == "__main__":
    print(reference(), end="")
