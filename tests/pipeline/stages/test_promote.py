"""Which of two models becomes the champion: after a purge, an import, a promotion by hand."""

import logging
import re
import shutil
from pathlib import Path

import pytest

from pipeline.crawl.purge import last_day, purge
from pipeline.model.registry import FILE, Registry
from pipeline.predict.transfer import export_model, import_model
from pipeline.reviews.store import open_store
from pipeline.reviews.tables import stored_reviews
from pipeline.settings import load_settings
from pipeline.stages.end_to_end import run_pipeline
from pipeline.storage import names
from pipeline.storage.workspace import Workspace
from tests.flows.own import FEW, LEAST, rated, write_own
from tests.workers import folder_of_all_workers

MORE = FEW + 40
FOLDS = (*LEAST, "split.folds=3")

pytestmark = pytest.mark.long(minutes=2)


def run(folder: Path, *further: str) -> None:
    """Run on the reviews of ``own.csv`` in the folder, which also has the workspace."""
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        run_pipeline(opened(folder), load_settings(environment={}, overrides=[*FOLDS, *further]))


def opened(folder: Path) -> Workspace:
    workspace = Workspace(folder / "workspace")
    workspace.check()
    return workspace


@pytest.fixture(scope="module")
def two_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the workspace of two runs, the second on more reviews; none may change it.

    ``models-1.json`` is the registry after the first run: with it, the files of the second run are
    there, but its model is not registered.
    """
    with folder_of_all_workers(tmp_path_factory, "two-models") as folder:
        if not (folder / "finished").exists():
            write_own(folder, rated(FEW))
            run(folder)
            shutil.copy(folder / "workspace" / FILE, folder / "models-1.json")
            write_own(folder, rated(MORE))
            run(folder)
            (folder / "finished").touch()
        return folder


@pytest.fixture
def again(two_models: Path, tmp_path: Path) -> Path:
    """A copy in which the second model is not registered yet."""
    folder = tmp_path / "again"
    shutil.copytree(two_models, folder, symlinks=True)
    shutil.copy(folder / "models-1.json", folder / "workspace" / FILE)
    return folder


def decided(folder: Path) -> str:
    """What was decided on the second model."""
    return Registry(opened(folder)).find(2).reason


def comparison(folder: Path) -> str:
    """The difference between the two models and its interval."""
    _, colon, difference = decided(folder).partition("the champion: ")
    assert colon
    return difference


def test_a_purge_of_no_review_leaves_the_decision(two_models: Path, again: Path) -> None:
    settings = load_settings(environment={})
    with open_store(settings.store, opened(again).store_path) as store:
        assert purge(store, opened(again), "", last_day(100)) == 0
    run(again)
    assert comparison(again) == comparison(two_models)


def test_after_a_purge_the_other_reviews_are_compared(again: Path) -> None:
    purged, rest = rated(MORE)[: FEW // 2], rated(MORE)[FEW // 2 :]
    with open_store(load_settings(environment={}).store, opened(again).store_path) as store:
        with store.database.transaction() as connection:
            is_old = stored_reviews.c.text.in_([text for text, _ in purged])
            connection.execute(stored_reviews.update().where(is_old).values(last_seen="2001-01-01"))
        assert purge(store, opened(again), "", "2010-01-01") >= len(purged)
    write_own(again, rest)
    run(again)
    found = re.search(r" on (\d+) of the (\d+) tested reviews$", comparison(again))
    assert found
    compared, tested = map(int, found.groups())
    assert 0 < compared <= FEW - len(purged) < tested <= len(rest)


def test_a_new_name_of_the_file_leaves_the_decision(two_models: Path, again: Path) -> None:
    (again / "own.csv").rename(again / "2026-12.csv")
    (again / "workspace" / "reviews.db").unlink()
    run(again, "source.path=2026-12.csv")
    assert Registry(opened(again)).find(2).source == "2026-12.csv"
    assert comparison(again) == comparison(two_models)


def test_an_imported_champion_stays_since_no_comparison_is_fair(
    two_models: Path, again: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "pipeline")
    bundle, workspace = again / "first.zip", opened(again)
    export_model(1, bundle, opened(two_models))
    (workspace.root / FILE).unlink()
    import_model(bundle, workspace)
    Registry(workspace).promote(1, "promoted by hand")
    for _ in range(2):
        run(again)
        assert [one.status for one in Registry(workspace).versions()] == ["champion", "candidate"]
        assert "cannot be compared with the champion: nothing says which reviews" in caplog.text
        assert "to use model 2 nevertheless, run `review-sentiment models promote 2`" in caplog.text
        caplog.clear()
    assert Registry(workspace).find(2).network is not None


def test_a_promotion_by_hand_outlasts_runs_from_the_cache(two_models: Path, tmp_path: Path) -> None:
    folder = tmp_path / "by-hand"
    shutil.copytree(two_models, folder, symlinks=True)
    registry = Registry(opened(folder))
    assert [one.status for one in registry.versions()] == ["former", "champion"]
    registry.promote(1, "promoted by hand")
    for _ in range(2):
        run(folder)
        first, second = registry.versions()
        assert (first.status, first.reason) == ("champion", "promoted by hand")
        assert (second.status, second.reason) == ("former", "replaced by version 1")


def test_a_model_replaces_a_champion_whose_files_are_lost(again: Path) -> None:
    registry = Registry(opened(again))
    registry.model(1).path(names.NETWORK).unlink()
    run(again)
    assert [one.status for one in registry.versions()] == ["former", "champion"]
    assert "there is no champion to compare it with" in decided(again)
