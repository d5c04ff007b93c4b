"""A minute of the fuzzers, the corpus first."""

import os
import pathlib
import subprocess
import sys

import pytest

FUZZ = pathlib.Path(__file__).parent / "fuzz/fuzz.py"
SECONDS = 30
SEED = os.environ.get("INNERLOOP_FUZZ_SEED", "7")


@pytest.mark.parametrize("kind", ["source", "frames"])
def test_the_kernel_survives_spoilt_input(kernelspec, kind):
    run = subprocess.run(
        [sys.executable, FUZZ, "--kind", kind, "--seconds", str(SECONDS), "--seed", SEED],
        capture_output=True, text=True, timeout=SECONDS + 120)
    assert run.returncode == 0, run.stderr
    assert "the kernel stayed up" in run.stdout
