"""Data files that are missing, cut off, of another kind or hostile: a sentence with the name, and the session goes on."""

import os
import pathlib
import struct
import subprocess
import zipfile
import zlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("INNERLOOP_BIN", ROOT / ".build/release/innerloop")).absolute()
SHARED = ROOT / "../shared/data/omniglot"
pytestmark = pytest.mark.skipif(not BINARY.exists(), reason=f"{BINARY} is not built")


def png(width, height, rows=b""):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def drawing(width=105, height=105):
    return png(width, height, (b"\0" + b"\xff" * width) * height)


def omniglot(folder, first=None, characters=(964, 659)):
    """Both files, every drawing blank; the first drawing of the first file as given."""
    blank = drawing()
    for (name, count) in zip(("images_background", "images_evaluation"), characters):
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as file:
            for character in range(count):
                for number in range(20):
                    data = first if first is not None and name == "images_background" and character + number == 0 else blank
                    file.writestr(f"{name}/A{character // 40:02}/character{character % 40 + 1:02}/{number + 1:04}.png", data)


def load(folder):
    code = f'let t = Omniglot("{folder}", ways: 2, shots: 1, testShots: 1)\nprint(t[0].train.inputs.shape)'
    run = subprocess.run([BINARY, "-e", code], capture_output=True, text=True, timeout=120)
    assert run.returncode in (0, 1), run.stderr
    return run


def test_omniglots_files_are_read_in_place(tmp_path):
    omniglot(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert load(tmp_path).stdout == "[2, 1, 28, 28]\n"
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("first, words", [
    (b"no image", ["character01/0001.png", "PNG"]),
    (drawing()[:-30], ["character01/0001.png", "PNG"]),
    (drawing(104, 105), ["character01/0001.png", "104×105", "105×105 are expected"]),
    (png(2**30, 2**30), ["character01/0001.png"]),
    (b"\0" * (1 << 21), ["character01/0001.png", "at most 1048576"]),
])
def test_a_drawing_that_is_none_is_named(tmp_path, first, words):
    omniglot(tmp_path, first)
    error = load(tmp_path).stderr
    assert "images_background.zip" in error and all(word in error for word in words), error


def test_a_file_that_is_incomplete_or_none_is_named_with_what_was_expected(tmp_path):
    error = load(tmp_path / "nowhere").stderr
    assert "nowhere/images_background.zip" in error and "hint:" in error
    omniglot(tmp_path, characters=(963, 659))
    assert "19260 drawings of 963 characters" in load(tmp_path).stderr
    path = tmp_path / "images_background.zip"
    path.write_bytes(path.read_bytes()[:100_000])
    assert "zip file" in load(tmp_path).stderr
    path.write_text("no zip")
    assert "zip file" in load(tmp_path).stderr


def test_names_that_lead_out_of_the_archive_lead_nowhere(tmp_path):
    omniglot(tmp_path, characters=(964, 659))
    with zipfile.ZipFile(tmp_path / "images_background.zip", "a") as file:
        file.writestr("../../escaped.png", drawing())
        file.writestr("/absolute/escaped.png", drawing())
    assert load(tmp_path).stdout == "[2, 1, 28, 28]\n"
    assert not list(tmp_path.parent.rglob("escaped.png"))


@pytest.mark.skipif(not SHARED.exists(), reason=f"{SHARED} is not there")
def test_a_checksum_that_does_not_fit_is_an_error(tmp_path):
    for name in ("images_background", "images_evaluation"):
        data = bytearray((SHARED / f"{name}.zip").read_bytes())
        if name == "images_background":
            data[100] ^= 0x55  # inside the first drawing
        (tmp_path / f"{name}.zip").write_bytes(data)
    error = load(tmp_path).stderr
    assert "images_background.zip" in error and "0709_01.png" in error, error


def challenge(folder, leaving_out="", labels=None, first=None):
    """The runs of the one-shot challenge, every drawing blank; test drawing i is of class 21 − i."""
    blank = drawing()
    with zipfile.ZipFile(folder / "all_runs.zip", "w") as file:
        def write(name, data):
            if name != leaving_out:
                file.writestr(name, data)
        for run in (f"run{number:02}" for number in range(1, 21)):
            for number in range(1, 21):
                write(f"{run}/training/class{number:02}.png", first or blank)
                write(f"{run}/test/item{number:02}.png", blank)
            lines = [f"{run}/test/item{n:02}.png {run}/training/class{21 - n:02}.png\n" for n in range(1, 21)]
            write(f"{run}/class_labels.txt", labels if labels is not None and run == "run01" else "".join(lines))


def load_challenge(folder, code="print(c.count, c[19].train.targets.array == Array(0..<20), c[0].test.targets.array.prefix(3))"):
    run = subprocess.run(
        [BINARY, "-e", f'let c = OmniglotChallenge("{folder}", imageSize: 16)\n{code}'],
        capture_output=True, text=True, timeout=120)
    assert run.returncode in (0, 1), run.stderr
    return run


def test_the_challenges_runs_are_tasks_that_every_learner_evaluates(tmp_path):
    challenge(tmp_path)
    assert load_challenge(tmp_path).stdout == "20 true [19, 18, 17]\n"
    for learner in ("MAML(model, numAdaptationSteps: 1)", "PrototypicalNetworks(model)", "MatchingNetworks(model)", "Reptile(model)"):
        code = f"let model = MetaConvModel(1, 20, hiddenSize: 4, featureSize: 4)\nprint({learner}.evaluate(c.batches(of: 5)).count)"
        run = load_challenge(tmp_path, code)
        assert run.stdout == "20\n", run.stderr


@pytest.mark.parametrize("changes, words", [
    (dict(leaving_out="run20/test/item07.png"), ["it has no run20/test/item07.png"]),
    (dict(leaving_out="run03/class_labels.txt"), ["it has no run03/class_labels.txt"]),
    (dict(labels=""), ["run01/class_labels.txt", "0 test drawings, where 20"]),
    (dict(labels="run01/test/item01.png\n"), ['"run01/test/item01.png" does not tell']),
    (dict(labels="run01/test/item01.png run01/training/class21.png\n"), ["class21.png\" does not tell"]),
    (dict(labels="run01/test/item01.png run01/training/class01.png\n" * 2), ["does not tell the class of one"]),
    (dict(labels="\0" * (1 << 17)), ["class_labels.txt", "at most 65536"]),
    (dict(first=b"no image"), ["PNG"]),
    (dict(first=drawing(28, 28)), ["28×28", "105×105 are expected"]),
])
def test_runs_of_the_challenge_that_are_incomplete_are_named(tmp_path, changes, words):
    challenge(tmp_path, **changes)
    error = load_challenge(tmp_path).stderr
    assert "all_runs.zip" in error and "hint:" in error and all(word in error for word in words), error


@pytest.mark.skipif(not SHARED.exists(), reason=f"{SHARED} is not there")
def test_omniglot_without_vinyals_split_has_no_validation():
    def run(arguments, code="print(t.classes.count)"):
        program = f'let t = Omniglot("{SHARED}", imageSize: 8, {arguments})\n{code}'
        return subprocess.run([BINARY, "-e", program], capture_output=True, text=True, timeout=120)
    assert run("vinyalsSplit: false").stdout == "964\n"
    assert run("metaSplit: .test, use_vinyals_split: false").stdout == "659\n"
    assert run("metaSplit: .test").stdout == "423\n"
    assert run("inverted: true", "print(t[0].train.inputs.mean().item() < 0.5)").stdout == "true\n"
    assert "no characters are left to validate with" in run("metaSplit: .val, vinyalsSplit: false").stderr
