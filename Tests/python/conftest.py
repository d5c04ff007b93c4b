"""The built command for the tests, and a real kernel with a client that never waits without a limit.

$INNERLOOP_BIN names the command; by default .build/release/innerloop.
"""

import os
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from kernel_client import Kernel  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def kernelspec(tmp_path_factory):
    """The folder of a kernelspec installed where only these tests look, with a history of their own."""
    binary = pathlib.Path(os.environ.get("INNERLOOP_BIN", ROOT / ".build/release/innerloop")).absolute()
    if not binary.exists():
        pytest.skip(f"{binary} is not built (swift build -c release)")
    folder = tmp_path_factory.mktemp("innerloop")
    (folder / "runtime").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_RUNTIME_DIR", str(folder / "runtime"))
        patch.setenv("JUPYTER_PATH", str(folder / "prefix/share/jupyter"))
        patch.setenv("INNERLOOP_HISTORY", str(folder / "history.sqlite"))
        subprocess.run(
            [binary, "install", "--prefix", folder / "prefix"], check=True, timeout=30, stdout=subprocess.DEVNULL)
        yield folder / "prefix/share/jupyter/kernels/innerloop"


@pytest.fixture
def kernel(kernelspec):
    """A kernel of one test's own."""
    with Kernel() as kernel:
        yield kernel
