"""Whether a kernel can be left running: its memory, descriptors and threads over a long training, over many requests of
many clients, and while nobody asks anything.

    endurance.py [--iterations N] [--requests N] [--clients N] [--idle SECONDS] [--hours H] [--report FILE]

Each part has a kernel of its own, which real clients talk to. With the command faketime installed a last part lets a
thousandfold clock run for H hours. Prints tables in Markdown, and writes them to FILE as well.
Exit status: 0 when everything stayed flat, 1 when something grew or woke, with a line for each.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import psutil
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

ROOT = pathlib.Path(__file__).resolve().parents[1]
BINARY = pathlib.Path(os.environ.get("INNERLOOP_BIN", ROOT / ".build/release/innerloop")).absolute()
WAIT = 60
SPEED = 1000

# What is kept on purpose. A loss for each meta-update, in an array that doubles when it is full, and once more in the
# history that the call gives back; and marks of the latest 65,536 messages, so that none is obeyed twice.
HISTORY_BYTES = 8 * 3
MARK_BYTES, MARKS = 64, 1 << 16
# What may come and go with the allocator and the caches, whatever the length.
SLACK = 3 << 20

TRAINING = """
let tasks = Sinusoid(shots: 10)
let maml = MAML(MetaMLPModel(1, 1, hiddenSizes: [40, 40]), optimizer: Adam(lr: 0.001), stepSize: 0.01)
let batches = tasks.batches(of: 25)
let unseen = Sinusoid(shots: 10, metaSplit: .val).batches(of: 25).prefix(4)
"""
RUN = "let history = maml.train(batches, until: {n}, checkpoints: \"{folder}\", every: {every}, validation: unseen)"

# %d differs every time, so that nothing is found again.
CELLS = [
    'let x = randn(4, 4) + %d\nx.sum()',
    "func square(_ x: Tensor) -> Tensor { x * x }\nsquare(tensor([%d.0, 2]))",
    'print("line %d")\nplot([1, 2, %d])',
    "let fast = gradient(of: { w in (w * w).sum() }, at: tensor([%d.0]))",
    "undefined%d",
    'tensor([1, %d]) + tensor([1, 2, 3])',
]


class Sample:
    """What a process holds at a moment."""

    def __init__(self, process):
        with process.oneshot():
            self.resident = process.memory_info().rss
            self.descriptors = process.num_fds()
            self.threads = process.num_threads()
            times = process.cpu_times()
        self.seconds = times.user + times.system
        self.time = time.monotonic()
        self.switches = 0
        for status in pathlib.Path(f"/proc/{process.pid}/task").glob("*/status"):
            try:
                text = status.read_text()
            except OSError:
                continue  # the thread has just ended
            self.switches += int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", text, re.M)[1])

    @property
    def cells(self):
        return [f"{self.resident / 1e6:.1f}", self.descriptors, self.threads]


class Kernel:
    """A kernel with files of its own, and one client that listens all the time."""

    def __init__(self, folder, prefix=()):
        environment = dict(os.environ, INNERLOOP_HISTORY=str(folder / "history.sqlite"))
        self.manager = KernelManager(kernel_name="innerloop")
        self.manager.kernel_spec_manager.kernel_dirs = [str(folder / "share/jupyter/kernels")]
        self.manager.kernel_spec.argv[:0] = prefix
        self.environment, self.prefix = environment, prefix

    def __enter__(self):
        self.manager.start_kernel(env=self.environment)
        self.client = self.connect()
        process = psutil.Process(self.manager.provisioner.process.pid)
        self.process = process.children()[0] if self.prefix else process
        return self

    def __exit__(self, *_):
        self.leave(self.client)
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()

    def connect(self):
        client = BlockingKernelClient(connection_file=self.manager.connection_file)
        client.load_connection_file()
        client.start_channels(hb=False)
        client.wait_for_ready(timeout=WAIT)
        return client

    def leave(self, client):
        client.stop_channels()

    def sample(self):
        return Sample(self.process)

    def run(self, code, heard=lambda message: None, wait=WAIT):
        """Runs a cell to its end, and hands on what it puts out."""
        request = self.client.execute(code)
        while True:
            message = self.client.get_iopub_msg(timeout=wait)
            if message["parent_header"].get("msg_id") != request:
                continue
            heard(message)
            if message["content"].get("execution_state") == "idle":
                break
        while True:
            reply = self.client.get_shell_msg(timeout=WAIT)
            if reply["parent_header"]["msg_id"] == request:
                return reply["content"]


class Report:
    """The tables, and what was found wrong."""

    def __init__(self):
        self.text, self.problems = [], []

    def table(self, title, first, rows):
        lines = [f"\n{title}\n", f"| {first} | resident, MB | descriptors | threads |", "|---|---|---|---|"]
        lines += ["| " + " | ".join(map(str, [name, *sample.cells])) + " |" for name, sample in rows]
        self.say("\n".join(lines))

    def say(self, line):
        print(line, flush=True)
        self.text.append(line)

    def expect(self, holds, problem):
        if not holds:
            self.problems.append(problem)

    def flat(self, part, before, after, kept=0):
        """Whether nothing was lost between two samples but `kept` bytes that are kept on purpose."""
        grown = after.resident - before.resident
        self.expect(grown <= kept + SLACK, f"{part}: the memory grew by {grown / 1e6:.1f} MB")
        lost = after.descriptors - before.descriptors
        self.expect(lost <= 0, f"{part}: {lost} descriptors were not closed")
        more = after.threads - before.threads
        self.expect(more <= 1, f"{part}: {more} threads more")


def watch_training(kernel, code, count):
    """Samples over a training of so many meta-updates, twenty at most, the first after a twentieth."""
    rows, due = [], count / 20

    def heard(message):
        nonlocal due
        text = message["content"].get("data", {}).get("text/plain", "")
        found = re.match(r"training (\d+)/", text)
        if found and int(found[1]) >= due:
            rows.append((int(found[1]), kernel.sample()))
            due = max(due, int(found[1])) + count / 20

    reply = kernel.run(code, heard, wait=600)
    if reply["status"] != "ok":
        raise SystemExit(f"the training failed: {reply['evalue']}")
    if rows[-1][0] == count:
        rows.pop()
    return rows + [(count, kernel.sample())]


def train(folder, report, count):
    with Kernel(folder) as kernel:
        kernel.run(TRAINING)
        began = time.monotonic()
        rows = watch_training(kernel, f"let history = maml.train(batches, maxBatches: {count})", count)
        report.table(
            f"A training of {count:,} meta-updates (MAML, 1-40-40-1, 25 tasks), {time.monotonic() - began:.0f} s:",
            "meta-updates", rows)
        judge_training(report, "training", rows)


def judge_training(report, part, rows):
    (first, before), (last, after) = rows[0], rows[-1]
    report.flat(part, before, after, kept=HISTORY_BYTES * (last - first))


def keep_checkpoints(folder, report, count):
    with Kernel(folder) as kernel:
        kernel.run(TRAINING)
        code = RUN.format(n=count, folder=folder / "run", every=max(1, count // 200))
        rows = watch_training(kernel, code, count)
        report.table("The same with 200 checkpoints, validations, CSV and TensorBoard logs:", "meta-updates", rows)
        judge_training(report, "training with checkpoints", rows)


class Heart:
    """A heartbeat as a front end has it."""

    def __init__(self, client):
        self.socket = client.connect_hb()

    def beat(self):
        self.socket.send(b"beat")
        if not self.socket.poll(WAIT * 1000):
            raise SystemExit("no heartbeat")
        assert self.socket.recv() == b"beat"

    def close(self):
        self.socket.close(0)


def serve(folder, report, requests, clients):
    with Kernel(folder) as kernel:
        client, heart = kernel.client, Heart(kernel.client)
        asks = [
            client.kernel_info,
            lambda: client.complete("maml.tr"),
            lambda: client.inspect("MAML", detail_level=1),
            lambda: client.is_complete("for i in 0..<3 {"),
            lambda: client.history(hist_access_type="tail", n=5),
            lambda: client.comm_info(),
        ]
        kernel.run("let first = 1")
        time.sleep(0.2)  # the history's file is opened a moment after the first cell
        calm = kernel.sample()
        rows, sent, visits = [], 0, 0
        began = time.monotonic()
        while sent < requests:
            if sent * 10 // requests >= len(rows):
                rows.append((f"{sent:,} requests, {visits} clients", kernel.sample()))
            for ask in asks:
                request = ask()
                while client.get_shell_msg(timeout=WAIT)["parent_header"]["msg_id"] != request:
                    pass
                heart.beat()
            number = sent // (2 * len(asks) + 1)
            kernel.run(CELLS[number % len(CELLS)].replace("%d", str(number)))
            sent += 2 * len(asks) + 1
            while visits < clients * sent // requests:
                visitor = kernel.connect()
                if visits % 2:
                    visitor.execute(f"let visitor = {visits}")  # and does not wait for the answer
                kernel.leave(visitor)
                visits += 1
        # A connection is given up a moment after its client has gone.
        end = time.monotonic() + 10
        while kernel.sample().descriptors > calm.descriptors and time.monotonic() < end:
            time.sleep(0.1)
        rows.append((f"{sent:,} requests, {visits} clients", kernel.sample()))
        heart.close()
        report.table(
            "Requests of every kind, a heartbeat after each, cells that succeed and fail, and clients that come and go, "
            f"{time.monotonic() - began:.0f} s:", "after", rows)
        # The caches fill in the first tenth, in which clients may be just leaving.
        rows[1][1].descriptors = calm.descriptors
        report.flat("requests", rows[1][1], rows[-1][1], kept=MARK_BYTES * min(sent, MARKS))


def rest(folder, report, seconds):
    with Kernel(folder) as kernel:
        kernel.run(TRAINING + "let history = maml.train(batches, maxBatches: 100)")
        # The last worker of the dispatch library ends by itself after a few seconds.
        time.sleep(min(10, seconds))
        before = kernel.sample()
        time.sleep(seconds)
        after = kernel.sample()
        woken, spent = after.switches - before.switches, after.seconds - before.seconds
        report.say(
            f"\nNobody asks anything for {after.time - before.time:.0f} s after a training, one client connected: "
            f"{woken} wake-ups of its {after.threads} threads, {spent:.2f} s of processor time.")
        report.expect(woken <= 1 + seconds / 10, f"idle: {woken} wake-ups in {seconds:.0f} s")
        report.flat("idle", before, after)
        assert kernel.run("maml.iteration")["status"] == "ok"


def live_a_day(folder, report, hours):
    """The same on a clock that runs a thousand times as fast, with a cell every hour."""
    prefix = ["faketime", "-m", "-f", f"+0 x{SPEED}"]
    with Kernel(folder, prefix) as kernel:
        kernel.run(TRAINING + "let history = maml.train(batches, maxBatches: 100)")
        rows, asleep = [], 0
        for hour in range(hours):
            before = kernel.sample()
            time.sleep(3600 / SPEED)
            after = kernel.sample()
            if hour:  # in the first the last worker of the dispatch library ends
                asleep += after.switches - before.switches
            assert kernel.run("let answer = 40 + 2\nanswer")["status"] == "ok"
            if hour % max(1, hours // 6) == 0 or hour == hours - 1:
                rows.append((hour + 1, kernel.sample()))
        report.table(f"{hours} hours of a clock {SPEED} times as fast, with a cell every hour:", "hour", rows)
        report.say(f"\n{asleep} wake-ups between the cells.")
        report.expect(asleep <= hours, f"a day: {asleep} wake-ups between the cells")
        report.flat("a day", rows[1][1], rows[-1][1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iterations", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--idle", type=float, default=120)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--report", type=pathlib.Path)
    options = parser.parse_args()
    report = Report()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([BINARY, "install", "--prefix", folder], check=True, stdout=subprocess.DEVNULL)
        if options.idle:
            rest(folder, report, options.idle)
        if options.requests:
            serve(folder, report, options.requests, options.clients)
        if options.iterations:
            train(folder, report, options.iterations)
            keep_checkpoints(folder, report, options.iterations)
        if options.hours and shutil.which("faketime"):
            live_a_day(folder, report, options.hours)
        elif options.hours:
            report.say("\nNo day on a fast clock: the command faketime is not installed.")
    if options.report:
        options.report.write_text("\n".join(report.text).lstrip() + "\n")
    for problem in report.problems:
        print("endurance: " + problem, file=sys.stderr)
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
