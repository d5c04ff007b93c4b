"""Innerloop behind JupyterHub: a hub, its proxy and a user's server, each a process of its own, with the connections to the
kernel encrypted.
"""

import json
import os
import pathlib
import subprocess
import time

import psutil
import pytest
import zmq

from server_client import TIMEOUT, TRAINING, Channels, Server, free_port, kernels_below, until

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".venv-hub/bin"
TOKEN = "told-to-the-tests-only"
CONFIGURATION = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub_port}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.ConfigurableHTTPProxy.command = ["{folder}/configurable-http-proxy"]
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.Spawner.cmd = ["{folder}/jupyterhub-singleuser"]
c.Spawner.args = ["--KernelManager.transport_encryption=required", "--allow-root"]
c.Spawner.default_url = "/api"
c.JupyterHub.services = [{{"name": "tests", "api_token": "{token}"}}]
c.JupyterHub.load_roles = [{{
    "name": "tests", "services": ["tests"],
    "scopes": ["admin:users", "admin:servers", "access:servers", "tokens"]}}]
c.Spawner.environment = {environment}
"""

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason=".venv-hub is missing (make services)")


@pytest.fixture(scope="module")
def hub(kernelspec, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    port = free_port()
    environment = {
        name: os.environ[name] for name in ("JUPYTER_PATH", "INNERLOOP_HISTORY") if name in os.environ}
    (folder / "jupyterhub_config.py").write_text(CONFIGURATION.format(
        port=port, hub_port=free_port(), proxy_port=free_port(), folder=FOLDER, token=TOKEN, environment=environment))
    log = folder / "hub.log"
    with log.open("w") as file:
        process = subprocess.Popen(
            [FOLDER / "python", "-m", "jupyterhub", "--config=jupyterhub_config.py"], cwd=folder, stdout=file, stderr=file,
            env={**os.environ, "PATH": f"{FOLDER}:{os.environ['PATH']}", "CONFIGPROXY_AUTH_TOKEN": "of-the-proxy"})
    hub = Server(f"http://127.0.0.1:{port}", TOKEN, process)
    try:
        hub.wait_until_up("hub/api/", log)
        hub.log = log
        yield hub
    finally:
        hub.stop()


@pytest.fixture(scope="module")
def server(hub):
    """The server of a user, reached through the hub's proxy."""
    hub.obtain("POST", "hub/api/users/ada")
    hub.obtain("POST", "hub/api/users/ada/server")
    until(lambda: hub.obtain("GET", "hub/api/users/ada")["server"], "the user's server starts")
    server = Server(f"{hub.url}/user/ada", TOKEN)
    server.wait_until_up("api/status", hub.log)
    return server


def test_a_notebook_behind_the_hub_runs_is_interrupted_restarted_and_ended(hub, server):
    kernel = server.start("innerloop")
    with Channels(server, kernel) as channels:
        assert channels.run(TRAINING + "maml.iteration") == "0"
        endless = channels.execute("let more = maml.train(batches, maxBatches: 1000000000)")
        channels.next(endless, "display_data")  # its progress: it trains
        server.obtain("POST", f"api/kernels/{kernel}/interrupt")
        assert channels.next(endless, "error")["ename"] == "Interrupted"
        assert int(channels.run("maml.iteration")) > 0
    server.obtain("POST", f"api/kernels/{kernel}/restart")
    with Channels(server, kernel) as channels:
        assert channels.run("maml") == "UnknownName"
    server.obtain("DELETE", f"api/kernels/{kernel}")
    until(lambda: not kernels_below(hub.process), "the kernel's process ends")


def test_the_connections_to_the_kernel_are_encrypted(hub, server):
    kernel = server.start("innerloop")
    (process,) = kernels_below(hub.process)
    connection = json.loads(pathlib.Path(process.cmdline()[2]).read_text())
    with zmq.Context() as context:

        def beats(**keys):
            with context.socket(zmq.REQ) as socket:
                socket.setsockopt(zmq.LINGER, 0)
                for name, value in keys.items():
                    setattr(socket, name, value)
                socket.connect(f"tcp://{connection['ip']}:{connection['hb_port']}")
                socket.send(b"beat")
                return socket.poll(1000 if not keys else TIMEOUT * 1000) != 0

        public, secret = zmq.curve_keypair()
        assert beats(curve_serverkey=connection["curve_publickey"].encode(), curve_publickey=public, curve_secretkey=secret)
        assert not beats()
    with Channels(server, kernel) as channels:
        assert channels.run("1 + 1") == "2"
    server.obtain("DELETE", f"api/kernels/{kernel}")


def test_stopping_the_users_server_ends_its_kernels(hub, server):
    server.start("innerloop")
    (process,) = kernels_below(hub.process)
    hub.obtain("DELETE", "hub/api/users/ada/server")
    until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, "the kernel ends")
