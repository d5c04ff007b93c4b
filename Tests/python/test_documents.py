"""What the documents tell a reader to type in a shell and in the REPL is what the program takes."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from test_repl import Terminal, environment  # noqa: F401

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("INNERLOOP_BIN", ROOT / ".build/release/innerloop")).absolute()
pytestmark = pytest.mark.skipif(not BINARY.exists(), reason=f"{BINARY} is not built")


def commands(document):
    """The lines of the document's shell blocks that run the program, as one block after the other."""
    text = (ROOT / document).read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line.removeprefix(".build/release/") for line in lines if re.search(r"\binnerloop\b", line)]


@pytest.mark.parametrize("document", ["README.md", "README.ja.md", "docs/language.md"])
def test_the_commands_run_in_their_order(document, tmp_path):
    lines = commands(document)
    assert len(lines) >= 2
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "innerloop").symlink_to(BINARY)
    folder = tmp_path / "here"
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns(".build"))
    variables = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    for line in lines:
        done = subprocess.run(
            ["bash", "-c", line], cwd=folder, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        assert "error:" not in done.stderr
        assert done.stdout or done.stderr or " check " in line, line


def test_the_language_page_lists_the_commands_of_the_repl(environment):  # noqa: F811
    page = (ROOT / "docs/language.md").read_text()
    listed = re.findall(r"^\| `(:[^`]+)`", page, flags=re.MULTILINE)
    terminal = Terminal({**environment}, columns=120)
    told = re.findall(r"^\s*(:[a-z]+(?: \[?[A-Z]+\]?)*)", terminal.run(":help").replace("\r", ""), flags=re.MULTILINE)
    assert terminal.leave() == 0
    assert len(told) > 8
    assert [line for line in told if line != ":help"] == [line for line in listed if line != ":help"]


def test_the_language_page_lists_the_subcommands():
    page = (ROOT / "docs/language.md").read_text()
    section = page[page.index("## The command line"):page.index("## The REPL")]
    listed = set(re.findall(r"`innerloop ([a-z]+)", section))
    told = subprocess.run([BINARY, "--help"], capture_output=True, text=True, timeout=60).stdout
    told = set(re.findall(r"^  ([a-z]+) {2,}", told[told.index("SUBCOMMANDS"):], flags=re.MULTILINE))
    assert told - {"kernel"} == listed
