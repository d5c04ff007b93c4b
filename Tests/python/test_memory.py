"""Nothing is lost over time: the resident memory of a process that trains stays flat, and so do a kernel's memory,
descriptors and threads over trainings, requests and visitors; and it sleeps while nobody asks anything.
"""

import os
import pathlib
import subprocess
import sys
import types

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("INNERLOOP_BIN", ROOT / ".build/release/innerloop")).absolute()

PROGRAMS = {
    "second-order MAML with dropout": (
        """
        let model = MetaSequential(MetaLinear(1, 32), Tanh(), Dropout(0.1), MetaLinear(32, 1))
        let maml = MAML(model, optimizer: Adam(), stepSize: 0.01, numAdaptationSteps: 2)
        let batches = Sinusoid(shots: 20, testShots: 20).batches(of: 4)
        func train(_ n: Int) { for r in maml.trainIter(batches, maxBatches: n) { } }
        """
    ),
    "steps of a batch of tasks, written out": (
        """
        let model = MetaMLPModel(1, 1, hiddenSizes: [8])
        let maml = MAML(model, optimizer: SGD(lr: 0.001), stepSize: 0.01)
        let batch = Sinusoid(shots: 5, testShots: 5).batch(4)
        func train(_ n: Int) {
            for i in 0..<n {
                let gradients = gradient(of: maml.outerLoss(batch).loss, wrt: model)
                SGD(lr: 0.001).step(model, gradients: gradients)
            }
        }
        """
    ),
    "a training loop by hand": (
        """
        let x = randn(16, 8)
        let model = MetaLinear(8, 8)
        let optimizer = SGD(lr: 0.01)
        func train(_ n: Int) {
            for i in 0..<n {
                let fast = gradientUpdateParameters(model, mse(model(x), x), stepSize: 0.1)
                optimizer.step(model, loss: mse(model(x, params: fast), x))
            }
        }
        """
    ),
}


@pytest.mark.skipif(not BINARY.exists(), reason=f"{BINARY} is not built")
@pytest.mark.parametrize("name", PROGRAMS)
def test_ten_thousand_training_steps_keep_the_memory_flat(name):
    program = PROGRAMS[name] + 'train(1000)\nprint("warm")\nlet _ = readLine()\ntrain(10000)\nprint("done")\nlet _ = readLine()'
    process = subprocess.Popen([BINARY, "-e", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def resident_kilobytes(message):
        assert process.stdout.readline() == message + "\n"
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    try:
        before = resident_kilobytes("warm")
        process.stdin.write("\n")
        process.stdin.flush()
        after = resident_kilobytes("done")
        # A step's arrays are tens of kilobytes: keeping a hundredth of them would be megabytes.
        assert after - before < 2000
        process.communicate("\n", timeout=30)
        assert process.returncode == 0
    finally:
        process.kill()


def endurance(*options):
    command = [sys.executable, ROOT / "tools/endurance.py", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env={**os.environ, "INNERLOOP_BIN": BINARY})


@pytest.mark.skipif(not BINARY.exists(), reason=f"{BINARY} is not built")
def test_a_kernel_keeps_its_memory_and_descriptors_and_sleeps_while_nobody_asks():
    run = endurance("--iterations", "8000", "--requests", "1040", "--clients", "8", "--idle", "4", "--hours", "0")
    assert run.returncode == 0, run.stderr + run.stdout
    assert "| 8000 |" in run.stdout and "| 1,040 requests, 8 clients |" in run.stdout


def test_what_grows_is_named(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    from endurance import Report

    before = types.SimpleNamespace(resident=50_000_000, descriptors=39, threads=10)
    report = Report()
    report.flat("training", before, types.SimpleNamespace(resident=60_000_000, descriptors=40, threads=12), kept=1000)
    assert report.problems == [
        "training: the memory grew by 10.0 MB", "training: 1 descriptors were not closed", "training: 2 threads more"]
    report.problems.clear()
    report.flat("training", before, types.SimpleNamespace(resident=51_000_000, descriptors=39, threads=11))
    assert not report.problems
