"""Cross-validation of few reviews: honest answers to all of them, by a killed run too."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.prepare.tested import read_tested
from pipeline.settings import Settings, load_settings
from pipeline.stages import fold_splits, folds
from pipeline.stages.crawl import crawl
from pipeline.stages.prepare import Prepared, prepare
from pipeline.stages.runner import Runner
from pipeline.stages.train import NetworkSettings
from pipeline.stages.without_fold import fit_without_fold
from pipeline.storage import names
from pipeline.storage.manifest import Manifest
from pipeline.storage.schemas import EXAMPLES_SCHEMA
from pipeline.storage.workspace import Workspace
from pipeline.target.binary import BINARY
from tests.flows.own import QUICK, rated, write_own

VERSIONS = [1]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("folds")
    write_own(folder, rated()[:300])
    own = (*QUICK, "split.folds=5", f"source.path={folder / 'own.csv'}")
    return load_settings(environment={}, overrides=(*own, "source.columns.text=review"))


@pytest.fixture(scope="module")
def prepared(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    workspace = Workspace(tmp_path_factory.mktemp("workspace"))
    workspace.check()
    (first,) = prepare(Runner(workspace), crawl(workspace, settings), settings)
    return first


def answer_first(workspace: Workspace, prepared: Prepared, settings: Settings) -> Manifest:
    """The answers to fold 0, of the half of folds 0 and 1."""
    runner, network = Runner(workspace), NetworkSettings.of(settings)
    half = runner.run(fold_splits.hold_out, prepared.examples, [0, 1], settings.split)
    deep = runner.run(folds.train_without_half, half, prepared.tokens, network, None, VERSIONS)
    tokens = [prepared.tokens]
    fit = partial(fit_without_fold, half, 0, tokens, [network])
    return runner.run(folds.answer_fold, half, 0, tokens, [deep], [network], VERSIONS, fit=fit)


def test_the_model_learns_from_all_reviews_and_each_is_in_one_fold(prepared: Prepared) -> None:
    details = prepared.examples.details
    assert details["folds"] == 5
    assert set(details["splits"]) == {"train", "validation"}
    tested = read_tested(prepared.examples.path(names.EXAMPLES))
    assert tested.folds is not None
    assert len(tested.texts) == details["examples"]
    assert set(tested.folds.tolist()) == set(range(5))


def test_answers_do_not_depend_on_the_labels_of_their_fold(
    prepared: Prepared, settings: Settings, workspace: Workspace
) -> None:
    first = answer_first(workspace, prepared, settings)
    table = pq.read_table(prepared.examples.path(names.EXAMPLES))
    labels, fold = table["label"].to_numpy().copy(), table["fold"].fill_null(-1).to_numpy()
    labels[fold == 0] = 1 - labels[fold == 0]
    folder = workspace.folder("examples", "flipped")
    place = table.column_names.index("label")
    flipped = table.set_column(
        place, table.schema.field("label"), pa.array(labels, mask=np.isnan(labels))
    )
    pq.write_table(flipped, folder / names.EXAMPLES)
    target = prepared.examples.path(names.TARGET).read_bytes()
    (folder / names.TARGET).write_bytes(target)
    files = [names.EXAMPLES, names.TARGET]
    details = prepared.examples.details
    examples = workspace.finish("examples", "flipped", files, table.num_rows, details)
    other = Prepared(examples, prepared.tokens, prepared.vocabulary, prepared.dataset)
    second = answer_first(workspace, other, settings)
    assert second.folder != first.folder
    assert second.files == first.files
    with np.load(first.path(names.FOLD)) as answers:
        assert answers["network"].shape == answers["baseline"].shape == ((fold == 0).sum(),)
        assert not np.array_equal(answers["network"], answers["baseline"])


def test_nothing_but_the_answers_stays(
    prepared: Prepared, settings: Settings, workspace: Workspace
) -> None:
    done = answer_first(workspace, prepared, settings)
    left = {path.name for path in done.folder.iterdir()}
    assert left == {names.FOLD, names.RULES, "manifest.json"}
    assert not list(Path(workspace.root).glob(f"half_network/*/{names.CHECKPOINT}"))


def test_neutral_reviews_of_the_tested_groups_teach_nothing(workspace: Workspace) -> None:
    rows: list[dict[str, Any]] = [
        {"id": f"{row}", "group": f"g{row % 4}", "aspect": "", "text": f"글 {row}",
         "label": float(row % 2), "split": "test" if row % 4 < 2 else "train", "fold": row % 4}
        for row in range(16)
    ]  # fmt: skip
    rows += [
        rows[0] | {"id": f"n{row}", "group": f"g{row}", "split": "between", "fold": None,
                   "label": None}
        for row in range(4)
    ]  # fmt: skip
    folder = workspace.folder("examples", "grouped")
    pq.write_table(pa.Table.from_pylist(rows, EXAMPLES_SCHEMA), folder / names.EXAMPLES)
    (folder / names.TARGET).write_text(BINARY.model_dump_json(), encoding="utf-8")
    half = workspace.finish(
        "examples", "grouped", [names.EXAMPLES, names.TARGET], len(rows), {"unlabeled": 4}
    )
    own = Runner(workspace).run(fold_splits.hold_out_one, half, 1)
    splits = pq.read_table(own.path(names.EXAMPLES))["split"].to_pylist()
    assert splits[16:] == ["between", "unlabeled", "between", "between"]
    assert [row for row in range(16) if splits[row] == "test"] == [1, 5, 9, 13]
