from pathlib import Path

import pytest

from pipeline.errors import SettingsError
from pipeline.settings import FileSource, load_settings


def test_defaults_crawl_the_demo_site() -> None:
    assert load_settings(environment={}).source.kind == "demo"


def test_command_line_beats_environment_beats_file(tmp_path: Path) -> None:
    config = tmp_path / "settings.toml"
    config.write_text("[train]\nepochs = 1\nseed = 1\nbatch_size = 16\n")
    settings = load_settings(
        config=config,
        environment={"REVIEW_SENTIMENT_TRAIN__EPOCHS": "2", "REVIEW_SENTIMENT_TRAIN__SEED": "2"},
        overrides=["train.epochs=3"],
    )
    assert (settings.train.epochs, settings.train.seed, settings.train.batch_size) == (3, 2, 16)


def test_a_list_is_written_as_in_toml() -> None:
    settings = load_settings(
        environment={}, overrides=["source.kind=zigbang", 'source.cells=["wydm6", "wydm7"]']
    )
    assert settings.source.model_dump()["cells"] == ("wydm6", "wydm7")


def test_a_path_that_looks_like_a_number_stays_a_path() -> None:
    settings = load_settings(environment={}, overrides=["source.kind=file", "source.path=2024"])
    assert isinstance(settings.source, FileSource)
    assert settings.source.path == Path("2024")


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["train.epoch=3"], "unknown setting train.epoch; did you mean train.epochs?"),
        (["trian.epochs=3"], "unknown setting trian.epochs; did you mean train.epochs?"),
        (
            ["source.kind=file", "source.pth=x"],
            "unknown setting source.pth; did you mean source.path?",
        ),
        (["train.epochs=no"], "train.epochs = 'no' is not possible: input should be a valid int"),
        (["train.epochs=0"], "train.epochs = '0' is not possible"),
        (["source.kind=files"], "source.kind = 'files' is not possible: choose one of 'demo'"),
        (["source.kind=file"], "source.path is not set, and source.kind = file needs it"),
        (["label.negative_max=4", "label.positive_min=3"], "negative_max 4 is not below"),
        (["split.test_share=0.6", "split.validation_share=0.5"], "leave nothing to train on"),
        (["train"], "--set train: write it as section.key=value"),
        (["source.cells=[1"], "not a valid list or table"),
        (["train.epochs=1", "train.epochs.more=1"], "epochs is a value, not a section"),
    ],
)
def test_what_cannot_be_is_refused_by_name(overrides: list[str], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(environment={}, overrides=overrides)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_unreadable_config_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot read the config .*none\.toml"):
        load_settings(config=tmp_path / "none.toml", environment={})
    broken = tmp_path / "broken.toml"
    broken.write_text("[train\n")
    with pytest.raises(SettingsError, match=r"broken\.toml is not valid TOML"):
        load_settings(config=broken, environment={})


def test_settings_are_frozen() -> None:
    settings = load_settings(environment={})
    with pytest.raises(ValueError, match="frozen"):
        settings.train.seed = 2  # type: ignore[misc]


def test_each_network_of_an_ensemble_has_a_tagger_and_a_seed_of_its_own() -> None:
    settings = load_settings(
        overrides=["tokenizer.stem=true", 'train.members=["okt", "mecab", "okt"]', "train.seed=5"]
    )
    found = settings.of_members
    assert [one.tokenizer.name for one in found] == ["okt", "mecab", "okt"]
    assert [one.tokenizer.stem for one in found] == [True, False, True]
    assert [one.train.seed for one in found] == [5, 6, 7]
    assert not any(one.train.members for one in found)
    assert load_settings().of_members == [load_settings()]
