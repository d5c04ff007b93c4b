"""Published data sets in the form their authors gave them: archives, pickles and folders made by Python's own tools."""

import gzip
import io
import json
import os
import pathlib
import pickle
import struct
import subprocess
import tarfile
import zipfile

import numpy as np
import pytest
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("INNERLOOP_BIN", ROOT / ".build/release/innerloop")).absolute()
pytestmark = pytest.mark.skipif(not BINARY.exists(), reason=f"{BINARY} is not built")


def run(code):
    result = subprocess.run([BINARY, "-e", code], capture_output=True, text=True, timeout=120)
    assert result.returncode in (0, 1), result.stderr
    return result


def values(name, folder, arguments="", seen="t[i].train.inputs[0, 0, 0, 0].item()"):
    """A number of the first image of some tasks, each of one class."""
    result = run(
        f'let t = {name}("{folder}", ways: 1, shots: 1, testShots: 0{arguments})\n'
        f"print(json((0..<1000).map {{ i in {seen} }}))")
    assert result.returncode == 0, result.stderr
    return set(np.round(np.array(json.loads(result.stdout)) * 255).astype(int))


def refusal(name, folder, arguments=""):
    result = run(f'{name}("{folder}"{arguments})')
    assert result.returncode == 1 and result.stderr.startswith("-e:1:"), result.stderr
    return result.stderr


def image(value, side=8, kind="PNG", mode="L"):
    buffer = io.BytesIO()
    Image.new(mode, (side, side), value).save(buffer, kind)
    return buffer.getvalue()


# CIFAR-100

def cifar_records(count, coarse=lambda fine: fine // 5):
    """Images whose red is the class."""
    records = np.zeros((count, 3074), np.uint8)
    records[:, 1] = np.arange(count) % 100
    records[:, 0] = [coarse(fine) for fine in records[:, 1]]
    records[:, 2:1026] = records[:, 1:2]
    return records.tobytes()


def cifar_archive(path, train, test, prefix="cifar-100-binary"):
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name, data in (("fine_label_names.txt", b"apple\n"), ("test.bin", test), ("train.bin", train)):
            if data is not None:
                entry = tarfile.TarInfo(f"{prefix}/{name}")
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))


