"""Mutations of the examples: whatever the source, the command answers in time and never crashes."""

import os
import pathlib
import random
import re
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("INNERLOOP_BIN", ROOT / ".build/release/innerloop")).absolute()
pytestmark = pytest.mark.skipif(not BINARY.exists(), reason=f"{BINARY} is not built")

SECONDS = 10
SEED = int(os.environ.get("INNERLOOP_FUZZ_SEED", "7"))
TOKEN = re.compile(r'\w+|"[^"\n]*"|\s+|.', re.DOTALL)
SPLINTERS = ["(", ")", "{", "}", "[", "]", '"', '"""', "\\(", "<", ">", "?", "!", "..<", "nil", "if ", "let ", "\0", "\r",
             "\u202e", "🤯", "é", "-1", "9223372036854775807", "1e400", "$0", "#", "@", "`", "in ", "struct S {", "case "]


def mutated(source, chance):
    tokens = TOKEN.findall(source)
    start = chance.randrange(len(tokens))
    tokens = tokens[start : start + chance.randrange(1, 400)]
    for _ in range(chance.choice([1, 1, 2, 4, 16])):
        if not tokens:
            break
        i, j = chance.randrange(len(tokens)), chance.randrange(len(tokens))
        kind = chance.randrange(5)
        if kind == 0:
            del tokens[i]
        elif kind == 1:
            tokens[i], tokens[j] = tokens[j], tokens[i]
        elif kind == 2:
            tokens[i:i] = tokens[i:j] or [tokens[i]] * chance.randrange(1, 40)
        elif kind == 3:
            tokens.insert(i, chance.choice(SPLINTERS))
        else:
            tokens[i] = "".join(chr(chance.randrange(1, 0x2FF)) for _ in range(4))
    return "".join(tokens)


def test_no_mutation_of_the_examples_crashes_or_hangs_the_check(tmp_path):
    sources = [path.read_text() for path in sorted((ROOT / "examples").glob("*.loop"))]
    assert sources
    chance = random.Random(SEED)
    path = tmp_path / "mutated.loop"
    end = time.monotonic() + SECONDS
    count = 0
    while time.monotonic() < end:
        program = mutated(chance.choice(sources), chance)
        path.write_text(program, encoding="utf-8", newline="")
        run = subprocess.run([BINARY, "check", path], capture_output=True, timeout=20)
        assert run.returncode in (0, 1), f"exit {run.returncode} for {program!r}"
        assert (run.returncode == 1) == (b"error: " in run.stderr), f"{run.stderr!r} for {program!r}"
        count += 1
    assert count > 20
