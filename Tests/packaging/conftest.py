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


def this_release():
    """This system's name of its release, such as bookworm."""
    lines = pathlib.Path("/etc/os-release").read_text().splitlines()
    return next(line.removeprefix("VERSION_CODENAME=") for line in lines if line.startswith("VERSION_CODENAME="))


def bare_debian(release):
    """The archive of a bare Debian with Python, made once."""
    archive = ROOT / f"build/debian-{release}.tar"
    if not archive.exists():
        archive.parent.mkdir(exist_ok=True)
        part = archive.with_suffix(".part.tar")
        subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=minbase", "--include=ca-certificates,python3-venv", release, part],
            check=True, timeout=600)
        part.rename(archive)
    return archive


@pytest.fixture(scope="module")
def machine(request):
    """A bare Debian of the module's own, of the module's RELEASE, else of this system's."""
    reason = obstacle()
    if reason:
        # Where changes are judged, a test that does not run proves nothing.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    archive = bare_debian(getattr(request.module, "RELEASE", None) or this_release())
    folder = pathlib.Path(tempfile.mkdtemp(prefix="machine.", dir=ROOT / "build"))
    try:
        subprocess.run(["tar", "-C", folder, "-xf", archive], check=True, timeout=120)
        folder.chmod(0o755)
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
