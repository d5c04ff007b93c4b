"""Hosts that are network namespaces, jobs on them, and the batch scripts, with Slurm itself where it is installed."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools/cluster"
SCRIPTS = ROOT / "examples/cluster"
BINARY = pathlib.Path(os.environ.get("INNERLOOP_BIN", ROOT / ".build/release/innerloop")).absolute()

sys.path.insert(0, str(TOOLS))

import hosts  # noqa: E402

needs_hosts = pytest.mark.skipif(bool(hosts.missing()), reason=f"no hosts: {hosts.missing()}")
needs_mpi = pytest.mark.skipif(not shutil.which("mpirun"), reason="mpirun is missing (Debian's openmpi-bin)")
needs_slurm = pytest.mark.skipif(not all(map(shutil.which, ["slurmctld", "slurmd", "munged"])), reason="no Slurm here (Debian's slurm-wlm, munge)")
needs_binary = pytest.mark.skipif(not BINARY.exists(), reason=f"{BINARY} is not built")


def on_hosts(*command, options=(), **settings):
    return subprocess.run(
        [sys.executable, TOOLS / "hosts.py", *options, *map(str, command)], capture_output=True, text=True, timeout=120, **settings)


EXCHANGE = """
import socket, sys, time, os, subprocess
server = '''
import socket
listening = socket.create_server(("0.0.0.0", 5000))
print("ready", flush=True)
connection = listening.accept()[0]
for _ in range(5):
    connection.sendall(connection.recv(1))
left = SIZE
while left: left -= len(connection.recv(1 << 16))
connection.sendall(b"x")
'''.replace("SIZE", sys.argv[1])
host = open(os.environ["CLUSTER_HOSTS"] + "/node3").read()
process = subprocess.Popen(["nsenter", "--target", host, "--net", sys.executable, "-c", server], stdout=subprocess.PIPE)
process.stdout.readline()
line = socket.create_connection(("node3", 5000))
trips = []
for _ in range(5):
    start = time.monotonic()
    line.sendall(b"x"); line.recv(1)
    trips.append(time.monotonic() - start)
start = time.monotonic()
line.sendall(bytes(int(sys.argv[1]))); line.recv(1)
print(min(trips), time.monotonic() - start)
"""


@needs_hosts
def test_the_lines_between_hosts_have_the_delay_and_the_bandwidth_asked_for():
    done = on_hosts(sys.executable, "-c", EXCHANGE, 4_000_000, options=["--delay", "5ms", "--bandwidth", "100mbit"])
    assert done.returncode == 0, done.stderr
    trip, transfer = map(float, done.stdout.split())
    assert 0.010 <= trip < 0.05
    assert 0.32 <= transfer < 1.5, "4 MB at 12.5 MB/s"


@needs_hosts
def test_hosts_have_names_and_addresses_of_their_own_and_hand_on_the_exit_status():
    done = on_hosts("sh", "-c", "hostname; ip -4 -brief address show net0; exit 7", options=["--hosts", "2"])
    assert done.returncode == 7
    name, address = done.stdout.splitlines()
    assert name == "node1" and "10.77.0.1/24" in address
    assert on_hosts("true", options=["--delay", "soon"]).returncode == 2


@needs_hosts
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_is_left_when_the_tool_is_killed(number):
    # The child tells its number in this machine's terms by what it holds open.
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [sys.executable, TOOLS / "hosts.py", "sh", "-c", "echo started; sleep 1000 & wait"], stdout=writing, pass_fds=[])
    os.close(writing)
    assert os.read(reading, 8) == b"started\n"
    process.send_signal(number)
    process.wait(timeout=30)
    # The pipe ends once every process that held it is gone.
    assert os.read(reading, 1) == b""
    os.close(reading)


TRAINING = """
seed(3)
let tasks = Sinusoid(shots: 5)
let maml = MAML(MetaMLPModel(1, 1, hiddenSizes: [8]), optimizer: Adam(lr: 0.01), stepSize: 0.05)
let history = maml.train(tasks.batches(of: 8), maxBatches: 20)
print(json(history.losses))
print(json(maml.model.parameters.map { $0.value.array }))
"""


@needs_hosts
@needs_mpi
@needs_binary
def test_ranks_on_four_hosts_have_the_history_of_one_process(tmp_path):
    script = tmp_path / "training.loop"
    script.write_text(TRAINING)
    one = subprocess.run([BINARY, "run", script], capture_output=True, text=True, timeout=60)
    assert one.returncode == 0, one.stderr
    four = on_hosts("mpirun", "-n", 4, BINARY, "run", script, env={**os.environ, "OMP_NUM_THREADS": "1"})
    if "built without" in four.stderr:
        pytest.skip("the program is built without MPI")
    assert four.returncode == 0, four.stderr
    assert four.stdout == one.stdout


STUBS = {
    # Runs the command as the one rank, and remembers it.
    "srun": 'while [[ $1 == --* ]]; do shift; done\n"$@" &\necho $! >rank\nwait $!',
    "scancel": 'echo "$@" >>cancelled\nkill -INT "$(cat rank)"',
    "scontrol": 'echo "$@" >>requeued',
}


@pytest.fixture
def job(tmp_path):
    """Runs a batch script as Slurm would, on one node, by stand-ins for its commands."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in STUBS.items():
        (programs / name).write_text(f"#!/bin/bash\n{text}\n")
        (programs / name).chmod(0o755)
    for path in SCRIPTS.iterdir():
        shutil.copy(path, tmp_path)
    environment = {
        **os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "INNERLOOP": str(BINARY), "SLURM_JOB_ID": "7", "SLURM_NTASKS": "1",
        "SLURM_JOB_NODELIST": "node1", "SLURM_CPUS_PER_TASK": "1"}

    def start(*arguments, **variables):
        return subprocess.Popen(
            ["bash", *map(str, arguments)], cwd=tmp_path, env={**environment, **variables}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True)

    return start


