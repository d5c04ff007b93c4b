"""The wheel on a machine with Python alone: no Swift, no library of ours, no -dev package."""

import json
import re
import stat
import subprocess
import sys
import zipfile

import pexpect
import pytest

from machine import ROOT

VENV = "/opt/venv"
SYSTEM = re.compile(r"(ld-linux-x86-64|lib(c|m|dl|rt|pthread|resolv|gcc_s|stdc\+\+))\.so\.[\d.]+")
LIBRARIES = {"libopenblas.so.0", "libzmq.so.5", "libsodium.so.23", "libsqlite3.so.0", "libpng16.so.16",
             "libturbojpeg.so.0", "libzip.so.4", "libz.so.1", "libedit.so.2"}


@pytest.fixture(scope="module")
def installed(machine, wheel):
    """The machine with the wheel in an empty virtual environment, and beside it only what runs notebooks."""
    machine.copy(wheel, "/srv/")
    machine.run("python3", "-m", "venv", VENV)
    machine.run(f"{VENV}/bin/pip", "install", "--quiet", "--no-index", f"/srv/{wheel.name}")
    machine.copy(ROOT / "requirements.txt", "/srv/")
    machine.run(f"{VENV}/bin/pip", "install", "--quiet", "--constraint", "/srv/requirements.txt", "nbclient")
    return machine


def test_the_machine_has_nothing_that_the_program_was_built_with(machine):
    packages = machine.output("dpkg-query", "--show", "--showformat=${Package}\n").split()
    assert not [name for name in packages if name.endswith("-dev") or re.match(r"lib(openblas|zmq|sodium|edit|png|zip)", name)]
    assert machine.run("sh", "-c", "command -v swift innerloop", check=False).returncode != 0
    assert not (machine.root / "opt/swift").exists()


def test_a_notebook_gives_what_it_gives_here_with_the_wheels_own_libraries(installed):
    found = json.loads(installed.output(f"{VENV}/bin/jupyter", "kernelspec", "list", "--json"))["kernelspecs"]
    assert found["innerloop"]["resource_dir"] == f"{VENV}/share/jupyter/kernels/innerloop"
    run = installed.run_notebook(f"{VENV}/bin/python", f"{VENV}/share/innerloop/notebooks/01-maml-sinusoid.ipynb")
    assert run["program"] == f"{VENV}/bin/innerloop"
    here = subprocess.run(
        [sys.executable, ROOT / "Tests/packaging/run_notebook.py", ROOT / "notebooks/01-maml-sinusoid.ipynb"],
        check=True, capture_output=True, text=True, timeout=300)
    assert run["outputs"] == json.loads(here.stdout)["outputs"]
    assert sum(map(len, run["outputs"])) > 10
    libraries = [path for path in run["mapped"] if ".so" in path]
    ours = {path.removeprefix(f"{VENV}/lib/innerloop/") for path in libraries if path.startswith(f"{VENV}/lib/innerloop/")}
    assert LIBRARIES <= ours
    strangers = [path for path in libraries if not path.startswith(VENV) and not SYSTEM.fullmatch(path.split("/")[-1])]
    assert strangers == []


def test_the_command_is_on_the_path_of_the_environment(installed):
    path = {"PATH": f"{VENV}/bin:/usr/bin:/bin", "HOME": "/root"}
    assert "6.0" in installed.output("innerloop", "-e", "gradient(at: 3) { x in x * x }", environment=path)
    script = f"{VENV}/share/innerloop/examples/custom_model.loop"
    assert installed.output("innerloop", "run", script, environment=path)


def test_the_editor_of_the_terminal_works(installed):
    enter = installed.command(f"{VENV}/bin/innerloop", environment={"TERM": "xterm", "HOME": "/root"})
    terminal = pexpect.spawn(enter[0], enter[1:], encoding="utf-8", timeout=30)
    terminal.expect_exact("[1]")
    terminal.send("1 + 41\r")
    terminal.expect(r"\n(\x1b\[\d+m)?42\b")
    terminal.send(":quit\r")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


def test_its_notebooks_are_copied_to_where_they_can_be_changed(installed):
    command = [f"{VENV}/bin/innerloop", "notebooks", "/srv/mine"]
    installed.run(*command)
    folder = installed.root / "srv/mine"
    assert {path.name for path in folder.iterdir()} == {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    changed = folder / "01-maml-sinusoid.ipynb"
    changed.write_text("mine")
    assert f"/srv/mine/{changed.name} is there already" in installed.output(*command)
    assert changed.read_text() == "mine"
    refused = installed.run(*command[:2], "/etc/passwd/mine", check=False)
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1 and "/etc/passwd/mine" in refused.stderr


def test_install_tells_another_jupyter_of_the_same_program(installed):
    installed.run(f"{VENV}/bin/innerloop", "install", "--prefix", "/opt/elsewhere")
    spec = json.loads((installed.root / "opt/elsewhere/share/jupyter/kernels/innerloop/kernel.json").read_text())
    assert spec["argv"] == [f"{VENV}/bin/innerloop", "kernel", "{connection_file}"]


def test_a_moved_environment_still_finds_everything(installed):
    installed.run("cp", "-a", VENV, "/srv/moved")
    assert "12.0" in installed.output("/srv/moved/bin/innerloop", "-e", "matmul(ones(2, 3), ones(3, 2)).sum()")
    installed.run("rm", "-r", "/srv/moved")


def test_uninstalling_leaves_nothing(installed):
    installed.run("cp", "-a", VENV, "/srv/other")
    installed.run("/srv/other/bin/python", "-m", "pip", "uninstall", "--quiet", "--yes", "innerloop-kernel")
    left = [path for path in (installed.root / "srv/other").rglob("*innerloop*") if path.is_file()]
    assert left == []


def test_the_wheel_says_what_it_is(wheel):
    version = re.search(r'version = "(.+)"', (ROOT / "Sources/innerloop/Innerloop.swift").read_text())[1]
    assert re.fullmatch(rf"innerloop_kernel-{re.escape(version)}-py3-none-manylinux_2_\d+_\w+\.whl", wheel.name)
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = [archive.read(name).decode() for name in names if name.endswith(".dist-info/METADATA")]
        programs = [info for info in archive.infolist() if info.filename.endswith("/innerloop") and info.file_size > 10**7]
    assert f"\nVersion: {version}\n" in metadata
    assert "\nRequires-Python: >=" in metadata and "\nLicense-Expression: Apache-2.0\n" in metadata
    assert "\n# Innerloop\n" in metadata
    assert [name.filename.split(".data/data/")[1] for name in programs] == ["bin/innerloop"]
    assert programs[0].external_attr >> 16 & stat.S_IXUSR
    for library in ["libopenblas", "libzmq", "libsodium", "libgfortran", "icu", "LGPL-3"]:
        assert any(f"licences/{library}" in name for name in names), library


def test_auditwheel_agrees_and_the_program_is_stripped(wheel, tmp_path):
    report = (ROOT / "build/wheel/auditwheel.txt").read_text()
    platform = wheel.stem.split("-")[-1]
    assert f'platform tag: "{platform}"' in report
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("data/bin/innerloop")]
        program = archive.extract(name, tmp_path)
    sections = subprocess.run(["readelf", "--section-headers", "--wide", program], capture_output=True, text=True).stdout
    assert ".symtab" not in sections and ".debug_info" not in sections
