import json

import pytest

from pipeline.bounded_json import MAX_DEPTH, load_json


@pytest.mark.parametrize(
    "text",
    [
        "[" * MAX_DEPTH + "]" * MAX_DEPTH,
        '{"가":' * MAX_DEPTH + "1" + "}" * MAX_DEPTH,
        json.dumps(["[" * 1000, "{" * 1000, '\\"[' * 1000, "\\"]),
        json.dumps([[{}]] * 1000),
        '"lone \\ud800 half"',
        "[1, NaN, 1e400]",
        " \n\t-1 ",
    ],
)
def test_equals_the_standard_parser(text: str) -> None:
    expected = repr(json.loads(text))
    assert repr(load_json(text)) == expected
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32-le"):
        assert repr(load_json(text.encode(encoding))) == expected


@pytest.mark.parametrize(
    "text",
    [
        "[" * 10_000_000,
        "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        '{"a":[' * MAX_DEPTH + "1" + "]}" * MAX_DEPTH,
        '["]]]]", ' * 1000,
        '["\\"]", ' * 1000,
        '["\\\\", ' * 1000,
        "[[]," * 1000,
    ],
)
def test_deep_json_is_refused(text: str) -> None:
    for given in (text, text.encode()):
        with pytest.raises(ValueError, match="nested more than 100 levels deep"):
            load_json(given)


@pytest.mark.parametrize(
    "text",
    [
        *("", "[", '"', '"\\', '{"a"}', "[1] 2", "]" * 1000),
        *(
            '["' + '\\"' * 1_000_000,
            "[]" * 1_000_000,
            '"a' * 1_000_001,
            "a" * 1_000_000 + "[" * 100,
        ),
    ],
    ids=lambda text: text[:9],
)
def test_what_is_not_json_has_the_error_of_the_standard_parser(text: str) -> None:
    with pytest.raises(json.JSONDecodeError) as expected:
        json.loads(text)
    with pytest.raises(json.JSONDecodeError) as raised:
        load_json(text)
    assert str(raised.value) == str(expected.value)
