"""The HTTP server of the reports, asked over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from flows.reports_server import FILES, TYPES, serve_reports

LOGIN = ("owner", "secret")


@pytest.fixture
def root(tmp_path: Path) -> Iterator[str]:
    """Address of a workspace's reports, beside other files of the workspace."""
    made = tmp_path / "report" / "0a1b"
    made.mkdir(parents=True)
    for name in (*FILES, "manifest.json", "other.html", "other.xlsx", "report.html.gz"):
        (made / name).write_bytes(name.encode())
    (tmp_path / "report" / "2c3d").mkdir()
    (tmp_path / "models.json").write_text("{}", encoding="utf-8")
    (tmp_path / "report" / "report.xlsx").write_text("outside", encoding="utf-8")
    with serve_reports(tmp_path / "report", 0, ":".join(LOGIN)) as address:
        yield address


@pytest.mark.parametrize("name", FILES)
def test_each_file_of_a_report_is_served_with_its_type(root: str, name: str) -> None:
    address = f"{root}/0a1b/{name}"
    answer = requests.get(address, auth=LOGIN, timeout=60)
    assert (answer.status_code, answer.text) == (200, name)
    assert answer.headers["Content-Type"] == TYPES[Path(name).suffix]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    head = requests.head(address, auth=LOGIN, timeout=60)
    assert head.headers["Content-Type"] == answer.headers["Content-Type"]
    for auth in (None, ("owner", "guess")):
        refused = requests.get(address, auth=auth, timeout=60)
        assert (refused.status_code, refused.content) == (401, b"")
    assert requests.get(f"{root}/2c3d/{name}", auth=LOGIN, timeout=60).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        *("", "0a1b", "0a1b/", "report.xlsx", "0a1b/manifest.json", "0a1b/other.html"),
        *("0a1b/other.xlsx", "0a1b/report.html.gz", "0a1b/report.xlsx/", "0a1b/%72eport.xlsx"),
        *("0a1b/../report.xlsx", "../models.json", "0a1b/manifest.json?/report.xlsx"),
    ],
)
def test_nothing_else_of_the_workspace_is_served(root: str, path: str) -> None:
    session = requests.Session()
    request = session.prepare_request(requests.Request("GET", root, auth=LOGIN))
    request.url = f"{root}/{path}"  # as it is, not tidied up
    assert session.send(request, timeout=60).status_code == 404
