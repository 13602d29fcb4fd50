import pytest

from pipeline.crawl.parse.urls import Secrets
from pipeline.errors import FetchError
from pipeline.redact import printable, redact
from pipeline.settings import load_settings


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:pass@h/x?api_key=abc&page=2", "https://***@h/x?api_key=***&page=2"),
        ("url: /r?a=b&consumer_secret=x", "url: /r?a=b&consumer_secret=***"),
        ("GET https://h/?key=a'b: failed (https://h?token=z), x", None),
        ("https://h/?a=1&amp;serviceKey=9%2B=", "https://h/?a=1&amp;serviceKey=***"),
        ("https://h/#access_token=abc", "https://h/#access_token=***"),
        ("https://h/?X-Amz-Signature=abc&sig=d", "https://h/?X-Amz-Signature=***&sig=***"),
        ("{'apikey': 'a\\'b', 'n': 1}", "{'apikey': '***', 'n': 1}"),
        ('{"auth": {"password": "a"}}', '{"auth": {"password": "***"}}'),
    ],
)
def test_secrets_are_replaced(text: str, shown: str | None) -> None:
    expected = shown or "GET https://h/?key=***: failed (https://h?token=***), x"
    assert redact(text) == expected
    assert redact(expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        "https://h/@me/list?pageToken=abc&keyword=맛집&sort_key=date&id=3",
        "key=value, token=3",
        "https://h, me@example.com",
        '{"tokens": 3, "key": 4}',
    ],
)
def test_other_text_stays(text: str) -> None:
    assert redact(text) == text


def test_a_message_is_one_printable_line() -> None:
    raw = "\x1b[2J\x9b1m쉬는 시간\r\n12:00 model\u2028 promoted \u202eabc\0"
    shown = "\\u001b[2J\\u009b1m쉬는 시간 12:00 model  promoted \\u202eabc\\u0000"
    assert printable(raw) == shown
    assert str(FetchError(f"got {raw}")) == f"got {shown}"


def test_a_hidden_url_is_restored_with_the_present_secret() -> None:
    url = "https://me:pa%2Fss@h/list?api_key={}&page=1"
    before, now = Secrets([url.format("old+1")]), Secrets([url.format("new")])
    following = "https://me:pa/ss@h/next?cursor=2&api_key=old%201&token=of-the-page"
    for link in (url.format("old+1"), following.replace("pa/ss", "pa%2Fss")):
        hidden = before.hide(link)
        assert "pa" not in hidden.split("@")[0]
        assert "old" not in hidden
        assert before.show(hidden) == link
    assert now.show(before.hide(url.format("old+1"))) == url.format("new")
    assert "of-the-page" in before.hide(following)


def test_a_hidden_body_is_restored() -> None:
    body = '{"auth": {"api_key": "abc"}, "page": 1}'
    secrets = Secrets([body])
    assert "abc" not in secrets.hide(body)
    assert secrets.show(secrets.hide(body)) == body


def test_settings_as_json_hold_no_secrets() -> None:
    overrides = [
        *("source.kind=json", "source.url=https://me:pass@h/?key=abc", "source.method=POST"),
        *("source.fields.text=t", "source.fields.rating=r", 'source.body="token": "def"'),
    ]
    settings = load_settings(environment={}, overrides=overrides)
    dumped = settings.model_dump_json()
    assert not [secret for secret in ("pass", "abc", "def") if f'{secret}"' in dumped], dumped
    assert settings.source.title == "https://***@h/?key=***"
    assert "abc" in str(settings.model_dump())
