"""Programs that compute at the same time share the cores: none spends processor time on waiting for the others."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("INNERLOOP_BIN", ROOT / ".build/release/innerloop")).absolute()
TRAINING = """
let model = MetaMLPModel(1, 1, hiddenSizes: [128, 128])
let maml = MAML(model, optimizer: Adam(lr: 0.001), stepSize: 0.01, numAdaptationSteps: 5)
let history = maml.train(Sinusoid(shots: 10).batches(of: 25), maxBatches: 60)
"""


def processor_seconds(count, threads):
    """The processor time of each of so many trainings at once."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    running = [subprocess.Popen([BINARY, "-e", TRAINING], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
               for _ in range(count)]
    spent = 0
    for process in running:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        spent += usage.ru_utime + usage.ru_stime
    return spent / count


@pytest.mark.skipif(not BINARY.exists(), reason=f"{BINARY} is not built")
def test_four_trainings_with_more_threads_than_cores_cost_little_more_than_one_with_one_thread():
    alone = processor_seconds(1, threads=1)
    crowded = processor_seconds(4, threads=2 * (os.cpu_count() or 1))
    # Threads that wait by spinning would cost a core each: four to eight times as much.
    assert crowded < 2 * alone + 0.2