@needs_binary
def test_a_job_near_its_time_limit_leaves_a_checkpoint_and_goes_on_in_the_next(job, tmp_path):
    arguments = ["train.sbatch", "sines.loop", "runs/a"]
    first = job(*arguments, 10_000_000)
    table = tmp_path / "runs/a/training.csv"
    end = time.monotonic() + 30
    while not (table.exists() and table.read_text().count("\n") > 1) and time.monotonic() < end:
        time.sleep(0.05)
    first.send_signal(signal.SIGUSR1)
    text = first.communicate(timeout=60)[0]
    assert first.returncode == 0 and "the time limit is near" in text
    assert (tmp_path / "cancelled").read_text() == "--signal=INT 7\n"
    assert (tmp_path / "requeued").read_text() == "requeue 7\n"
    done = int(table.read_text().splitlines()[-1].split(",")[0])
    second = job(*arguments, done + 10, SLURM_RESTART_COUNT="1")
    text = second.communicate(timeout=60)[0]
    assert second.returncode == 0 and f"meta-update {done + 10} ·" in text
    assert [line.split(",")[0] for line in table.read_text().splitlines()[1:]] == [str(i) for i in range(1, done + 11)]


@pytest.mark.parametrize("status, restarts, requeued", [(137, 0, True), (137, 5, False), (1, 0, False), (0, 0, False)])
def test_a_job_is_put_back_only_when_another_try_can_help(job, tmp_path, status, restarts, requeued):
    fails = tmp_path / "fails"
    fails.write_text(f"#!/bin/sh\nexit {status}\n")
    fails.chmod(0o755)
    run = job("train.sbatch", INNERLOOP=str(fails), SLURM_RESTART_COUNT=str(restarts))
    run.communicate(timeout=30)
    assert (tmp_path / "requeued").exists() == requeued
    assert run.returncode == (0 if requeued else status)


@needs_binary
def test_a_sweep_as_a_job_leaves_its_table(job, tmp_path):
    run = job("sweep.sbatch", "sweep.loop", "runs/b", 3)
    text = run.communicate(timeout=60)[0]
    assert run.returncode == 0, text
    assert len((tmp_path / "runs/b.csv").read_text().splitlines()) == 7


@needs_binary
@pytest.mark.parametrize("script", ["sines.loop", "sweep.loop"])
def test_check_finds_nothing_wrong(script):
    done = subprocess.run([BINARY, "check", SCRIPTS / script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_hosts
@needs_mpi
@needs_slurm
@needs_binary
def test_slurm_runs_the_job_on_its_nodes(tmp_path):
    for path in SCRIPTS.iterdir():
        shutil.copy(path, tmp_path)
    done = on_hosts(
        TOOLS / "slurm.sh", "sbatch", "--wait", "--nodes=2", "--ntasks-per-node=1", "train.sbatch", "sines.loop", "runs/a", 20,
        options=["--hosts", "2"], cwd=tmp_path, env={**os.environ, "INNERLOOP": str(BINARY)})
    log = "".join(path.read_text() for path in tmp_path.glob("*.log"))
    if "built without" in log:
        pytest.skip("the program is built without MPI")
    assert done.returncode == 0, done.stderr + log
    assert "2 ranks on node[1-2]" in log
    assert log.count("meta-update 20 ·") == 1, "one rank prints"


def test_the_documents_have_the_tables_of_what_was_measured():
    done = subprocess.run([sys.executable, TOOLS / "report.py", "--check"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
