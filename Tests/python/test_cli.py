"""The command line as a shell sees it: what it prints, where, and its exit status."""

import json
import os
import pathlib
import re
import signal
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("INNERLOOP_BIN", ROOT / ".build/release/innerloop")).absolute()
pytestmark = pytest.mark.skipif(not BINARY.exists(), reason=f"{BINARY} is not built")


def innerloop(*arguments, stdin="", **options):
    return subprocess.run(
        [BINARY, *arguments], input=stdin, capture_output=True, text=True, timeout=120, **options)


@pytest.fixture
def script(tmp_path):
    def write(text, name="script.loop"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def test_a_script_runs_and_finds_its_arguments(script):
    run = innerloop("run", script('print(args)\nprint(1 + 1)\n3'), "--", "a", "--b")
    assert (run.returncode, run.stdout, run.stderr) == (0, '["a", "--b"]\n2\n', "")


def test_a_failing_script_says_where_on_standard_error(script):
    path = script("let x = 1\nprint(x / 0)\n")
    run = innerloop("run", path)
    assert run.returncode == 1
    assert run.stdout == ""
    first, source, caret, *_ = run.stderr.splitlines()
    assert first.startswith(f"{path}:2:7: error: ")
    assert "print(x / 0)" in source
    assert caret.strip(" |").startswith("^")


def test_check_finds_all_problems_and_runs_nothing(script):
    run = innerloop("check", script('print("ran")\nlet a = foo(1)\nzeros(2).reshap(1)\n'))
    assert run.returncode == 1
    assert "ran" not in run.stdout
    assert ":2:9: error: " in run.stderr
    assert innerloop("check", script('print("ran")')).stdout == ""


@pytest.mark.parametrize("name", ["missing.loop", "."])
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path, name):
    run = innerloop("run", tmp_path / name)
    assert run.returncode == 1
    assert len(run.stderr.splitlines()) == 1
    assert str(tmp_path / name) in run.stderr


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "binary.loop"
    path.write_bytes(b"\xff\xfe\x00print")
    run = innerloop("run", path)
    assert run.returncode == 1
    assert "UTF-8" in run.stderr


def test_code_on_the_command_line_shows_its_value():
    assert innerloop("-e", "[1, 2].map { 2 * $0 }").stdout == "[2, 4]\n"


def test_standard_input_is_a_script_when_it_is_no_terminal():
    run = innerloop(stdin="func f(_ n: Int) -> Int { n + 1 }\nprint(f(1))")
    assert (run.returncode, run.stdout) == (0, "2\n")
    assert innerloop(stdin="print(").returncode == 1


@pytest.mark.parametrize("arguments", [["frobnicate"], ["run"], ["run", "--nope", "x"], ["bench", "nope"], ["-e"]])
def test_bad_usage_exits_with_two(arguments):
    run = innerloop(*arguments)
    assert run.returncode == 2
    assert "rror" in run.stderr


def test_help_and_version_succeed():
    assert "SUBCOMMANDS" in innerloop("--help").stdout
    assert innerloop("--version").stdout.strip()


def test_the_kernelspec_is_installed_and_removed(tmp_path):
    folder = tmp_path / "share/jupyter/kernels/innerloop"
    assert innerloop("install", "--prefix", tmp_path).returncode == 0
    spec = json.loads((folder / "kernel.json").read_text())
    assert spec["argv"] == [str(BINARY.resolve()), "kernel", "{connection_file}"]
    assert spec["interrupt_mode"] == "message"
    assert innerloop("uninstall", "--prefix", tmp_path).returncode == 0
    assert not folder.exists()
    again = innerloop("uninstall", "--prefix", tmp_path)
    assert again.returncode == 1
    assert len(again.stderr.splitlines()) == 1


def test_a_program_of_no_package_says_where_its_notebooks_are(tmp_path):
    run = innerloop("notebooks", tmp_path / "mine")
    assert run.returncode == 1
    assert len(run.stderr.splitlines()) == 1 and "no notebooks came with" in run.stderr
    assert not (tmp_path / "mine").exists()


def test_a_connection_file_that_is_missing_is_one_sentence(tmp_path):
    run = innerloop("kernel", tmp_path / "nothing.json")
    assert run.returncode == 1
    assert len(run.stderr.splitlines()) == 1


def test_bench_prints_the_figures_of_a_workload_as_json():
    line = json.loads(innerloop("bench", "sinusoid", "--seconds", "0.1", "--threads", "1").stdout)
    assert line["workload"] == "sinusoid"
    assert line["threads"] == 1
    assert line["steps_per_s"] > 0
    assert 0 < line["first_step_s"] < 60
    assert set(line) == {
        "workload", "peer", "threads", "steps_per_s", "first_step_s", "peak_rss_mb", "loss"}


def test_bench_takes_other_sizes_where_they_mean_something():
    line = json.loads(innerloop(
        "bench", "sinusoid", "--seconds", "0.1", "--tasks", "3", "--steps", "2", "--shots", "4", "--recompute").stdout)
    assert line["steps_per_s"] > 0
    refused = innerloop("bench", "mldg", "--tasks", "3")
    assert refused.returncode != 0
    assert "mldg has sizes of its own" in refused.stderr
    assert "--steps must be between" in innerloop("bench", "omniglot", "--steps", "0").stderr


def test_bench_tells_where_the_time_of_a_step_goes():
    table = innerloop("bench", "sinusoid", "--seconds", "0.1", "--profile").stdout
    assert re.search(r"^matmul +\d+ +[\d.]+ +[\d.]+$", table, re.MULTILINE)
    assert re.search(r"^step +\d+ +[\d.]+ +100\.0$", table, re.MULTILINE)


def test_ctrl_c_ends_a_script_between_two_steps(script):
    process = subprocess.Popen(
        [BINARY, "run", script('print("ready")\nwhile true { }')], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "interrupted" in errors


def test_the_number_of_threads_follows_the_environment():
    def threads(**environment):
        return int(innerloop("-e", "threads()", env={**os.environ, **environment}).stdout)

    assert threads(OMP_NUM_THREADS="3") == 3
    assert threads(OMP_NUM_THREADS="1,2") == 1
    assert 1 <= threads(OMP_NUM_THREADS="many") <= len(os.sched_getaffinity(0))
