"""docs/torchmeta.md is true: its lines pass the check of the language, its declarations exist."""

import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("INNERLOOP_BIN", ROOT / ".build/release/innerloop")).absolute()
CELL = re.compile(r"^\| `([^`]+)` \| (?:`([^`]+)`)? ?\| (?:`([^`]+)`)? ?\| (.*) \|$")
ROWS = [CELL.match(line) for line in (ROOT / "docs/torchmeta.md").read_text().splitlines() if line.startswith("| `")]
PREAMBLE = """\
let x = randn(4, 1)
let y = randn(4, 1)
let e = randn(20, 5)
let labels = Tensor((0..<20).map { $0 % 5 }, dtype: .int64)
let model = MetaMLPModel(1, 1, hiddenSizes: [8])
let fast = model.metaNamedParameters()
let maml = MAML(model, optimizer: Adam(lr: 0.001), stepSize: 0.1)
let tasks = Sinusoid(shots: 4)
let task = tasks[0]
let classes = ClassTasks(e, labels, ways: 2, testShots: 1)
"""
# What needs files that are not there is only checked.
FILES = re.compile(r'"data/|\.csv"|"runs/')


def test_every_row_can_be_read_and_names_what_is_here_or_why_not():
    assert all(ROWS)
    names = [row[1] for row in ROWS]
    assert len(names) == len(set(names)) > 100
    assert all(row[2] or row[3] or row[4] for row in ROWS)


@pytest.mark.skipif(not BINARY.exists(), reason=f"{BINARY} is not built")
@pytest.mark.parametrize("line", sorted({row[2] for row in ROWS if row and row[2]}))
def test_a_line_is_one_of_the_language(line, tmp_path):
    program = tmp_path / "line.loop"
    program.write_text(PREAMBLE + re.sub(r"; func", "\n func", line) + "\n")
    command = "check" if FILES.search(line) else "run"
    done = subprocess.run([BINARY, command, program], capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert done.returncode == 0, done.stderr


def test_every_declaration_is_in_the_sources():
    sources = "\n".join(path.read_text() for path in (ROOT / "Sources").rglob("*.swift"))
    for name in {row[3] for row in ROWS if row and row[3]}:
        assert re.search(rf"\b(class|struct|enum|protocol|func|var|case) {name}\b", sources), name
