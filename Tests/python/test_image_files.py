"""Image files of every kind beside what PIL makes of them, and those that are damaged or hostile."""

import io
import json
import os
import pathlib
import struct
import subprocess
import zlib

import numpy as np
import pytest
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("INNERLOOP_BIN", ROOT / ".build/release/innerloop")).absolute()
pytestmark = pytest.mark.skipif(not BINARY.exists(), reason=f"{BINARY} is not built")

SIDE = 40


def photograph(mode="RGB", width=61, height=45):
    """A smooth picture, which JPEG keeps well."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    planes = [128 + 100 * np.sin(x / 9 + k) * np.cos(y / 7 - k) for k in range(3)]
    image = Image.fromarray(np.stack(planes, axis=-1).astype(np.uint8), "RGB")
    return image.convert(mode)


def encoded(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def run(code):
    result = subprocess.run([BINARY, "-e", code], capture_output=True, text=True, timeout=60)
    assert result.returncode in (0, 1), result.stderr
    return result


def load(folder, channels=3):
    """The one image of the one class of a folder."""
    code = (
        f'let t = ImageFolder("{folder}", ways: 1, shots: 1, testShots: 0, imageSize: {SIDE}, channels: {channels}, '
        "split: [1, 0, 0])\nprint(json(t[0].train.inputs[0].array))"
    )
    return run(code)


def pixels(folder, channels=3):
    result = load(folder, channels)
    assert result.returncode == 0, result.stderr
    return np.array(json.loads(result.stdout))


def write(folder, data, name="1.jpg"):
    (folder / "class").mkdir(exist_ok=True)
    (folder / "class" / name).write_bytes(data)


def expected(image):
    """As PIL decodes and shrinks it, 0 to 1, planes first."""
    scaled = np.asarray(image.resize((SIDE, SIDE), Image.BILINEAR), dtype=float) / 255
    return scaled[None] if scaled.ndim == 2 else scaled.transpose(2, 0, 1)


@pytest.mark.parametrize("kind, mode, options", [
    ("PNG", "RGB", {}),
    ("PNG", "P", {}),
    ("PNG", "L", {}),
    ("PNG", "1", {}),
    ("JPEG", "RGB", {"quality": 95}),
    ("JPEG", "RGB", {"quality": 90, "progressive": True, "subsampling": 2}),
    ("JPEG", "L", {"quality": 95}),
    ("JPEG", "CMYK", {"quality": 95}),
])
def test_images_are_what_pil_makes_of_them(tmp_path, kind, mode, options):
    data = encoded(photograph(mode), kind, **options)
    write(tmp_path, data)
    found = pixels(tmp_path)
    wanted = expected(Image.open(io.BytesIO(data)).convert("RGB"))
    assert found.shape == (3, SIDE, SIDE)
    # PIL rounds between the two directions, and decodes of JPEG differ by a step or two.
    assert np.abs(found - wanted).max() < 0.02, np.abs(found - wanted).max()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_grey_is_grey(tmp_path, kind):
    data = encoded(photograph("L"), kind)
    write(tmp_path, data)
    found = pixels(tmp_path, channels=1)
    assert found.shape == (1, SIDE, SIDE)
    assert np.abs(found - expected(Image.open(io.BytesIO(data)))).max() < 0.02


def huge_png(side):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def huge_jpeg(side):
    data = bytearray(encoded(photograph(), "JPEG"))
    place = data.index(b"\xff\xc0")
    data[place + 5:place + 9] = struct.pack(">HH", side, side)
    return bytes(data)


JPEG, PNG = encoded(photograph(), "JPEG"), encoded(photograph(), "PNG")


@pytest.mark.parametrize("data, words", [
    (b"", "neither a PNG nor a JPEG"),
    (b"GIF89a" + b"\0" * 50, "neither a PNG nor a JPEG"),
    (JPEG[:20], "0×0 pixels"),
    (JPEG[:-len(JPEG) // 8], "Premature end"),
    (JPEG[:-2], "Premature end"),
    (PNG[:20], "PNG"),
    (PNG[:len(PNG) // 2], "PNG"),
    (PNG[:100] + b"\xff" + PNG[101:], "PNG"),
    (huge_png(8193), "8193×8193 pixels"),
    (huge_png(2**31 - 1), "PNG"),
    (huge_jpeg(65000), "65000×65000 pixels"),
    (huge_jpeg(0), "JPEG"),
])
def test_what_is_no_image_is_named(tmp_path, data, words):
    write(tmp_path, data)
    error = load(tmp_path).stderr
    assert "class/1.jpg" in error and words in error, error


def test_pipes_folders_and_large_files_are_not_read(tmp_path):
    (tmp_path / "class").mkdir()
    os.mkfifo(tmp_path / "class/1.png")
    assert "not a regular file" in load(tmp_path).stderr
    (tmp_path / "class/1.png").unlink()
    (tmp_path / "class/1.png").mkdir()
    assert "there are none" in load(tmp_path).stderr
    (tmp_path / "class/1.png").rmdir()
    with open(tmp_path / "class/1.png", "wb") as file:
        file.truncate(1 << 40)
    assert "at most 67108864" in load(tmp_path).stderr


def test_images_that_no_memory_holds_are_drawn_from_their_files_or_refused(tmp_path):
    write(tmp_path, encoded(photograph("1", 8, 8), "PNG"), "0.png")
    for image in range(1, 6000):
        os.link(tmp_path / "class/0.png", tmp_path / f"class/{image}.png")
    folder = f'"{tmp_path}", ways: 1, shots: 1, testShots: 1, imageSize: 1024, split: [1, 0, 0]'
    drawn = run(f"print(ImageFolder({folder})[0].train.inputs.shape)")
    assert drawn.stdout == "[1, 3, 1024, 1024]\n", drawn.stderr
    for all_of_them in (f"ImageFolder({folder}, inMemory: true)", f"ImageFolder({folder}).samples"):
        result = run(all_of_them)
        assert "memory" in result.stderr, result.stderr
