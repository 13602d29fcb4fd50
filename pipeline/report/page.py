"""A self-contained HTML page without external resources."""

from __future__ import annotations

import base64
import hashlib
import platform
from datetime import UTC, datetime
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline.report.formatting import as_setting, signed, whole_percent
from pipeline.report.phrases import Phrases
from pipeline.storage.files import write_text

SHADES = (0.15, 0.5, 1.2)
"""Minimum contribution to the logit for each of the three highlight strengths."""
PACKAGES = ("review-sentiment", "tensorflow", "keras", "konlpy", "scikit-learn", "prefect")


def write_page(output: Path, template: str, say: Phrases, source: str, **values: Any) -> None:
    """Render a template.

    Args:
        output: The HTML file.
        template: Its name among the packaged templates.
        say: Texts in the language of the page.
        source: Name of the source, for the title.
        values: Further variables of the template.
    """
    style = _asset("style.css")
    script = Markup("\n").join(map(_asset, ("filters.js", "tables.js")))
    chosen = _environment().get_template(template)
    page = chosen.render(
        say=say,
        style=style,
        script=script,
        policy=_policy(style, script),
        source=say.name("source", source),
        made=datetime.now(UTC).astimezone().strftime("%Y-%m-%d %H:%M"),
        versions={"Python": platform.python_version()}
        | {name: metadata.version(name) for name in PACKAGES},
        **values,
    )
    write_text(output, page)


@cache
def _environment() -> Environment:
    """The packaged templates; compiled once per process."""
    environment = Environment(
        loader=PackageLoader("pipeline.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": lambda value: f"{value:.1%}",
        "whole_percent": whole_percent,
        "signed": signed,
        "as_setting": as_setting,
        "count": "{:,}".format,
        "beside": _beside,
        "shade": _shade,
    }
    return environment


def _beside(name: str) -> Markup:
    """A link to a file in the page's folder."""
    return Markup('<a href="./{}">{}</a>').format(quote(name), name)


def _shade(part: float) -> str:
    """CSS class of a text piece by its contribution to the logit; empty below the minimum."""
    strength = sum(abs(part) >= least for least in SHADES)
    return f"{'up' if part > 0 else 'down'}{strength}" if strength else ""


def _asset(name: str) -> Markup:
    file = resources.files("pipeline.report") / "templates" / name
    return Markup(file.read_text(encoding="utf-8"))  # noqa: S704  (a packaged file)


def _policy(style: str, script: str) -> str:
    """A Content-Security-Policy that allows only this style and this script."""
    style_hash, script_hash = (
        base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in (style, script)
    )
    return (
        f"default-src 'none'; style-src 'sha256-{style_hash}'; "
        f"script-src 'sha256-{script_hash}'; base-uri 'none'; form-action 'none'"
    )