@pytest.fixture(scope="module")
def cifar(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cifar")
    cifar_archive(folder / "cifar-100-binary.tar.gz", cifar_records(50_000), cifar_records(10_000))
    return folder


def test_cifar_is_read_from_its_archive(cifar):
    validation = {4, 55, 32, 73, 40, 87, 7, 14, 71, 15, 19, 26, 27, 47, 48, 89}
    assert values("CIFARFS", cifar, ", metaSplit: .val, imageSize: 2") == validation
    assert sorted(path.name for path in cifar.iterdir()) == ["cifar-100-binary.tar.gz"]


@pytest.mark.parametrize("train, words", [
    (lambda: None, "train.bin is expected in it"),
    (lambda: cifar_records(49_999), "where 153700000 are expected"),
    (lambda: cifar_records(50_000, coarse=lambda fine: 20), "in superclass 20"),
    (lambda: b"\0" * 153_700_000, "50100 images of apple, where 600"),
])
def test_cifar_that_is_incomplete_is_refused(tmp_path, train, words):
    cifar_archive(tmp_path / "cifar-100-binary.tar.gz", train(), cifar_records(10_000))
    error = refusal("CIFARFS", tmp_path)
    assert words in error, error


def test_cifar_that_is_cut_off_is_refused(cifar, tmp_path):
    data = (cifar / "cifar-100-binary.tar.gz").read_bytes()
    path = tmp_path / "cifar-100-binary.tar.gz"
    for damaged, words in [(data[:len(data) // 2], "truncated"), (b"no archive", "tar"), (b"", "tar"),
                           (gzip.compress(b"x" * 2000), "no tar file")]:
        path.write_bytes(damaged)
        error = refusal("FC100", tmp_path)
        assert "cifar-100-binary.tar.gz" in error and words in error, error
    path.unlink()
    (tmp_path / "train.bin").write_bytes(b"\0" * 3073)
    assert "train.bin: it ends too early" in refusal("FC100", tmp_path)


# DoubleMNIST

def double_mnist(path, name="double_mnist_seed_123_image_size_64_64", missing=None, first=None):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../escaped.png", image(0))
        for number in range(100):
            part = "test" if number % 5 == 0 else "val" if number % 5 == 1 and number < 80 else "train"
            if number != missing:
                data = first if first is not None and number == 0 else image(number)
                archive.writestr(f"{name}/{part}/{number:02}/0_{number:02}.png", data)


def test_numbers_are_read_from_their_archive(tmp_path):
    double_mnist(tmp_path / "double_mnist_seed_123_image_size_64_64.zip")
    assert values("DoubleMNIST", tmp_path, ", metaSplit: .test") == set(range(0, 100, 5))
    assert len(list(tmp_path.rglob("*"))) == 1 and not list(tmp_path.parent.rglob("escaped.png"))


@pytest.mark.parametrize("options, words", [
    ({"missing": 5}, "20 numbers of 2 digits are expected in test/, and it has 19"),
    ({"name": "other"}, "and it has 0 classes"),
    ({"first": b"no image"}, "00/0_00.png: it is neither"),
])
def test_archives_of_numbers_that_are_incomplete_are_refused(tmp_path, options, words):
    double_mnist(tmp_path / "double_mnist_seed_123_image_size_64_64.zip", **options)
    error = refusal("DoubleMNIST", tmp_path, ", metaSplit: .test")
    assert "double_mnist" in error and words in error, error


# Letter and plants

@pytest.mark.parametrize("name, file, columns, rows", [
    ("Letter", "letter-recognition.data", 16, 20_000), ("PlantsTexture", "data_Tex_64.txt", 64, 1599),
    ("PlantsMargin", "data_Mar_64.txt", 64, 1600), ("PlantsShape", "data_Sha_64.txt", 64, 1600),
])
def test_tables_that_are_damaged_are_refused_with_the_line(tmp_path, name, file, columns, rows):
    good = "A," + ",".join("1" for _ in range(columns)) + "\n"
    for text, words in [
        (good * 3, f"it has 3 lines, where {rows} are expected"),
        (good + good[:-3] + "\n", f"line 2: a class and {columns} numbers are expected"),
        (good + good.replace("1", "x", 1), "line 2"), (good + good.replace("1", "nan", 1), "line 2"),
        (good * rows, "classes" if name == "Letter" else "it has 1 species, where 100 are expected"),
        ("\0\xff\n", "line 1"),
    ]:
        (tmp_path / file).write_text(text, encoding="latin1")
        error = refusal(name, tmp_path)
        assert file in error and words in error, error


# miniImageNet and tieredImageNet

MINI = {"train": 64, "val": 16, "test": 20}
TIERED = {"train": 351, "val": 97, "test": 160}


def mini(count, side=6, per_class=3, lists=True):
    images = np.zeros((count * per_class, side, side, 3), np.uint8)
    images[..., 0] = (np.arange(count * per_class) // per_class)[:, None, None]
    places = {f"n{k:08}": list(range(k * per_class, (k + 1) * per_class)) for k in range(count)}
    if not lists:
        places = {name: np.array(own) for name, own in places.items()}
    return {"image_data": images, "class_dict": places}


@pytest.mark.parametrize("protocol", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("lists", [True, False])
def test_mini_imagenet_is_read_from_pickles(tmp_path, protocol, lists):
    (tmp_path / "mini-imagenet-cache-val.pkl").write_bytes(pickle.dumps(mini(16, lists=lists), protocol))
    assert values("MiniImagenet", tmp_path, ", metaSplit: .val, imageSize: 4") == set(range(16))


def as_python2(data):
    """Rewrites text as Python 2 writes it, and arrays' bytes as its text."""
    class Writer(pickle._Pickler):
        dispatch = dict(pickle._Pickler.dispatch)

        def save_text(self, text):
            raw = text.encode()
            self.write(b"U" + bytes([len(raw)]) + raw if len(raw) < 256 else b"T" + struct.pack("<I", len(raw)) + raw)

        def save_raw(self, raw):
            self.write(b"T" + struct.pack("<I", len(raw)) + raw)

        dispatch[str] = save_text
        dispatch[bytes] = save_raw
    buffer = io.BytesIO()
    Writer(buffer, 2).dump(data)
    return buffer.getvalue()


def test_mini_imagenet_is_read_as_python_2_wrote_it(tmp_path):
    (tmp_path / "mini-imagenet-cache-test.pkl").write_bytes(as_python2(mini(20)))
    assert values("MiniImagenet", tmp_path, ", metaSplit: .test, imageSize: 4") == set(range(20))


@pytest.mark.parametrize("dtype", ["<i8", ">i4", "u2"])
def test_tiered_imagenet_is_read_from_pickles(tmp_path, dtype):
    labels = np.repeat(np.arange(97), 2).astype(dtype)
    images = [np.frombuffer(image((int(label), 0, 0), mode="RGB"), np.uint8).reshape(-1, 1) for label in labels]
    (tmp_path / "val_images_png.pkl").write_bytes(pickle.dumps(images, 2))
    (tmp_path / "val_labels.pkl").write_bytes(pickle.dumps({
        "label_specific": labels, "label_specific_str": [f"class {k}" for k in range(97)], "label_general": labels,
    }, 2))
    assert values("TieredImagenet", tmp_path, ", metaSplit: .val, imageSize: 4, inMemory: true") <= set(range(97))
    assert values("TieredImagenet", tmp_path, ", metaSplit: .val, imageSize: 4, inMemory: false") <= set(range(97))
    (tmp_path / "val_images_png.pkl").write_bytes(pickle.dumps(images[:-1], 2))
    assert "a list of 194 images is expected" in refusal("TieredImagenet", tmp_path, ", metaSplit: .val")
    images[7] = np.frombuffer(b"no image", np.uint8)
    (tmp_path / "val_images_png.pkl").write_bytes(pickle.dumps(images, 2))
    assert "image 7: it is neither a PNG" in refusal("TieredImagenet", tmp_path, ", metaSplit: .val")
    # Images that are decoded as tasks draw them are found broken then, and the same is said.
    drawn = run(
        f'TieredImagenet("{tmp_path}", ways: 97, shots: 1, testShots: 1, metaSplit: .val, inMemory: false)[0]')
    assert drawn.returncode == 1 and "image 7: it is neither a PNG" in drawn.stderr
    assert drawn.stderr.startswith("-e:1:")


def test_a_pickle_that_is_cut_while_tasks_are_drawn_ends_no_session(tmp_path):
    labels = [k % 97 for k in range(194)]
    images = [np.frombuffer(image((k, 0, 0), mode="RGB"), np.uint8).reshape(-1, 1) for k in labels]
    (tmp_path / "val_images_png.pkl").write_bytes(pickle.dumps(images, 2))
    (tmp_path / "val_labels.pkl").write_bytes(pickle.dumps(
        {"label_specific": labels, "label_specific_str": [f"class {k}" for k in range(97)]}, 2))
    (tmp_path / "cut.loop").write_text(f'''
let t = TieredImagenet("{tmp_path}", ways: 97, shots: 1, testShots: 1, metaSplit: .val, imageSize: 4, inMemory: false)
print(t[0].train.inputs.shape)
_ = readLine()
do {{ _ = t[1] }} catch {{ print(error) }}
print("still here")
''')
    with subprocess.Popen(
            [BINARY, "run", tmp_path / "cut.loop"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "[97, 3, 4, 4]\n"
        os.truncate(tmp_path / "val_images_png.pkl", 100)
        out, _ = process.communicate("go on\n", timeout=60)
    assert process.returncode == 0
    assert "it was cut off while it was being read" in out and "still here" in out


def test_imagenet_is_read_from_folders(tmp_path):
    for number in range(20):
        (tmp_path / f"test/n{number:08}").mkdir(parents=True)
        (tmp_path / f"test/n{number:08}/a.JPEG").write_bytes(image((number, 0, 0), mode="RGB"))
    assert values("MiniImagenet", tmp_path, ", metaSplit: .test, imageSize: 4") == set(range(20))
    assert "20 classes, where 160 are expected" in refusal("TieredImagenet", tmp_path, ", metaSplit: .test")


class Attack:
    def __reduce__(self):
        return os.system, ("touch escaped",)


def nested(depth):
    """A tuple in a tuple in a tuple."""
    return b"\x80\x02]" + b"\x85" * depth + b"."


GOOD = pickle.dumps(mini(16), 2)


@pytest.mark.parametrize("data, words", [
    (pickle.dumps(Attack(), 2), "system; only numbers"),
    (pickle.dumps(Attack(), 4), "system; only numbers"),
    (b"\x80\x02cos\nsystem\n(U\x04lstR.", "Python's os.system"),
    (b"cos\nsystem\n(S'ls'\ntR.", "no pickle"),
    (pickle.dumps(mini(16), 0), "protocol"),
    (pickle.dumps({"image_data": object(), "class_dict": {}}, 2), "only numbers"),
    (pickle.dumps({"image_data": np.array([None]), "class_dict": {}}, 2), "type O8"),
    (pickle.dumps({"image_data": np.zeros(3), "class_dict": {}}, 2), "type f8"),
    (pickle.dumps({1, 2}, 4), "it holds objects"),
    (GOOD[:-1], "cut off"), (GOOD[:len(GOOD) // 2], "cut off"), (GOOD[:60], "cut off"),
    (b"", "no pickle"), (b"no pickle", "no pickle"), (b"\x80\x09.", "protocol 9"),
    (b"\x80\x02.", "damaged"), (b"\x80\x02e.", "damaged"), (b"\x80\x02h\x07.", "damaged"),
    (b"\x80\x02X\xff\xff\xff\xff.", "cut off"), (b"\x80\x05\x8e" + b"\xff" * 8 + b".", "damaged"),
    (b"\x80\x02]]a]a}s.", "damaged"), (b"\x80\x02\x8a\x09" + b"\x7f" * 9 + b".", "beyond 64 bits"),
    (nested(1_000_000), "image_data and class_dict is expected"),
    (b"\x80\x02]q\x00h\x00a.", "image_data and class_dict is expected"),
    (pickle.dumps({"class_dict": {}}, 2), "image_data and class_dict is expected"),
    (pickle.dumps(mini(15), 2), "it has 15 classes, where 16 are expected"),
    (pickle.dumps({"image_data": np.zeros((4, 3), np.uint8), "class_dict": {}}, 2), "[n, height, width, 3]"),
    (pickle.dumps({"image_data": np.zeros((1, 2, 2, 3), np.int64), "class_dict": {}}, 2), "array of bytes"),
    (pickle.dumps({**mini(16), "class_dict": {"a": [48]}}, 2), "0 to 47"),
    (pickle.dumps({**mini(16), "class_dict": {"a": [-1]}}, 2), "0 to 47"),
    (pickle.dumps({**mini(16), "class_dict": {"a": "b"}}, 2), "0 to 47"),
    (pickle.dumps({"image_data": np.zeros((0, 2**20, 2**20, 3), np.uint8), "class_dict": {}}, 4), "a side are expected"),
])
def test_pickles_that_are_hostile_or_incomplete_are_refused(tmp_path, data, words):
    path = tmp_path / "mini-imagenet-cache-val.pkl"
    path.write_bytes(data)
    result = subprocess.run(
        [BINARY, "-e", f'MiniImagenet("{tmp_path}", metaSplit: .val)'], capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert result.returncode == 1 and "mini-imagenet-cache-val.pkl" in result.stderr and words in result.stderr, result.stderr
    assert list(tmp_path.iterdir()) == [path]


def test_every_change_of_a_byte_of_a_pickle_is_survived(tmp_path):
    data = pickle.dumps(mini(16, side=1, per_class=1), 4)
    path = tmp_path / "mini-imagenet-cache-val.pkl"
    code = f"""
    var n = 0
    for i in 0..<400 {{
      do {{ let t = MiniImagenet("{tmp_path}/\\(i)", ways: 1, testShots: 0, metaSplit: .val, imageSize: 1); n += t[0].train.count }} catch {{ n += 1 }}
    }}
    print(n)
    """
    rng = np.random.default_rng(0)
    for place in range(400):
        changed = bytearray(data)
        changed[rng.integers(len(data))] = rng.integers(256)
        (tmp_path / str(place)).mkdir()
        (tmp_path / f"{place}/{path.name}").write_bytes(changed)
    assert run(code).stdout == "400\n"


# CUB

def test_birds_are_split_by_their_numbers(tmp_path):
    images = tmp_path / "CUB_200_2011/images"
    for number in range(1, 201):
        (images / f"{number:03}.Bird").mkdir(parents=True)
        (images / f"{number:03}.Bird/a.jpg").write_bytes(image((number, number, number), mode="RGB"))
    assert values("CUB", tmp_path, ", metaSplit: .test, imageSize: 4") == set(range(4, 201, 4))
    assert values("CUB", tmp_path / "CUB_200_2011", ", metaSplit: .val, imageSize: 4") == set(range(2, 201, 4))
    assert values("CUB", tmp_path, ", imageSize: 4") <= set(range(1, 201, 2))
    (images / "200.Bird").rename(images / "201.Bird")
    assert "images: the folders of 200 species are expected" in refusal("CUB", tmp_path)
    assert "CUB_200_2011.tgz" in refusal("CUB", tmp_path / "none")
