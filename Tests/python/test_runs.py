"""Training that lasts: `innerloop train` and `innerloop test`, killed and started again, and what they leave."""

import json
import os
import pathlib
import random
import re
import signal
import subprocess

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("INNERLOOP_BIN", ROOT / ".build/release/innerloop")).absolute()
pytestmark = pytest.mark.skipif(not BINARY.exists(), reason=f"{BINARY} is not built")

SINUSOID = ["--dataset", "sinusoid", "--num-shots", "5", "--step-size", "0.01", "--batch-size", "8", "--validation-batches", "5"]


def innerloop(*arguments, folder):
    return subprocess.run(
        [BINARY, *map(str, arguments)], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)


def scalars(folder, name):
    events = EventAccumulator(str(folder), size_guidance={"scalars": 0}).Reload()
    return [(event.step, event.value) for event in events.Scalars(name)]


def rows(path):
    head, *lines = path.read_text().splitlines()
    return [dict(zip(head.split(","), line.split(","))) for line in lines]


def test_a_run_leaves_its_configuration_program_checkpoints_and_logs(tmp_path):
    done = innerloop("train", "-o", "run", "--epochs", 3, "--num-batches", 20, *SINUSOID, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "60" in done.stdout and "loss" in done.stdout
    run = tmp_path / "run"
    config = json.loads((run / "config.json").read_text())
    assert (config["dataset"], config["shots"], config["epochs"], config["stepSize"]) == ("sinusoid", 5, 3, 0.01)
    training, validation = rows(run / "training.csv"), rows(run / "validation.csv")
    assert [int(row["iteration"]) for row in training] == list(range(1, 61))
    assert [int(row["iteration"]) for row in validation] == [20, 40, 60]
    assert [(int(row["iteration"]), pytest.approx(float(row["loss"]))) for row in training] == scalars(run, "loss")
    assert [step for step, _ in scalars(run, "validation/loss")] == [20, 40, 60]
    # The program alone does the same in another place.
    (tmp_path / "other").mkdir()
    assert innerloop("run", run / "train.loop", folder=tmp_path / "other").returncode == 0
    for name in ["last.safetensors", "best.safetensors", "training.csv", "validation.csv"]:
        assert (tmp_path / "other/run" / name).read_bytes() == (run / name).read_bytes()


def test_a_killed_run_goes_on_with_the_numbers_of_an_unbroken_one(tmp_path):
    command = ["--epochs", 40, "--num-batches", 50, *SINUSOID]
    assert innerloop("train", "-o", "whole", *command, folder=tmp_path).returncode == 0
    draw = random.Random(7)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/last.safetensors.1.2.partial").write_text("cut off by a kill")
    kills = 0
    while kills < 8:
        process = subprocess.Popen(
            [BINARY, "train", "-o", "broken", *map(str, command)], cwd=tmp_path, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # Anywhere: while it reads, trains, validates or writes.
        try:
            process.wait(draw.uniform(0.02, 0.35))
            break
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
    assert kills >= 2
    done = innerloop("train", "-o", "broken", *command, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ["last.safetensors", "best.safetensors", "training.csv", "validation.csv"]:
        assert (tmp_path / "broken" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    assert scalars(tmp_path / "broken", "loss") == scalars(tmp_path / "whole", "loss")
    assert not list((tmp_path / "broken").glob("*.partial"))


def test_ctrl_c_leaves_a_checkpoint_of_the_last_whole_step(tmp_path):
    process = subprocess.Popen(
        [BINARY, "train", "-o", "run", "--epochs", "1000000", "--num-batches", "1000000", *SINUSOID], cwd=tmp_path,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    # The first report of progress that tells of a whole step.
    for line in process.stderr:
        if re.search(r"training [1-9]", line):
            break
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130, process.stderr.read()
    steps = len(rows(tmp_path / "run/training.csv"))
    assert steps > 0
    code = 'let m = MAML(MetaMLPModel(1, 1, hiddenSizes: [40, 40]), optimizer: Adam(lr: 0.001)); m.load("run/last.safetensors"); m.iteration'
    assert innerloop("-e", code, folder=tmp_path).stdout.strip() == str(steps)


def test_test_measures_the_best_checkpoint_after_each_step(tmp_path):
    assert innerloop("train", "-o", "run", "--epochs", 3, "--num-batches", 20, *SINUSOID, folder=tmp_path).returncode == 0
    done = innerloop("test", "run", "--num-steps", 4, "--num-batches", 5, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "over 40 tasks" in done.stdout
    results = json.loads((tmp_path / "run/results.json").read_text())
    assert results["step"] == [0, 1, 2, 3, 4]
    assert results["test (query) loss"][4] < results["test (query) loss"][0]
    again = innerloop("test", "run/config.json", "--num-steps", 4, "--num-batches", 5, "--results", "r.csv", folder=tmp_path)
    assert again.stdout == done.stdout
    assert (tmp_path / "r.csv").read_text().startswith("step,")


@pytest.mark.parametrize("learner", ["maml", "fomaml", "meta-sgd", "anil", "reptile", "imaml", "prototypical", "matching"])
def test_every_learner_trains_on_images(tmp_path, learner):
    options = ["--dataset", "glyphs", "--hidden-size", 4, "--batch-size", 2, "--test-shots", 2, "--shots", 1]
    done = innerloop(
        "train", "-o", "run", "--learner", learner, "--epochs", 1, "--num-batches", 2, "--validation-batches", 1, *options,
        folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path / "run/validation.csv")[0]["accuracy"]
    assert "note" not in done.stderr
    assert innerloop("test", "run", "--num-batches", 1, folder=tmp_path).returncode == 0


def test_another_run_in_the_same_folder_is_refused_by_what_differs(tmp_path):
    options = ["--epochs", 1, "--num-batches", 5, *SINUSOID]
    assert innerloop("train", "-o", "run", *options, folder=tmp_path).returncode == 0
    refused = innerloop("train", "-o", "run", *options, "--seed", 1, "--meta-lr", 0.1, folder=tmp_path)
    assert refused.returncode == 1
    assert "metaLearningRate, seed" in refused.stderr
    longer = innerloop("train", "-o", "run", "--config", "run/config.json", folder=tmp_path)
    assert longer.returncode == 0 and "meta-update 5" in longer.stderr
    assert innerloop("train", "-o", "copy", "--config", "run/config.json", folder=tmp_path).returncode == 0
    assert (tmp_path / "copy/last.safetensors").read_bytes() == (tmp_path / "run/last.safetensors").read_bytes()


@pytest.mark.parametrize(
    "text, words",
    [("{", "no JSON"), ("{}", "is missing"), ('{"dataset": 3}', "another type"), (None, "cannot be read")])
def test_a_configuration_that_is_none_is_refused_with_its_name(tmp_path, text, words):
    if text is not None:
        (tmp_path / "config.json").write_text(text)
    for command in (["train", "-o", "run", "--config", "config.json"], ["test", "config.json"]):
        done = innerloop(*command, folder=tmp_path)
        assert done.returncode == 1
        assert "config.json" in done.stderr and words in done.stderr, done.stderr


def test_a_configuration_with_impossible_numbers_is_refused(tmp_path):
    assert innerloop("train", "-o", "run", "--epochs", 1, "--num-batches", 2, *SINUSOID, folder=tmp_path).returncode == 0
    config = json.loads((tmp_path / "run/config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"epochs": 1 << 62, "batches": 1 << 62}))
    done = innerloop("train", "-o", "other", "--config", "config.json", folder=tmp_path)
    assert done.returncode == 1 and "1000000" in done.stderr


@pytest.mark.parametrize(
    "arguments", [["train"], ["train", "-o", "x"], ["train", "-o", "x", "--dataset", "nope"], ["train", "-o", "x", "--dataset", "sinusoid", "--ways", "0"], ["test"]])
def test_bad_usage_exits_with_two(tmp_path, arguments):
    done = innerloop(*arguments, folder=tmp_path)
    assert done.returncode == 2 and "rror" in done.stderr


def test_names_with_quotes_and_newlines_are_only_names(tmp_path):
    name = 'a "b" \\(1) \\ \n c'
    done = innerloop("train", "-o", name, "--epochs", 1, "--num-batches", 2, *SINUSOID, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / name / "last.safetensors").exists()
