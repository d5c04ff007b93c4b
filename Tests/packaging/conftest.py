"""A Debian with nothing in it but Python, in which packages show that they bring what they need."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from machine import ROOT, Machine, obstacle  # noqa: E402


@pytest.fixture(scope="session")
def debian():
    """The archive of a bare Debian of this system's release, made once."""
    reason = obstacle()
    if reason:
        # Where changes are judged, a test that does not run proves nothing.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    release = dict(line.split("=", 1) for line in pathlib.Path("/etc/os-release").read_text().splitlines() if "=" in line)
    archive = ROOT / f"build/debian-{release['VERSION_CODENAME']}.tar"
    if not archive.exists():
        archive.parent.mkdir(exist_ok=True)
        part = archive.with_suffix(".part.tar")
        subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=minbase", "--include=ca-certificates,python3-venv",
             release["VERSION_CODENAME"], part], check=True, timeout=600)
        part.rename(archive)
    return archive


@pytest.fixture(scope="module")
def machine(debian):
    """A bare Debian of the module's own."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="machine.", dir=ROOT / "build"))
    try:
        subprocess.run(["tar", "-C", folder, "-xf", debian], check=True, timeout=120)
        yield Machine(folder)
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def wheel():
    return the_only("build/wheel/*.whl", "make wheel")


@pytest.fixture(scope="session")
def deb():
    return the_only("build/deb/*.deb", "make deb")


def the_only(pattern, maker):
    found = list(ROOT.glob(pattern))
    if len(found) != 1:
        pytest.fail(f"{pattern} names {len(found)} files; {maker} makes one.")
    return found[0]
