"""Programs on several processes, started by the real mpirun."""

import os
import pathlib
import shutil
import signal
import subprocess

import pytest
from jupyter_client import KernelManager

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = str(pathlib.Path(os.environ.get("INNERLOOP_BIN", ROOT / ".build/release/innerloop")).absolute())
LIBRARY = pathlib.Path(BINARY).parent / "libCMPI.so"


def built_with_mpi():
    return LIBRARY.exists() and b"libmpi" in LIBRARY.read_bytes()


pytestmark = [
    pytest.mark.skipif(shutil.which("mpirun") is None, reason="mpirun is not installed; make mpi installs it"),
    pytest.mark.skipif(not built_with_mpi(), reason="innerloop was built without MPI; make mpi build"),
]

ENVIRONMENT = {
    **os.environ,
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMP_NUM_THREADS": "1",
}

TRAINING = """
let tasks = Sinusoid(shots: 5, seed: 1)
let maml = MAML(ModelMLPSinusoid(hiddenSizes: [16, 16], seed: 2), optimizer: Adam(lr: 0.01), stepSize: 0.05)
maml.train(tasks.batches(of: 8), maxBatches: 30)
maml.history.table.save("history.csv")
maml.save("learner.safetensors")
print("done", maml.history.losses.count)
"""


def mpirun(ranks, folder, program, **options):
    script = folder / "program.loop"
    script.write_text(program)
    return subprocess.run(
        ["mpirun", "-n", str(ranks), "--oversubscribe", BINARY, "run", script.name],
        cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, **options,
    )


