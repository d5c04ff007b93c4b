"""What `make demo` and `make setup` say, when all is well and when it is not."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]


def notebook(path, *sources, kernel="innerloop"):
    cells = [nbformat.v4.new_markdown_cell("# A heading\n\ntext", id="heading")]
    cells += [nbformat.v4.new_code_cell(source, id=f"cell-{index}") for index, source in enumerate(sources)]
    metadata = {"kernelspec": {"name": kernel, "display_name": kernel}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    return path


def demo(*arguments):
    return subprocess.run([sys.executable, ROOT / "tools/demo.py", *map(str, arguments)], capture_output=True, text=True, timeout=120)


def test_the_demo_shows_headings_tables_and_plots_and_leaves_the_notebook(tmp_path):
    source = notebook(
        tmp_path / "a.ipynb",
        'print("hello")\ntable(["step": [0, 1], "loss": [0.9, 0.4]])',
        'plot(x: [0, 1, 2], y: [3, 1, 2], title: "a curve")',
    )
    target = tmp_path / "new folder" / "executed.ipynb"
    done = demo(source, target)
    assert (done.returncode, done.stderr) == (0, "")
    for expected in ["# A heading", "hello", "step", "0.9", "0.4", "a curve", str(target), "2 cells ran"]:
        assert expected in done.stdout
    assert "\x1b" not in done.stdout, "no control characters where the output is no terminal"
    executed = nbformat.read(target, as_version=4)
    assert [cell.execution_count for cell in executed.cells if cell.cell_type == "code"] == [1, 2]


def test_a_failing_cell_is_one_sentence_and_a_failure(tmp_path):
    target = tmp_path / "executed.ipynb"
    done = demo(notebook(tmp_path / "a.ipynb", 'print("before")', "zeros(2) + zeros(3)", 'print("never")'), target)
    assert done.returncode == 1
    assert "before" in done.stdout and "never" not in done.stdout
    assert [line for line in done.stderr.splitlines() if line.startswith("demo: ")] == done.stderr.splitlines()
    assert done.stderr.count("\n") == 1
    assert target.exists(), "the notebook with its error can be opened"


@pytest.fixture(scope="module")
def demo_main():
    """The demo's main function, called in this process where nothing is executed."""
    specification = importlib.util.spec_from_file_location("demo", ROOT / "tools/demo.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.main


def test_a_missing_kernel_says_what_to_do(tmp_path, demo_main, capsys):
    target = tmp_path / "executed.ipynb"
    assert demo_main([notebook(tmp_path / "a.ipynb", "1", kernel="no-such-kernel"), target]) == 1
    assert capsys.readouterr() == ("", "demo: no kernel is installed under the name 'no-such-kernel'; run make install.\n")
    assert not target.exists(), "nothing was executed"


@pytest.mark.parametrize("content", [None, "", "{", "{}", "[1]", "not a notebook"])
def test_a_file_that_is_no_notebook_is_refused(tmp_path, content, demo_main, capsys):
    path = tmp_path / "a.ipynb"
    if content is not None:
        path.write_text(content)
    assert demo_main([path]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"demo: {path} cannot be read as a notebook: ") and said.count("\n") == 1


def setup_with_swift(tmp_path, swift):
    """Runs tools/setup.sh where `swift` is the given script, or is missing."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ["bash", "dirname", "sed", "sort", "head"]:
        for folder in ["/usr/bin", "/bin"]:
            if (Path(folder) / name).exists():
                (tools / name).symlink_to(Path(folder) / name)
                break
    if swift is not None:
        (tools / "swift").write_text(f"#!/bin/bash\n{swift}\n")
        (tools / "swift").chmod(0o755)
    environment = {**os.environ, "PATH": str(tools)}
    return subprocess.run(["/bin/bash", ROOT / "tools/setup.sh"], env=environment, capture_output=True, text=True, timeout=60)


def test_setup_without_swift_is_one_sentence(tmp_path):
    done = setup_with_swift(tmp_path, None)
    assert done.returncode == 1
    assert "Swift 6.2 or later is needed and was not found" in done.stderr and done.stderr.count("\n") == 1


def test_setup_with_an_old_swift_is_one_sentence(tmp_path):
    done = setup_with_swift(tmp_path, 'echo "Swift version 5.10.1 (swift-5.10.1-RELEASE)"')
    assert done.returncode == 1
    assert "is 5.10.1" in done.stderr and done.stderr.count("\n") == 1
