"""The Debian package on a Debian that has none of its dependencies yet: apt brings them, and it all goes away again."""

import json
import re
import subprocess

import pytest

from machine import ROOT

VENV = "/opt/venv"
APT = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--yes", "--no-install-recommends"]


@pytest.fixture(scope="module")
def before(machine):
    """Every file below /usr and /etc that the bare Debian has."""
    return files(machine)


@pytest.fixture(scope="module")
def installed(machine, before, deb):
    machine.copy(deb, "/srv/")
    machine.run(*APT, "update")
    machine.run(*APT, "install", f"/srv/{deb.name}")
    return machine


def files(machine):
    return {path.relative_to(machine.root) for folder in ["usr", "etc"] for path in (machine.root / folder).rglob("*")}


def test_a_script_runs(installed):
    assert "6.0" in installed.output("innerloop", "-e", "gradient(at: 3) { x in x * x }")
    assert installed.output("innerloop", "run", "/usr/share/innerloop/examples/custom_model.loop")


def test_the_jupyter_of_an_environment_finds_the_kernel_and_runs_a_notebook(installed):
    installed.copy(ROOT / "requirements.txt", "/srv/")
    installed.run("python3", "-m", "venv", VENV)
    installed.run(f"{VENV}/bin/pip", "install", "--quiet", "--constraint", "/srv/requirements.txt", "nbclient")
    found = json.loads(installed.output(f"{VENV}/bin/jupyter", "kernelspec", "list", "--json"))["kernelspecs"]
    assert found["innerloop"]["resource_dir"] == "/usr/share/jupyter/kernels/innerloop"
    installed.run("innerloop", "notebooks", "/srv/mine")
    run = installed.run_notebook(f"{VENV}/bin/python", "/srv/mine/01-maml-sinusoid.ipynb")
    assert run["program"] == "/usr/bin/innerloop"
    assert sum(map(len, run["outputs"])) > 10
    assert any(path.startswith("/usr/lib/") and "libopenblas" in path for path in run["mapped"])


def test_the_manual_page_tells_every_subcommand(installed):
    told = installed.output("innerloop", "--help")
    told = re.findall(r"^  ([a-z]+) {2,}", told[told.index("SUBCOMMANDS"):], flags=re.MULTILINE)
    page = subprocess.run(
        ["gzip", "-dc", installed.root / "usr/share/man/man1/innerloop.1.gz"], capture_output=True, text=True, check=True).stdout
    items = re.findall(r"^\.It (Cm .+)$", page, flags=re.MULTILINE)
    listed = {name for item in items for name in re.findall(r"Cm ([a-z]+)", item)}
    assert len(told) > 8 and set(told) <= listed <= {*told, "help"}


def test_the_shell_completes_subcommands(installed):
    script = ". /usr/share/bash-completion/completions/innerloop; complete -p innerloop"
    assert "complete" in installed.output("bash", "-ec", script)


def test_it_declares_what_the_program_links_to(deb):
    fields = subprocess.run(["dpkg-deb", "--field", deb], capture_output=True, text=True, check=True).stdout
    for package in ["libc6", "libopenblas0", "libzmq5", "libsodium23", "libedit2", "libsqlite3-0", "libzip4", "zlib1g"]:
        assert re.search(rf"^Depends: .*\b{re.escape(package)}\b", fields, flags=re.MULTILINE), package
    version = re.search(r'version = "(.+)"', (ROOT / "Sources/innerloop/Innerloop.swift").read_text())[1]
    assert f"\nVersion: {version}\n" in fields


def test_removing_it_leaves_nothing(installed, before):
    installed.run(*APT, "purge", "innerloop")
    left = {path for path in files(installed) - before if "innerloop" in str(path)}
    assert left == set()
    assert installed.run("sh", "-c", "command -v innerloop", check=False).returncode != 0
