"""The scripts in examples/ check their own results; a wrong one ends with exit status 1."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INNERLOOP = os.environ.get("INNERLOOP_BIN", str(ROOT / ".build/release/innerloop"))
EXAMPLES = sorted((ROOT / "examples").glob("*.loop"))


def innerloop(*arguments, folder=ROOT):
    return subprocess.run([INNERLOOP, *map(str, arguments)], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)


def test_there_are_examples():
    assert {"maml_by_hand.loop", "custom_model.loop", "mldg.loop"} <= {path.name for path in EXAMPLES}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_check_finds_nothing_wrong(path):
    done = innerloop("check", path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(path, tmp_path):
    done = innerloop("run", path, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert "error:" not in done.stderr
    assert list(tmp_path.iterdir()) == [], "an example leaves nothing behind"
