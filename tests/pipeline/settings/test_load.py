from pathlib import Path

import pytest

from pipeline.errors import SettingsError
from pipeline.settings import FileSource, load_settings


def test_default_source_is_the_demo_site() -> None:
    assert load_settings(environment={}).source.kind == "demo"


def test_command_line_overrides_environment_overrides_file(tmp_path: Path) -> None:
    config = tmp_path / "settings.toml"
    config.write_text("[train]\nepochs = 1\nseed = 1\nbatch_size = 16\n")
    settings = load_settings(
        config=config,
        environment={"REVIEW_SENTIMENT_TRAIN__EPOCHS": "2", "REVIEW_SENTIMENT_TRAIN__SEED": "2"},
        overrides=["train.epochs=3"],
    )
    assert (settings.train.epochs, settings.train.seed, settings.train.batch_size) == (3, 2, 16)


def test_override_may_be_a_toml_list() -> None:
    settings = load_settings(
        environment={}, overrides=["source.kind=zigbang", 'source.cells=["wydm6", "wydm7"]']
    )
    assert settings.source.model_dump()["cells"] == ("wydm6", "wydm7")


def test_numeric_path_stays_a_path() -> None:
    settings = load_settings(environment={}, overrides=["source.kind=file", "source.path=2024"])
    assert isinstance(settings.source, FileSource)
    assert settings.source.path == Path("2024")


def test_values_map_to_sentiments_and_numbers() -> None:
    values = '{"0"="negative", FIVE=5, half=0.5, x=""}'
    settings = load_settings(
        environment={"REVIEW_SENTIMENT_SOURCE__VALUES": values},
        overrides=["source.kind=file", "source.path=a.csv"],
    )
    assert isinstance(settings.source, FileSource)
    assert settings.source.values == {"0": "negative", "FIVE": 5.0, "half": 0.5, "x": ""}
    assert isinstance(settings.source.values["FIVE"], float)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["train.epoch=3"], "unknown setting train.epoch; did you mean train.epochs?"),
        (["trian.epochs=3"], "unknown setting trian.epochs; did you mean train.epochs?"),
        (
            ["source.kind=file", "source.pth=x"],
            "unknown setting source.pth; did you mean source.path?",
        ),
        (
            ["source.path=a.csv"],
            "source.path is not a setting of source.kind=demo: set source.kind to file",
        ),
        (
            ["source.kind=html", "source.columns.text=review"],
            "source.columns.text is not a setting of source.kind=html: set source.kind to file",
        ),
        (
            ["source.fetch.delay=2"],
            "set source.kind to zigbang or json or html or steam or appstore",
        ),
        (["source.pth=a"], "unknown setting source.pth; did you mean source.path of source.kind=f"),
        (["train.epochs=no"], "train.epochs = 'no' is invalid: input should be a valid integer"),
        (["train.epochs=0"], "train.epochs = '0' is invalid: input should be greater than"),
        (
            ["source.kind=x", "train.epoch=3"],
            "unknown setting train.epoch; did you mean train.epochs?",
        ),
        (["source.kind=files"], "source.kind = 'files' is invalid: choose one of 'demo'"),
        (["source.kind=file"], "source.path is required for source.kind = file: set it with"),
        (
            ["source.kind=file", "source.path=a", 'source.values={"0"="bad"}'],
            'source.values: "0" = "bad": choose "negative", "neutral", "positive", "" to skip',
        ),
        (["label.negative_max=4", "label.positive_min=3"], "negative_max 4 must be below"),
        (["split.test_share=0.6", "split.validation_share=0.5"], "leave nothing to train on"),
        (
            ["train.threshold=1.5"],
            "train.threshold: 1.5 is invalid: write f1, balanced, accurate or",
        ),
        (["train.threshold=f2"], "train.threshold: f2 is invalid: write f1"),
        (
            ["train.threshold=0.7", "label.target=three"],
            "train.threshold = 0.7 needs two classes, but label.target is three: "
            "set train.threshold",
        ),
        (["train"], "--set train: write it as section.key=value"),
        (["source.cells=[1"], "not a valid list or table"),
        (["source.cells=" + "[" * 9999], "not a valid list or table: maximum recursion depth"),
        (["train.epochs=1", "train.epochs.more=1"], "epochs is a value, not a section"),
    ],
)
def test_invalid_settings_are_named(overrides: list[str], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(environment={}, overrides=overrides)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_unreadable_config_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot read the config .*none\.toml"):
        load_settings(config=tmp_path / "none.toml", environment={})
    broken = tmp_path / "broken.toml"
    broken.write_text("[train\n")
    with pytest.raises(SettingsError, match=r"broken\.toml is not valid TOML"):
        load_settings(config=broken, environment={})


@pytest.mark.parametrize("given", ["f1", "balanced", "accurate", "0.7"])
def test_a_threshold_is_an_objective_or_a_number(given: str) -> None:
    settings = load_settings(environment={}, overrides=[f"train.threshold={given}"])
    assert str(settings.train.threshold) == given


def test_settings_are_frozen() -> None:
    settings = load_settings(environment={})
    with pytest.raises(ValueError, match="frozen"):
        settings.train.seed = 2  # type: ignore[misc]


def test_ensemble_members_have_their_own_tagger_and_seed() -> None:
    settings = load_settings(
        overrides=["tokenizer.stem=true", 'train.members=["okt", "mecab", "okt"]', "train.seed=5"]
    )
    found = settings.of_members
    assert [one.tokenizer.name for one in found] == ["okt", "mecab", "okt"]
    assert [one.tokenizer.stem for one in found] == [True, False, True]
    assert [one.train.seed for one in found] == [5, 6, 7]
    assert not any(one.train.members for one in found)
    assert load_settings().of_members == [load_settings()]


OKT_TAGS = "its tags are Noun, Verb, Adjective, Adverb, Determiner,"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            ['tokenizer.keep_tags=["NNG", "VV"]'],
            f"tokenizer.keep_tags: okt has no tag NNG, VV; {OKT_TAGS}",
        ),
        (
            ['tokenizer.keep_tags=["Noun", "Vreb"]'],
            f"tokenizer.keep_tags: okt has no tag Vreb; {OKT_TAGS}",
        ),
        (['tokenizer.drop_tags=["JKS"]'], "tokenizer.drop_tags: okt has no tag JKS; its tags"),
        (
            ["tokenizer.name=mecab", 'tokenizer.keep_tags=["VV+Noun"]'],
            "tokenizer.keep_tags: mecab has no tag VV+Noun; its tags are NNG, NNP,",
        ),
        (
            ['train.members=["okt", "kiwi"]', 'tokenizer.keep_tags=["Verb"]'],
            "tokenizer.keep_tags: kiwi has no tag Verb; its tags are NNG, NNP,",
        ),
    ],
)
def test_tags_that_a_tagger_lacks_are_refused(overrides: list[str], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(environment={}, overrides=overrides)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    "overrides",
    [
        ['tokenizer.keep_tags=["N", "Verb"]'],
        ["tokenizer.name=mecab", 'tokenizer.keep_tags=["NN", "VV+E", "VA"]'],
        ["tokenizer.name=kiwi", 'tokenizer.drop_tags=["VV-R", "J"]'],
        ["tokenizer.name=hannanum", 'tokenizer.keep_tags=["N", "P"]'],
        ['train.members=["okt", "kkma"]', 'tokenizer.keep_tags=["Noun", "NN"]'],
    ],
)
def test_beginnings_of_tags_are_accepted(overrides: list[str]) -> None:
    load_settings(environment={}, overrides=overrides)
