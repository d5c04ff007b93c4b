"""The Containerfile's steps in a bare Debian, and its command as a JupyterHub starts it, with a stand-in for the hub.

No container engine takes part: what an engine adds, layers and isolation, is not tested.
"""

import contextlib
import http.server
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
import websocket

from image import Image
from machine import ROOT

CONTAINERFILE = ROOT / "packaging/container/Containerfile"
RELEASE = re.search(r"^FROM debian:(\w+)-slim$", CONTAINERFILE.read_text(), flags=re.MULTILINE)[1]
TOKEN = "a-token-of-the-hub"
SCOPES = ["access:servers!server=ada/", "access:servers!user=ada"]


@pytest.fixture(scope="module")
def image(machine, wheel):
    return Image(machine, CONTAINERFILE)


class Hub(http.server.BaseHTTPRequestHandler):
    """What a single-user server asks its hub: the version, who a token belongs to, and to note activity."""

    def do_GET(self):
        known = self.headers.get("Authorization", "").split()[-1:] == [TOKEN]
        if self.path.rstrip("/") == "/hub/api":
            self.answer(200, {"version": self.server.version})
        elif self.path.startswith("/hub/api/user") and known:
            self.answer(200, {"name": "ada", "kind": "user", "admin": False, "groups": [],
                              "scopes": SCOPES})
        else:
            self.answer(403, {})

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(200, {})

    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-JupyterHub-Version", self.server.version)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def single_user_server(image):
    """The image's command with the variables that a spawner sets; gives its address."""
    hub = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    hub.version = image.machine.output("/opt/jupyter/bin/jupyterhub-singleuser", "--version").strip()
    threading.Thread(target=hub.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{free_port()}/user/ada/"
    command = image.machine.command(*image.entrypoint, *image.command, environment={
        "JUPYTERHUB_API_TOKEN": TOKEN, "JUPYTERHUB_API_URL": f"http://127.0.0.1:{hub.server_port}/hub/api",
        "JUPYTERHUB_BASE_URL": "/", "JUPYTERHUB_SERVICE_PREFIX": "/user/ada/", "JUPYTERHUB_SERVICE_URL": address,
        "JUPYTERHUB_USER": "ada", "JUPYTERHUB_CLIENT_ID": "jupyterhub-user-ada", "JUPYTERHUB_SERVER_NAME": "",
        "JUPYTERHUB_HOST": "", "JUPYTERHUB_OAUTH_ACCESS_SCOPES": json.dumps(SCOPES)})
    log = pathlib.Path(image.machine.root, "tmp/server.log")
    with log.open("w") as output:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 60
        while not listens(address):
            assert server.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield address
        # An engine stops a container by a signal to its first process, which is the one that unshare started.
        (first,) = pathlib.Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        os.kill(int(first), signal.SIGTERM)
        server.wait(timeout=30)
    finally:
        server.kill()
        server.wait(timeout=30)
        hub.shutdown()
        hub.server_close()


def listens(address):
    try:
        socket.create_connection(urllib.parse.urlsplit(address).netloc.split(":"), timeout=5).close()
        return True
    except ConnectionError:
        return False


def ask(address, path, content=None, token=TOKEN):
    body = None if content is None else json.dumps(content).encode()
    headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(address + path, body, headers), timeout=30) as response:
        return json.load(response)


def run_cell(address, kernel, code):
    """The text of the cell's result, through the server's WebSocket."""
    channels = websocket.create_connection(
        f"{address.replace('http', 'ws', 1)}api/kernels/{kernel}/channels", header=[f"Authorization: token {TOKEN}"], timeout=60)
    with contextlib.closing(channels):
        channels.send(json.dumps({
            "channel": "shell", "parent_header": {}, "metadata": {}, "buffers": [],
            "header": {"msg_id": "1", "msg_type": "execute_request", "session": "s", "username": "ada", "version": "5.3",
                       "date": "2026-01-01T00:00:00Z"},
            "content": {"code": code, "silent": False, "store_history": False, "allow_stdin": False}}))
        while True:
            message = json.loads(channels.recv())
            if message["parent_header"].get("msg_id") == "1" and message["msg_type"] in ("execute_result", "error"):
                return message["content"]["data"]["text/plain"]


def test_it_copies_only_what_is_sent_to_the_engine(image):
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in lines
    assert sorted(line[1:] for line in lines if line.startswith("!")) == sorted(image.copied)


def test_it_has_labels_a_user_of_its_own_and_no_compiler(image):
    assert {"title", "description", "licenses"} == {name.rsplit(".", 1)[1] for name in image.labels}
    assert image.machine.output("id", "-un").strip() == "jovyan"
    assert image.machine.output("sh", "-c", "touch here && rm here && pwd").strip() == "/home/jovyan"
    for program in ["swift", "gcc", "clang"]:
        assert image.machine.run("sh", "-c", f"command -v {program}", check=False).returncode != 0
    assert not pathlib.Path(image.machine.root, "tmp/innerloop").exists()


def test_a_hub_starts_it_and_a_cell_runs(image):
    assert image.command == ["jupyterhub-singleuser"]
    with single_user_server(image) as address:
        with pytest.raises(urllib.error.HTTPError) as refused:
            ask(address, "api/kernelspecs", token="another")
        assert refused.value.code in (401, 403)
        assert "innerloop" in ask(address, "api/kernelspecs")["kernelspecs"]
        kernel = ask(address, "api/kernels", {"name": "innerloop"})["id"]
        assert run_cell(address, kernel, "gradient(at: 3) { x in x * x }") == "Tensor(6.0, float32)"
        names = {entry["name"] for entry in ask(address, "api/contents/innerloop-notebooks")["content"]}
        assert {path.name for path in (ROOT / "notebooks").glob("*.ipynb")} <= names


def test_it_runs_a_notebook_of_the_users(image):
    image.machine.run(*image.entrypoint[2:], "true")
    run = image.machine.run_notebook("/opt/jupyter/bin/python", "/home/jovyan/innerloop-notebooks/01-maml-sinusoid.ipynb")
    assert run["program"] == "/opt/jupyter/bin/innerloop"
    assert sum(map(len, run["outputs"])) > 10