def start(ranks, folder, program, **environment):
    (folder / "program.loop").write_text(program)
    return subprocess.Popen(
        ["mpirun", "-n", str(ranks), "--oversubscribe", BINARY, "run", "program.loop"],
        cwd=folder, env={**ENVIRONMENT, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )


def alone(folder, program):
    (folder / "program.loop").write_text(program)
    return subprocess.run(
        [BINARY, "run", "program.loop"], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=60
    )


@pytest.fixture
def expected(tmp_path):
    folder = tmp_path / "alone"
    folder.mkdir()
    assert alone(folder, TRAINING).returncode == 0
    return {name: (folder / name).read_bytes() for name in ("history.csv", "learner.safetensors")}


@pytest.mark.parametrize("ranks", [1, 2, 4, 8])
def test_history_and_parameters_are_those_of_one_process_bit_for_bit(ranks, tmp_path, expected):
    run = mpirun(ranks, tmp_path, TRAINING)
    assert run.returncode == 0, run.stderr
    assert run.stdout == "done 30\n"
    for name, content in expected.items():
        assert (tmp_path / name).read_bytes() == content, name


IMAGES = """
let glyphs = Glyphs(ways: 5, shots: 1, testShots: 2, seed: 1)
let maml = MAML(ModelConvOmniglot(5, hiddenSize: 8, seed: 1), optimizer: Adam(lr: 0.01), stepSize: 0.1)
let networks = PrototypicalNetworks(ModelConvOmniglot(5, hiddenSize: 32, seed: 1), optimizer: Adam(lr: 0.01))
for (name, learner) in [("maml", maml), ("networks", networks)] {
  learner.train(glyphs.batches(of: 4), maxBatches: 3)
  learner.save(name + ".safetensors")
}
"""


@pytest.mark.parametrize("ranks", [2, 3, 4, 5])
def test_models_of_images_are_those_of_one_process_bit_for_bit(ranks, tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir(), parts.mkdir()
    assert alone(whole, IMAGES).returncode == 0
    run = mpirun(ranks, parts, IMAGES)
    assert run.returncode == 0, run.stderr
    for name in ("maml.safetensors", "networks.safetensors"):
        assert (parts / name).read_bytes() == (whole / name).read_bytes(), name


MEASURING = """
let tasks = Sinusoid(shots: 5, seed: 1)
let maml = MAML(ModelMLPSinusoid(hiddenSizes: [16, 16], seed: 2), optimizer: Adam(lr: 0.01), stepSize: 0.05)
let counted = maml.evaluate(tasks.batches(of: 8), maxBatches: 13)
let listed = maml.evaluate((0..<7).map { tasks.batch(3, from: 3 * $0) }, maxBatches: 20)
counted.table.save("counted.csv")
listed.table.save("listed.csv")
print(counted.count, listed.count)
"""


@pytest.mark.parametrize("ranks", [2, 4])
def test_ranks_measure_a_batch_each_and_find_what_one_process_finds(ranks, tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir(), parts.mkdir()
    assert alone(whole, MEASURING).returncode == 0
    run = mpirun(ranks, parts, MEASURING)
    assert (run.returncode, run.stdout) == (0, "104 21\n"), run.stderr
    for name in ("counted.csv", "listed.csv"):
        assert (parts / name).read_bytes() == (whole / name).read_bytes(), name


def test_an_error_on_all_ranks_is_told_once(tmp_path):
    run = mpirun(2, tmp_path, "print(1)\nlet x = [1][3]\n")
    assert run.returncode == 1
    assert run.stdout == "1\n"
    assert run.stderr.count("program.loop:2") == 1


ENDLESS = """
let tasks = Sinusoid(shots: 5, seed: 1)
let maml = MAML(ModelMLPSinusoid(hiddenSizes: [16, 16], seed: 2), optimizer: Adam(lr: 0.01), stepSize: 0.05)
print("ready")
maml.train(tasks.batches(of: 8), until: 100000000, checkpoints: "run", every: 20)
"""


def ranks_of(job):
    children = subprocess.run(["pgrep", "-P", str(job.pid)], capture_output=True, text=True).stdout.split()
    found = {}
    for pid in children:
        environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        for entry in environment:
            if entry.startswith(b"OMPI_COMM_WORLD_RANK="):
                found[int(entry.split(b"=")[1])] = int(pid)
    return found


def started(ranks, folder, **environment):
    job = start(ranks, folder, ENDLESS, **environment)
    assert job.stdout.readline() == "ready\n"
    return job


def goes_on_from_checkpoint(folder):
    """The checkpoint that is there is whole: one process takes it over, and has nothing left to do."""
    run = alone(folder, ENDLESS.replace("until: 100000000", "until: 1"))
    assert run.returncode == 0, run.stderr


def checkpoint_appears(folder, job):
    while not (folder / "run/last.safetensors").exists():
        assert job.poll() is None, job.stderr.read()


def test_another_number_of_ranks_goes_on_with_the_same_tasks(tmp_path):
    def program(until):
        return ENDLESS.replace("until: 100000000", f"until: {until}") + 'maml.save("learner.safetensors")\n'

    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir(), parts.mkdir()
    assert alone(whole, program(60)).returncode == 0
    for ranks, until in [(2, 20), (4, 40), (1, 60)]:
        run = mpirun(ranks, parts, program(until))
        assert run.returncode == 0, run.stderr
    for name in ("learner.safetensors", "run/training.csv"):
        assert (parts / name).read_bytes() == (whole / name).read_bytes(), name


def test_a_killed_rank_ends_the_job_and_is_named(tmp_path):
    job = started(2, tmp_path)
    checkpoint_appears(tmp_path, job)
    os.kill(ranks_of(job)[1], signal.SIGKILL)
    _, errors = job.communicate(timeout=20)
    assert job.returncode != 0
    assert "rank 1" in errors, errors
    goes_on_from_checkpoint(tmp_path)


def test_a_stopped_rank_ends_the_job_and_is_named(tmp_path):
    job = started(2, tmp_path, INNERLOOP_RANK_SILENCE="2")
    checkpoint_appears(tmp_path, job)
    stopped = ranks_of(job)[1]
    os.kill(stopped, signal.SIGSTOP)
    try:
        _, errors = job.communicate(timeout=20)
    finally:
        try:
            os.kill(stopped, signal.SIGKILL)
        except ProcessLookupError:
            pass
    assert job.returncode != 0
    assert "rank 1 has not answered" in errors, errors
    goes_on_from_checkpoint(tmp_path)


def test_an_interrupt_of_the_first_rank_stops_all_after_a_whole_step(tmp_path):
    job = started(2, tmp_path)
    checkpoint_appears(tmp_path, job)
    os.kill(ranks_of(job)[0], signal.SIGINT)
    job.communicate(timeout=20)
    assert job.returncode == 130
    goes_on_from_checkpoint(tmp_path)


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """A client of a kernel whose cells run on two ranks."""
    subprocess.run([BINARY, "install", "--mpi", "2", "--prefix", str(tmp_path)], check=True, capture_output=True)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share/jupyter"))
    for name in ("OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "OMP_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
    manager = KernelManager(kernel_name="innerloop-mpi")
    manager.start_kernel(cwd=str(tmp_path))
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=30)
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel()
    assert not manager.is_alive()


def cell(client, code, on_output=lambda text: None):
    texts = []

    def hook(message):
        if message["msg_type"] == "error":
            texts.append(message["content"]["evalue"])
        if message["msg_type"] == "stream" and message["content"]["name"] == "stdout":
            texts.append(message["content"]["text"])
            on_output(message["content"]["text"])

    status = client.execute_interactive(code, timeout=40, output_hook=hook)["content"]["status"]
    return status, "".join(texts)


def test_cells_of_a_notebook_run_on_all_ranks(notebook, expected):
    _, client = notebook
    assert cell(client, TRAINING) == ("ok", "done 30\n")
    assert cell(client, "let x = [1][3]")[0] == "error"
    assert cell(client, "print(maml.history.losses.count)") == ("ok", "30\n")


def test_interrupting_a_notebook_stops_all_ranks_and_the_session_goes_on(notebook):
    manager, client = notebook
    assert cell(client, TRAINING)[0] == "ok"
    for endless in ["maml.train(tasks.batches(of: 8), maxBatches: 1000000000)", "while true { }"]:
        interrupt = lambda text: manager.interrupt_kernel()
        assert cell(client, f'print("begins")\n{endless}', interrupt)[0] == "error"
        status, text = cell(client, "maml.train(tasks.batches(of: 8), maxBatches: 2)\nprint(maml.history.losses.count)")
        assert status == "ok" and int(text) >= 32, text


def test_a_sweep_writes_its_file_once_and_goes_on_from_it_on_all_ranks(tmp_path):
    program = """
let tasks = Sinusoid(shots: 5, seed: 1)
let found = sweep(stepSize: [0.01, 0.05], to: "sweep.csv") { p in
  let maml = MAML(ModelMLPSinusoid(hiddenSizes: [8], seed: 2), optimizer: Adam(lr: 0.01), stepSize: p.stepSize)
  return maml.train(tasks.batches(of: 4), maxBatches: 5)
}
print("swept")
"""
    whole, ranks = tmp_path / "whole", tmp_path / "ranks"
    whole.mkdir(), ranks.mkdir()
    assert alone(whole, program).returncode == 0
    for _ in range(2):
        run = mpirun(4, ranks, program)
        assert (run.returncode, run.stdout) == (0, "swept\n"), run.stderr
        assert (ranks / "sweep.csv").read_bytes() == (whole / "sweep.csv").read_bytes()


SPREAD = """
let tasks = Sinusoid(shots: 5, seed: 1)
let maml = MAML(ModelMLPSinusoid(hiddenSizes: [8], seed: 2), optimizer: Adam(lr: 0.01), stepSize: 0.05)
let found = sweep(stepSize: [0.01, 0.05, 0.1], steps: [1, 2]) { p in
  print("at", p.stepSize, p.steps)
  let own = MAML(maml.model.copy(), optimizer: Adam(lr: 0.01), stepSize: p.stepSize, numAdaptationSteps: p.steps)
  return own.train(tasks.batches(of: 4), maxBatches: 5)
}
found.save("swept.csv")
let compared = compare(
  ["MAML": maml, "FOMAML": maml.branch(firstOrder: true)], on: tasks, seeds: 3, maxBatches: 20, batchSize: 4,
  testTasks: 20)
compared.runs.save("compared.csv")
print(compared)
"""


@pytest.mark.parametrize("ranks", [2, 4])
def test_combinations_and_runs_are_spread_over_ranks_and_equal_those_of_one_process(ranks, tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir(), parts.mkdir()
    expected = alone(whole, SPREAD)
    assert expected.returncode == 0, expected.stderr
    run = mpirun(ranks, parts, SPREAD)
    # What closures print on other ranks is told by the first one, in the order of the combinations.
    assert (run.returncode, run.stdout) == (0, expected.stdout), run.stderr
    for name in ("swept.csv", "compared.csv"):
        assert (parts / name).read_bytes() == (whole / name).read_bytes(), name


def test_each_rank_runs_some_of_the_combinations(tmp_path):
    program = """
let model = MetaLinear(1, 1, seed: 1)
let found = sweep(n: [1, 2, 3, 4, 5]) { p in
  model.save("\\(p.n).safetensors")
  return p.n
}
"""
    run = mpirun(2, tmp_path, program)
    assert run.returncode == 0, run.stderr
    assert sorted(path.name for path in tmp_path.glob("*.safetensors")) == [f"{n}.safetensors" for n in range(1, 6)]


def test_a_combination_that_fails_on_another_rank_is_told_and_keeps_the_rest(tmp_path):
    program = """
let found = sweep(n: [1, 2, 3, 4], to: "swept.csv") { p in
  print("n", p.n)
  return p.n == 2 ? [1][p.n] : p.n
}
"""
    run = mpirun(2, tmp_path, program)
    assert (run.returncode, run.stdout) == (1, "n 1\nn 2\n")
    assert run.stderr.count("rank 1: program.loop:4") == 1, run.stderr
    assert (tmp_path / "swept.csv").read_text() == "n,result\n1,1\n"


def test_a_closure_cannot_change_what_other_ranks_would_not_see(tmp_path):
    run = mpirun(2, tmp_path, "var best = 0\nlet t = sweep(n: [1, 2]) { p in\n  best = p.n\n  return p.n\n}\n")
    assert run.returncode == 1
    assert "`best` was there before" in run.stderr and "hint: each rank" in run.stderr
    assert alone(tmp_path, "var best = 0\nlet t = sweep(n: [1, 2]) { p in\n  best = p.n\n  return p.n\n}\n").returncode == 0


def test_a_learner_that_differs_between_ranks_is_not_trained(tmp_path):
    program = """
let tasks = Sinusoid(shots: 5, seed: 1)
let maml = MAML(ModelMLPSinusoid(hiddenSizes: [8], seed: 2), optimizer: Adam(lr: 0.01), stepSize: 0.05)
let found = sweep(n: [1, 2]) { p in maml.train(tasks.batches(of: 4), maxBatches: p.n) }
maml.train(tasks.batches(of: 4), maxBatches: 5)
"""
    run = mpirun(2, tmp_path, program)
    assert run.returncode == 1
    assert "the learner is not the same on all ranks" in run.stderr and "program.loop:5:1" in run.stderr


@pytest.mark.parametrize("what", ["sweep(n: [1, 2, 3, 4], to: \"swept.csv\") { p in\n  if p.n < 3 { return p.n }\n",
                                  "sweep(n: [1, 2, 3, 4], to: \"swept.csv\") { p in\n  if p.n != 4 { return p.n }\n"])
def test_an_interrupt_of_a_sweep_keeps_the_combinations_that_are_done(what, tmp_path):
    # The first rank, or the second, is at a combination that does not end.
    program = f"let t = {what}  while true {{ }}\n}}\nprint(\"not reached\")\n"
    job = start(2, tmp_path, program)
    table = tmp_path / "swept.csv"
    while not (table.exists() and table.read_text().count("\n") >= 3):
        assert job.poll() is None, job.stderr.read()
    os.kill(ranks_of(job)[0], signal.SIGINT)
    output, errors = job.communicate(timeout=20)
    assert job.returncode == 130, errors
    assert "not reached" not in output and "sweep has stopped" in errors
    assert table.read_text().startswith("n,result\n1,1\n2,2\n")


def test_train_writes_the_files_of_a_run_once_and_equals_one_process(tmp_path):
    command = [BINARY, "train", "--dataset", "sinusoid", "--hidden-size", "8", "--batch-size", "4", "--batches", "5",
               "--epochs", "2", "--validation-batches", "3", "--output"]
    assert subprocess.run([*command, "one"], cwd=tmp_path, env=ENVIRONMENT, timeout=60).returncode == 0
    run = subprocess.run(["mpirun", "-n", "2", "--oversubscribe", *command, "two"], cwd=tmp_path, env=ENVIRONMENT,
                         capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    for name in ("config.json", "last.safetensors", "best.safetensors", "training.csv", "validation.csv"):
        assert (tmp_path / "two" / name).read_bytes() == (tmp_path / "one" / name).read_bytes(), name
    wrong = subprocess.run(["mpirun", "-n", "2", "--oversubscribe", *command, "two", "--ways", "4", "--shots", "9"],
                           cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    assert wrong.returncode == 1 and wrong.stderr.count("is of a run with other settings") == 1, wrong.stderr


def equal_files(whole, parts, *names):
    for name in names:
        assert (parts / name).read_bytes() == (whole / name).read_bytes(), name


def both(tmp_path, ranks, program):
    """The run of one process, that of several ranks, and their folders."""
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir(), parts.mkdir()
    return alone(whole, program), mpirun(ranks, parts, program), whole, parts


UNEVEN = """
func task(_ i: Int) -> Task {
  let rows = i % 5 == 3 ? 7 : 4
  let (x, y) = (randn([rows, 1], seed: i), randn([5, 1], seed: i + 1000))
  return Task(train: (x, x * 2.0), test: (y, y * 2.0))
}
let tasks = Tasks { i in task(i) }
let maml = MAML(ModelMLPSinusoid(hiddenSizes: [16], seed: 2), optimizer: Adam(lr: 0.01), stepSize: 0.05)
maml.train(tasks.batches(of: 4), maxBatches: 12)
maml.save("learner.safetensors")
let found = maml.evaluate((0..<6).map { tasks.batch($0 == 5 ? 2 : 4, from: 4 * $0) }, maxBatches: 100)
found.table.save("found.csv")
print(found.count)
"""


@pytest.mark.parametrize("ranks", [2, 4])
def test_tasks_of_unequal_shapes_and_a_smaller_last_batch_give_what_one_process_finds(ranks, tmp_path):
    expected, run, whole, parts = both(tmp_path, ranks, UNEVEN)
    assert (expected.returncode, expected.stdout) == (0, "22\n"), expected.stderr
    assert (run.returncode, run.stdout) == (0, "22\n"), run.stderr
    equal_files(whole, parts, "learner.safetensors", "found.csv")


def test_fewer_batches_than_ranks_and_a_source_that_ends(tmp_path):
    program = """
struct Source {
  var number = 0
  let batches: [Any]
  mutating func next() -> Any? {
    if number == batches.count { number = 1000; return nil }
    number += 1
    return batches[number - 1]
  }
}
let tasks = Sinusoid(shots: 5, seed: 1)
let maml = MAML(ModelMLPSinusoid(hiddenSizes: [8], seed: 2), optimizer: Adam(lr: 0.01), stepSize: 0.05)
print(maml.evaluate(Source(batches: [tasks.batch(3), tasks.batch(3, from: 3)]), maxBatches: 20).count)
print(maml.evaluate(tasks.batches(of: 2), maxBatches: 3).count)
print(maml.evaluate([tasks.batch(2), tasks.batch(3)], maxBatches: Int.max).count)
do { print(try maml.evaluate(tasks.batches(of: 2), maxBatches: 0).count) } catch { print(error.message) }
"""
    expected, run, *_ = both(tmp_path, 4, program)
    assert expected.returncode == 0, expected.stderr
    assert expected.stdout.startswith("6\n6\n5\n"), expected.stdout
    assert (run.returncode, run.stdout) == (0, expected.stdout), run.stderr


FAILING = """
let good = Sinusoid(shots: 5, seed: 1)
let tasks = Tasks { i in
  if i == 31 { throw "task 31 is broken" }
  return good[i]
}
let maml = MAML(ModelMLPSinusoid(hiddenSizes: [8], seed: 2), optimizer: Adam(lr: 0.01), stepSize: 0.05)
"""


@pytest.mark.parametrize("options", ["maxBatches: 10", 'until: 10, checkpoints: "run", every: 100'])
def test_a_task_that_cannot_be_made_on_one_rank_is_told_by_its_own_error(options, tmp_path):
    run = mpirun(2, tmp_path, FAILING + f"maml.train(tasks.batches(of: 4), {options})\n")
    assert run.returncode == 1
    assert "rank 1" in run.stderr and "task 31 is broken" in run.stderr and "program.loop:4" in run.stderr, run.stderr
    if "checkpoints" in options:
        # A checkpoint of the last whole step: the broken task is in the eighth batch.
        run = mpirun(2, tmp_path, FAILING + 'maml.load("run/last.safetensors")\nprint(maml.iteration)\n')
        assert run.stdout == "7\n", run.stderr


def test_an_error_of_one_rank_is_caught_on_all(tmp_path):
    program = FAILING + """
do { try maml.train(tasks.batches(of: 4), maxBatches: 10) } catch { print("caught") }
maml.train(good.batches(of: 4), maxBatches: 3)
print(maml.iteration)
"""
    expected, run, *_ = both(tmp_path, 2, program)
    assert (run.returncode, run.stdout) == (0, "caught\n10\n"), run.stderr
    assert expected.stdout == run.stdout


def test_an_interrupt_of_a_long_run_leaves_a_checkpoint_of_the_last_whole_step(tmp_path):
    job = start(2, tmp_path, ENDLESS.replace("every: 20", "every: 1000000000"))
    assert job.stdout.readline() == "ready\n"
    while not (tmp_path / "run").exists():
        assert job.poll() is None, job.stderr.read()
    os.kill(ranks_of(job)[0], signal.SIGINT)
    job.communicate(timeout=20)
    assert job.returncode == 130
    assert (tmp_path / "run/last.safetensors").exists()
    goes_on_from_checkpoint(tmp_path)


def test_a_value_thrown_on_another_rank_is_told_as_it_was(tmp_path):
    run = mpirun(2, tmp_path, 'let t = sweep(n: [1, 2]) { p in\n  if p.n == 2 { throw "bad" }\n  return p.n\n}\n')
    assert run.returncode == 1
    assert "rank 1: program.loop:2" in run.stderr and "uncaught error: bad" in run.stderr, run.stderr


def test_a_file_that_one_rank_alone_sees_stops_the_sweep(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "program.loop").write_text('let t = sweep(n: [1, 2, 3, 4], to: "n.csv") { p in p.n }\n')
    (tmp_path / "a/n.csv").write_text("n,result\n1,1\n")
    one = ["-n", "1", "--oversubscribe", "--wdir"]
    run = subprocess.run(
        ["mpirun", *one, tmp_path / "a", BINARY, "run", "program.loop", ":", *one, tmp_path / "b", BINARY, "run", "program.loop"],
        env=ENVIRONMENT, capture_output=True, text=True, timeout=60,
    )
    assert run.returncode == 1
    assert "files that only one of them sees" in run.stderr, run.stderr
    assert (tmp_path / "a/n.csv").read_text() == "n,result\n1,1\n"


@pytest.mark.parametrize(
    "change",
    ["local += 1", "list[0] = 2", "list.append(1)", "pair.x = 2", "inner()", "(local, other) = (1, 2)"],
)
def test_no_kind_of_change_of_an_outer_variable_passes_unseen(change, tmp_path):
    program = f"""
struct Pair {{ var x = 1 }}
func run() {{
  var (local, other, list, pair) = (0, 0, [1], Pair())
  func inner() {{ local = 5 }}
  let found = sweep(n: [1, 2]) {{ p in
    var own = 0
    for i in 0..<3 {{ own += i }}
    {change}
    return own
  }}
  print(local, other, list, pair.x)
}}
run()
"""
    run = mpirun(2, tmp_path, program)
    assert run.returncode == 1 and "was there before, and cannot change here" in run.stderr, (run.stdout, run.stderr)
    assert alone(tmp_path, program).returncode == 0


def test_a_warning_in_a_combination_of_another_rank_is_told(tmp_path):
    program = """
let tasks = Sinusoid(shots: 5, seed: 1)
let t = sweep(n: [1, 2]) { p in
  if p.n == 1 { return 0.0 }
  let model = MetaSequential(MetaLinear(1, 4, seed: 1), MetaLinear(4, 1, seed: 2))
  let maml = MAML(model, optimizer: Adam(lr: 0.01), stepSize: 0.05, lossFunction: { a, b in (a - a).mean() })
  return maml.train(tasks.batches(of: 2), maxBatches: 1).losses.last!
}
"""
    expected, run, *_ = both(tmp_path, 2, program)
    assert run.returncode == expected.returncode
    assert [line for line in expected.stderr.splitlines() if "note:" in line or "warning:" in line] == [
        line for line in run.stderr.splitlines() if "note:" in line or "warning:" in line
    ]


def test_numbers_drawn_without_a_seed_in_shared_work_are_refused(tmp_path):
    program = """
let tasks = Sinusoid(shots: 5, seed: 1)
func loss(_ a: Tensor, _ b: Tensor) -> Tensor { square(a - b + randn([1])).mean() }
let maml = MAML(ModelMLPSinusoid(hiddenSizes: [8], seed: 2), optimizer: Adam(lr: 0.01), stepSize: 0.05, lossFunction: loss)
maml.train(tasks.batches(of: 4), maxBatches: 2)
"""
    run = mpirun(2, tmp_path, program)
    assert run.returncode == 1 and "which rank of the job draws them" in run.stderr and "seed: 1" in run.stderr, run.stderr
    assert alone(tmp_path, program).returncode == 0


def test_an_interrupted_sweep_leaves_its_rows_on_all_ranks(notebook):
    manager, client = notebook
    interrupt = lambda text: manager.interrupt_kernel()
    endless = """
let t = sweep(n: [1, 2, 3, 4]) { p in
  if p.n == 3 { print("begins"); while true { } }
  return p.n
}
"""
    cell(client, endless, interrupt)
    # All ranks have the table, and go on together.
    assert cell(client, 'print(t.count)\nlet u = sweep(n: [1, 2, 3]) { p in p.n + t["n"].count }\nprint(u["result"])') in [
        ("ok", "2\n[3, 4, 5]\n"), ("ok", "3\n[4, 5, 6]\n")]


def test_an_interrupted_comparison_is_resumed_to_what_it_would_have_been(notebook, tmp_path):
    manager, client = notebook
    program = """
let tasks = Sinusoid(shots: 5, seed: 1)
let maml = MAML(ModelMLPSinusoid(hiddenSizes: [8], seed: 2), optimizer: Adam(lr: 0.01), stepSize: 0.05)
func comparison() -> Comparison {
  print("begins")
  return compare(["a": maml, "b": maml.branch(firstOrder: true)], on: tasks, seeds: 3, maxBatches: 300, batchSize: 4, testTasks: 20)
}
"""
    assert cell(client, program)[0] == "ok"
    interrupt = lambda text: manager.interrupt_kernel()
    cell(client, "let stopped = comparison()", interrupt)
    status, text = cell(client, "let whole = comparison()\nstopped.resume().runs.save(\"a.csv\")\nwhole.runs.save(\"b.csv\")\nprint(whole.isComplete)")
    assert (status, text.splitlines()[-1]) == ("ok", "true"), text
    assert (tmp_path / "a.csv").read_text() == (tmp_path / "b.csv").read_text()
