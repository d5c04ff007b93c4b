"""Measures what a cluster costs, on hosts that are network namespaces, and writes it to docs/scaling.json.

    measure.py [--rounds R] [--seconds S] [--models NAME …] [--resume] [--output FILE]

Three things: a meta-update of each model in one process by the number of tasks, also while every core computes; the
same shared by ranks, on this machine and on hosts with lines of several bandwidths and delays; and what a message
costs on those lines (probe.c).
Each is measured once a round, with priority over what else runs here. A measurement is quiet when nothing else ran
before it and after it; medians over the quiet ones are kept, or over all where there is none. What was measured is
kept in build/cluster/measured.jsonl, where --resume goes on.
Exit status: 0, or 1 when a run failed.
"""

import argparse
import concurrent.futures
import datetime
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import time

from hosts import BUILD, Failure, compiled, missing

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
BINARY = pathlib.Path(os.environ.get("INNERLOOP_BIN", ROOT / ".build/release/innerloop"))
RECORD = ROOT / "docs/scaling.json"
MODELS = ["sines", "sines-17k", "mlp-100k", "mlp-1m", "conv4"]
# Bandwidth and delay of one way.
LINES = [("10gbit", "10us"), ("1gbit", "50us"), ("200mbit", "500us")]
ATTEMPTS = BUILD / "measured.jsonl"
TASKS = 16
CORES = len(os.sched_getaffinity(0))
PARTS = 9
# Before other programs, whatever session a rank was started in.
FIRST = ["sh", "-c", 'echo -20 >/proc/self/autogroup; exec nice -n -20 "$@"', "sh"]
IDLE = 0.15  # processors that others may use


def busy(seconds=0.2):
    """How many processors are in use, by whomever."""
    def used():
        ticks = [int(word) for word in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
        return sum(ticks) - ticks[3] - ticks[4]

    before, start = used(), time.monotonic()
    time.sleep(seconds)
    return (used() - before) / os.sysconf("SC_CLK_TCK") / (time.monotonic() - start)


def await_idle(limit=2):
    """Waits a while for others to end, and tells how many processors they still use."""
    end = time.monotonic() + limit
    while (use := busy()) > IDLE and time.monotonic() < end:
        pass
    return use


def output(command, threads):
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    run = subprocess.run([str(word) for word in command], env=environment, capture_output=True, text=True, timeout=900)
    if run.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))}: {run.stderr.strip()[-800:]}")
    return run.stdout


def on_hosts(ranks, line, *command):
    bandwidth, delay = line
    return [sys.executable, FOLDER / "hosts.py", "--hosts", ranks, "--bandwidth", bandwidth, "--delay", delay, *command]


