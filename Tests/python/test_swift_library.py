"""The libraries as a Swift program of one's own meets them: the example package, and their documentation."""

import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "docs/Innerloop.docc"
PACKAGE = ROOT / "examples/swift-library"
LIBRARIES = re.findall(r'^    \.library\(name: "(\w+)", targets:', (ROOT / "Package.swift").read_text(), flags=re.MULTILINE)


def run(*command, **options):
    return subprocess.run(
        list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=1200, **options)


def test_a_package_of_its_own_compiles_against_the_products_and_meta_trains():
    # A folder that stays makes the next build short; the first compiles the libraries and nothing of the language.
    folder = ROOT / "build/swift-library"
    built = run("swift", "build", "-c", "release", "--scratch-path", folder, cwd=PACKAGE)
    assert built.returncode == 0, built.stdout + built.stderr
    assert "warning:" not in built.stdout + built.stderr
    assert not list(folder.glob("*/release/SwiftSyntax.build/*.o")), "an outside program does not pay for the parser"
    done = run(folder / "release/SinusoidMAML")
    assert (done.returncode, done.stderr) == (0, "")
    difference = float(re.search(r"meta-gradient by hand: (\S+)", done.stdout)[1])
    assert difference < 1e-4
    training, adapting = (
        [float(line.split()[1]) for line in block.splitlines() if re.fullmatch(r" *\d+ +\d+\.\d{4}", line)]
        for block in done.stdout.split("\ninner step "))
    assert len(training) == 8 and training[-1] < training[0]
    assert len(adapting) == 6 and adapting[5] < adapting[1] < adapting[0]
    assert "a model of one's own" in done.stdout


@pytest.mark.skipif(not (ROOT / ".build/release/Modules").exists(), reason="the libraries are not built")
def test_docc_builds_without_a_warning(tmp_path):
    made = run("bash", ROOT / "tools/docs.sh", tmp_path / "site")
    assert made.returncode == 0, made.stdout + made.stderr
    assert "warning:" not in made.stdout + made.stderr
    data = tmp_path / "site/data/documentation"
    for page in ["innerloop", "gettingstarted", "writingalayer", "mamlbyhand"]:
        assert list(data.rglob(f"{page}.json")), page
    for library in LIBRARIES:
        assert (data / f"{library.lower()}.json").exists(), library
    assert (data / "metalearning/maml.json").exists()


def test_every_library_has_a_page_that_says_what_it_holds():
    assert len(LIBRARIES) == 5
    landing = (CATALOGUE / "Innerloop.md").read_text()
    for library in LIBRARIES:
        assert (CATALOGUE / f"{library}.md").read_text().startswith(f"# ``{library}``\n")
        assert f"- ``{library}``" in landing


@pytest.mark.parametrize("article", ["GettingStarted", "WritingALayer", "MAMLByHand"])
def test_the_articles_show_code_that_compiles(article):
    """Each block stands as it is in the example package, which is compiled."""
    sources = [path.read_text() for path in PACKAGE.rglob("*.swift") if ".build" not in path.parts]
    blocks = re.findall(r"^```swift\n(.*?)^```", (CATALOGUE / f"{article}.md").read_text(), flags=re.MULTILINE | re.DOTALL)
    assert blocks
    for block in blocks:
        assert any(block in source for source in sources), block
