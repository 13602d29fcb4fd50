"""A finished run that the tests of the flows share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import Command

OF_FINISHED = {
    "REVIEW_SENTIMENT_TOKENIZER__NAME": "mecab",
    "REVIEW_SENTIMENT_TRAIN__EPOCHS": "2",
    "REVIEW_SENTIMENT_MODEL__LSTM_UNITS": "8",
}
"""Settings of the finished run: a small network on MeCab tokens."""


@pytest.fixture(scope="session")
def finished(shell: Command, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Workspace of a finished run on the demo reviews, and its last line of output."""
    root = tmp_path_factory.mktemp("run") / "workspace"
    answer = shell(root.parent, "run", "--workspace", root, **OF_FINISHED)
    assert answer.status == 0, answer.err
    return root, answer.out.splitlines()[-1]
