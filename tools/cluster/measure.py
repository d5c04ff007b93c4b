"""Measures what a cluster costs, on hosts that are network namespaces, and writes it to docs/scaling.json.

    measure.py [--rounds R] [--seconds S] [--models NAME …] [--output FILE]

Three things: a meta-update of each model in one process by the number of tasks; the same shared by ranks, on this
machine and on hosts with lines of several bandwidths and delays; and what a message costs on those lines (probe.c).
Everything is measured once a round, and medians over rounds are kept. A measurement waits until the machine is idle,
and is made again when it was not idle afterwards; how busy it was is kept as well.
Exit status: 0, or 1 when a run failed.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

from hosts import BUILD, Failure, compiled, missing

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
BINARY = pathlib.Path(os.environ.get("INNERLOOP_BIN", ROOT / ".build/release/innerloop"))
RECORD = ROOT / "docs/scaling.json"
MODELS = ["sines", "mlp-100k", "mlp-1m", "conv4"]
# Bandwidth and delay of one way.
LINES = [("10gbit", "10us"), ("1gbit", "50us"), ("200mbit", "500us")]
TASKS = 16
PARTS = 9
IDLE = 0.15  # processors that others may use


def busy(seconds=0.3):
    """How many processors are in use, by whomever."""
    def used():
        ticks = [int(word) for word in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
        return sum(ticks) - ticks[3] - ticks[4]

    before, start = used(), time.monotonic()
    time.sleep(seconds)
    return (used() - before) / os.sysconf("SC_CLK_TCK") / (time.monotonic() - start)


def await_idle(limit=30):
    end = time.monotonic() + limit
    while (use := busy()) > IDLE and time.monotonic() < end:
        time.sleep(1)
    return use


def undisturbed(measurement, attempts=3):
    """The measurement that the least disturbed of a few attempts gave, with how busy the machine was beside it."""
    best = None
    for _ in range(attempts):
        before = await_idle()
        found = measurement()
        found["busy"] = round(max(before, busy()), 2)
        if best is None or found["busy"] < best["busy"]:
            best = found
        if best["busy"] <= IDLE:
            break
    return best


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

    def add(self, key, measurement):
        found = undisturbed(measurement)
        self.found.setdefault(key, []).append(found)
        print("  ", *key, {name: value for name, value in found.items() if name != "rows"}, file=sys.stderr, flush=True)
        return found

    def meta_update(self, start, model, tasks, threads, guess):
        """Seconds of a meta-update in a process or several; `guess` of them decides how often it is done."""
        steps = max(1, round(self.options.seconds / PARTS / guess))
        text = output([*start, BINARY, "run", FOLDER / "job.loop", "--", model, tasks, PARTS, steps], threads)
        told = json.loads(next(line for line in text.splitlines() if line.startswith("{")))
        return {name: told[name] for name in ("seconds", "spread", "parameters")}

    def known(self, key, default):
        runs = self.found.get(key)
        return statistics.median(run["seconds"] for run in runs) if runs else default

    def round(self):
        for model in self.options.models:
            for tasks, threads in [(TASKS, 1), (TASKS, 2), (TASKS // 2, 1), (TASKS // 4, 1), (1, 1)]:
                key = ("alone", model, tasks, threads)
                guess = self.known(key, 0.005)
                self.add(key, lambda: self.meta_update([], model, tasks, threads, guess))
            start = ["mpirun", "-n", 2]
            guess = self.known(("alone", model, TASKS // 2, 1), 0.1)
            self.add(("here", model, TASKS, 2), lambda: self.meta_update(start, model, TASKS, 1, guess))
        for line in LINES:
            self.add(("own choice", *line, 4), lambda: self.messages(line, 4, "ignore"))
            for ranks in (2, 4):
                self.add(("messages", *line, ranks), lambda: self.messages(line, ranks))
                for model in self.options.models:
                    key = ("hosts", model, TASKS, ranks, *line)
                    guess = self.known(key, self.known(("alone", model, TASKS, 1), 0.1) + 0.05)
                    start = on_hosts(ranks, line, "mpirun", "-n", ranks)
                    self.add(key, lambda: self.meta_update(start, model, TASKS, 1, guess))

    def messages(self, line, ranks, algorithm="rabenseifner"):
        start = on_hosts(ranks, line, "mpirun", "--mca", "coll_libnbc_iallreduce_algorithm", algorithm, "-n", ranks)
        text = output([*start, compiled("probe", "mpicc")], 1)
        header, *rows = [row.split() for row in text.splitlines()]
        return {"rows": [dict(zip(header, map(float, row))) for row in rows]}

    def record(self):
        return {
            "date": str(datetime.date.today()), "processor": processor(), "cores": len(os.sched_getaffinity(0)),
            "rounds": self.options.rounds,
            "measurements": [{"key": list(key), **median(runs)} for key, runs in self.found.items()]}


def median(runs):
    """The medians of what the rounds found."""
    if "rows" in runs[0]:
        rows = [{name: statistics.median(row[name] for row in same) for name in same[0]} for same in zip(*(run["rows"] for run in runs))]
        return {"rows": rows, "busy": max(run["busy"] for run in runs)}
    return {
        "seconds": statistics.median(run["seconds"] for run in runs),
        "spread": max(run["seconds"] for run in runs) - min(run["seconds"] for run in runs),
        "parameters": runs[0]["parameters"], "busy": max(run["busy"] for run in runs)}


def processor():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--output", type=pathlib.Path, default=RECORD)
    options = parser.parse_args()
    if lacking := missing():
        raise Failure(lacking)
    BUILD.mkdir(parents=True, exist_ok=True)
    measurements = Measurements(options)
    for number in range(options.rounds):
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
        measurements.round()
    options.output.write_text(json.dumps(measurements.record(), indent=1) + "\n")
    print(f"measure: {options.output} is written", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"measure: {failure}")
    except KeyboardInterrupt:
        sys.exit("measure: interrupted")
