"""Innerloop behind Jupyter Enterprise Gateway: kernels that it starts beside itself, and kernels that a launcher starts
where a process proxy puts them, on ports of their own choice. A Jupyter server passes everything on to the gateway.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import psutil
import pytest

from server_client import TRAINING, Channels, Server, free_port, kernels_below, until

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-gateway/bin/python"
PORTS = range(41000, 43001)
TOKEN = "told-to-the-tests-only"

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason=".venv-gateway is missing (make services)")


def started(command, url, log, environment, path="api"):
    with log.open("w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env=environment)
    server = Server(url, TOKEN, process)
    try:
        return server.wait_until_up(path, log)
    except BaseException:
        server.stop()
        raise


@pytest.fixture(scope="module")
def gateway(kernelspec, tmp_path_factory):
    folder = tmp_path_factory.mktemp("gateway")
    kernels = folder / "share/kernels"
    shutil.copytree(kernelspec, kernels / "beside")
    shutil.copytree(ROOT / "examples/gateway/innerloop", kernels / "elsewhere")
    # The gateway hands on few of its own variables: what a kernel needs to know stands in its kernelspec.
    specification = json.loads((kernels / "elsewhere/kernel.json").read_text())
    binary = json.loads((kernelspec / "kernel.json").read_text())["argv"][0]
    specification["env"] = {"INNERLOOP": binary, "INNERLOOP_HISTORY": str(folder / "history.sqlite")}
    (kernels / "elsewhere/kernel.json").write_text(json.dumps(specification))
    port = free_port()
    environment = {
        **os.environ, "JUPYTER_PATH": str(folder / "share"), "EG_RESPONSE_IP": "127.0.0.1",
        "EG_KERNEL_LOG_DIR": str(folder), "PATH": f"{PYTHON.parent}:{os.environ['PATH']}", "HOME": str(folder),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"), "EG_POLL_INTERVAL": "0.1",
        "EG_UNAUTHORIZED_USERS": "nobody"}  # the tests may run as root, which it would refuse
    (folder / "runtime").mkdir()
    command = [
        PYTHON, "-m", "enterprise_gateway", "--EnterpriseGatewayApp.ip=127.0.0.1",
        f"--EnterpriseGatewayApp.port={port}", f"--EnterpriseGatewayApp.auth_token={TOKEN}",
        "--EnterpriseGatewayApp.port_retries=0", "--EnterpriseGatewayApp.list_kernels=True", "--EnterpriseGatewayApp.remote_hosts=['127.0.0.1']",
        f"--EnterpriseGatewayApp.port_range={PORTS[0]}..{PORTS[-1]}",
        "--RemoteMappingKernelManager.cull_idle_timeout=6", "--RemoteMappingKernelManager.cull_interval=1"]
    gateway = started(command, f"http://127.0.0.1:{port}", folder / "gateway.log", environment)
    yield gateway
    gateway.stop()


@pytest.fixture(scope="module")
def server(gateway, tmp_path_factory):
    """The server of a JupyterLab whose kernels are the gateway's."""
    folder = tmp_path_factory.mktemp("server")
    port = free_port()
    command = [
        sys.executable, "-m", "jupyter_server", "--ServerApp.open_browser=False", "--allow-root",
        f"--ServerApp.port={port}", "--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={folder}",
        f"--IdentityProvider.token={TOKEN}", f"--gateway-url={gateway.url}", f"--GatewayClient.auth_token={TOKEN}"]
    environment = {**os.environ, "HOME": str(folder), "JUPYTER_RUNTIME_DIR": str(folder)}
    server = started(command, f"http://127.0.0.1:{port}", folder / "server.log", environment)
    yield server
    server.stop()


@pytest.mark.parametrize("name", ["beside", "elsewhere"])
def test_a_notebook_behind_the_gateway_runs_is_interrupted_restarted_and_ended(gateway, server, name):
    assert name in server.obtain("GET", "api/kernelspecs")["kernelspecs"]
    kernel = server.start(name)
    with Channels(server, kernel) as channels:
        trained = "let history = maml.train(batches, maxBatches: 5)\nmaml.iteration"
        assert channels.run(TRAINING + trained) == "5"

        endless = channels.execute("let more = maml.train(batches, maxBatches: 1000000000)")
        channels.next(endless, "display_data")  # its progress: it trains
        server.obtain("POST", f"api/kernels/{kernel}/interrupt")
        assert channels.next(endless, "error")["ename"] == "Interrupted"
        assert int(channels.run("maml.iteration")) > 5

    (before,) = kernels_below(gateway.process)
    server.obtain("POST", f"api/kernels/{kernel}/restart")
    with Channels(server, kernel) as channels:
        assert channels.run("maml") == "UnknownName"
        assert channels.run("1 + 1") == "2"

    (process,) = kernels_below(gateway.process)
    assert process.pid != before.pid and not before.is_running()
    if name == "elsewhere":
        listening = {c.laddr.port for c in process.net_connections() if c.status == psutil.CONN_LISTEN}
        assert len(listening) == 5 and listening <= set(PORTS)
        assert "launch_innerloop.py" in " ".join(process.parent().cmdline())
    launcher = process.parent()
    server.obtain("DELETE", f"api/kernels/{kernel}")
    until(lambda: not kernels_below(gateway.process), "the kernel's process ends")
    if name == "elsewhere":
        until(lambda: not launcher.is_running() or launcher.status() == psutil.STATUS_ZOMBIE, "the launcher ends")
    assert not server.knows(kernel)


def test_the_gateway_culls_kernels_that_nobody_uses(gateway):
    kernels = [gateway.start(name) for name in ("beside", "elsewhere")]
    assert all(gateway.knows(kernel) for kernel in kernels)
    until(lambda: not any(gateway.knows(kernel) for kernel in kernels), "the kernels are culled")
    until(lambda: not kernels_below(gateway.process), "their processes end")
