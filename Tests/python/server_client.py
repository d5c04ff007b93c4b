"""A front end that reaches kernels through a Jupyter server: its REST interface, and a WebSocket for each kernel."""

import json
import socket
import subprocess
import time
import uuid

import psutil
import requests
import websocket

TIMEOUT = 30

# A learner to be trained.
TRAINING = """
let maml = MAML(MetaMLPModel(1, 1, hiddenSizes: [8]), optimizer: Adam(lr: 0.001), stepSize: 0.01)
let batches = Sinusoid(shots: 5).batches(of: 2)
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def until(holds, what):
    end = time.monotonic() + TIMEOUT
    while not holds():
        assert time.monotonic() < end, f"not within {TIMEOUT} s: {what}"
        time.sleep(0.05)


class Server:
    """A server's address and token, and the process behind it when these tests started it."""

    def __init__(self, url, token, process=None):
        self.url, self.process = url.rstrip("/"), process
        self.headers = {"Authorization": f"token {token}"}

    def ask(self, method, path, **content):
        return requests.request(
            method, f"{self.url}/{path}", headers=self.headers, json=content or None, timeout=TIMEOUT)

    def obtain(self, method, path, **content):
        answer = self.ask(method, path, **content)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None

    def wait_until_up(self, path="api", log=None):
        end = time.monotonic() + TIMEOUT
        while True:
            try:
                if self.ask("GET", path).ok:
                    return self
            except requests.RequestException:
                pass
            ended = self.process is not None and self.process.poll() is not None
            if ended or time.monotonic() > end:
                raise AssertionError(f"{self.url} does not answer: {log.read_text()[-2000:] if log else ''}")
            time.sleep(0.05)

    def start(self, name):
        return self.obtain("POST", "api/kernels", name=name)["id"]

    def knows(self, kernel):
        return kernel in [entry["id"] for entry in self.obtain("GET", "api/kernels")]

    def stop(self):
        """Ends the process and what it started."""
        parts = psutil.Process(self.process.pid).children(recursive=True)
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        _, alive = psutil.wait_procs(parts, timeout=5)
        for process in alive:
            process.kill()


def kernels_below(process):
    """The processes of kernels that a server started, itself or through others."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        try:
            if child.status() != psutil.STATUS_ZOMBIE and child.cmdline()[1:2] == ["kernel"]:
                found.append(child)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


class Channels:
    """A kernel's channels over a WebSocket."""

    def __init__(self, server, kernel):
        address = f"ws{server.url.removeprefix('http')}/api/kernels/{kernel}/channels"
        self.session = uuid.uuid4().hex
        self.socket = websocket.create_connection(address, timeout=TIMEOUT, header=server.headers)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def execute(self, code):
        """Asks for a cell, and gives the request's identifier."""
        identifier = uuid.uuid4().hex
        header = {"msg_id": identifier, "msg_type": "execute_request", "session": self.session, "username": "tests",
                  "version": "5.5", "date": "2020-01-01T00:00:00.000000Z"}
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False,
                   "stop_on_error": True}
        self.socket.send(json.dumps({
            "header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell",
            "buffers": []}))
        return identifier

    def next(self, request, *kinds):
        """The next message of one of the kinds that answers a request."""
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            message = json.loads(self.socket.recv())
            if message["parent_header"].get("msg_id") == request and message["msg_type"] in kinds:
                return message["content"]
        raise AssertionError(f"no {kinds}")

    def run(self, code):
        """The text of a cell's value, or the name of its error."""
        message = self.next(self.execute(code), "execute_result", "error")
        return message["data"]["text/plain"] if "data" in message else message["ename"]