class Measurements:
    """All that is measured, by what it is: a tuple of names and numbers."""

    def __init__(self, options):
        self.options = options
        self.found = {}
        if options.resume and ATTEMPTS.exists():
            for line in ATTEMPTS.read_text().splitlines():
                attempt = json.loads(line)
                self.found.setdefault(tuple(attempt.pop("key")), []).append(attempt)
        else:
            ATTEMPTS.unlink(missing_ok=True)

    def quiet(self, key):
        return [attempt for attempt in self.found.get(key, []) if attempt["busy"] <= IDLE]

    def measure(self, key, measurement):
        before = await_idle()
        attempt = measurement()
        attempt["busy"] = round(max(before, busy()), 2)
        self.found.setdefault(key, []).append(attempt)
        with ATTEMPTS.open("a") as file:
            file.write(json.dumps({"key": key, **attempt}) + "\n")
        print("  ", *key, {name: value for name, value in attempt.items() if name != "rows"}, file=sys.stderr, flush=True)

    def meta_update(self, start, model, tasks, threads, guess, copies=1):
        """Seconds of a meta-update in a process or several; `guess` of them decides how often it is done."""
        steps = max(1, round(self.options.seconds / PARTS / guess))
        command = [*start, *FIRST, BINARY, "run", FOLDER / "job.loop", "--", model, tasks, PARTS, steps]
        with concurrent.futures.ThreadPoolExecutor(copies) as pool:
            texts = pool.map(lambda _: output(command, threads), range(copies))
        told = [json.loads(next(line for line in text.splitlines() if line.startswith("{"))) for text in texts]
        return {
            "seconds": statistics.mean(one["seconds"] for one in told), "spread": max(one["spread"] for one in told),
            "parameters": told[0]["parameters"]}

    def known(self, key, default):
        runs = self.found.get(key)
        return statistics.median(run["seconds"] for run in runs) if runs else default

    def plan(self):
        """What is to be measured, and how."""
        for model in self.options.models:
            # The smallest first: it tells how long the others will take.
            for tasks in (1, TASKS // 4, TASKS // 2, TASKS):
                key = ("full", model, tasks)
                yield key, lambda key=key: self.full(*key[1:])
            for threads in (1, 2):
                key = ("alone", model, TASKS, threads)
                yield key, lambda key=key: self.alone(*key[1:])
            key = ("here", model, TASKS, 2)
            start = ["mpirun", "-n", 2]
            yield key, lambda key=key: self.meta_update(start, key[1], TASKS, 1, self.known(key, self.known(("alone", key[1], TASKS, 1), 0.1)))
        for line in LINES:
            yield ("own choice", *line, 4), lambda line=line: self.messages(line, 4, "ignore")
            for ranks in (2, 4):
                yield ("messages", *line, ranks), lambda line=line, ranks=ranks: self.messages(line, ranks)
                for model in self.options.models:
                    key = ("hosts", model, TASKS, ranks, *line)
                    yield key, lambda key=key: self.shared(*key[1:4], key[4:])

    def full(self, model, tasks):
        """As many processes at once as there are processors, which have nothing to do with each other."""
        guess = self.known(("full", model, tasks), tasks * self.known(("full", model, 1), 0.02))
        return self.meta_update([], model, tasks, 1, guess, copies=CORES)

    def alone(self, model, tasks, threads):
        return self.meta_update([], model, tasks, threads, self.known(("full", model, tasks), 0.02))

    def shared(self, model, tasks, ranks, line):
        guess = self.known(("hosts", model, tasks, ranks, *line), self.known(("alone", model, tasks, 1), 0.1) + 0.05)
        return self.meta_update(on_hosts(ranks, line, "mpirun", "-n", ranks), model, tasks, 1, guess)

    def all(self):
        for number in range(1, self.options.rounds + 1):
            for key, measurement in self.plan():
                if len(self.found.get(key, [])) < number:
                    self.measure(key, measurement)

    def messages(self, line, ranks, algorithm="rabenseifner"):
        start = on_hosts(ranks, line, "mpirun", "--mca", "coll_libnbc_iallreduce_algorithm", algorithm, "-n", ranks)
        text = output([*start, *FIRST, compiled("probe", "mpicc")], 1)
        header, *rows = [row.split() for row in text.splitlines()]
        return {"rows": [dict(zip(header, map(float, row))) for row in rows]}

    def record(self):
        chosen = {key: self.quiet(key) or runs for key, runs in self.found.items()}
        wanted = [key for key, _ in self.plan()]
        return {
            "date": str(datetime.date.today()), "processor": processor(), "cores": CORES,
            "measurements": [{"key": list(key), **median(chosen[key])} for key in wanted]}


def median(runs):
    """The medians of some measurements of the same."""
    common = {"rounds": len(runs), "busy": max(run["busy"] for run in runs)}
    if "rows" in runs[0]:
        rows = [{name: statistics.median(row[name] for row in same) for name in same[0]} for same in zip(*(run["rows"] for run in runs))]
        return {"rows": rows, **common}
    seconds = [run["seconds"] for run in runs]
    return {
        "seconds": statistics.median(seconds), "spread": max(seconds) - min(seconds), "parameters": runs[0]["parameters"], **common}


def processor():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--resume", action="store_true", help="go on with what an earlier call measured")
    parser.add_argument("--output", type=pathlib.Path, default=RECORD)
    options = parser.parse_args()
    if lacking := missing():
        raise Failure(lacking)
    for program in ("mpirun", "mpicc", BINARY):
        if not shutil.which(program):
            raise Failure(f"{program} is missing: install openmpi-bin and libopenmpi-dev, then make build")
    BUILD.mkdir(parents=True, exist_ok=True)
    measurements = Measurements(options)
    measurements.all()
    options.output.write_text(json.dumps(measurements.record(), indent=1) + "\n")
    print(f"measure: {options.output} is written", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"measure: {failure}")
    except KeyboardInterrupt:
        sys.exit("measure: interrupted")
