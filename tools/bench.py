"""Innerloop against its peers: the same work, side by side in one run. Writes a report in Markdown.

    bench.py [--seconds S] [--rounds R] [--limit S] [--peers FOLDER] [--report FILE] [WORKLOAD ...]

Every measurement is a process of its own, and ours runs before each peer, so that both see the same
machine. Rates are medians over rounds. Peers slower than half the best one are run in the first round
only. FOLDER holds peers.py; its interpreter is $INNERLOOP_PEERS, or where its setup.sh puts it. Without
peers ours is measured alone. Records are kept in build/bench.jsonl as they come.
Exit status: 0, or 1 when a run of ours failed.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys

import bench_kernels

ROOT = pathlib.Path(__file__).resolve().parents[1]
BINARY = ROOT / ".build/release/innerloop"
RECORDS = ROOT / "build/bench.jsonl"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
INTERPRETER = pathlib.Path(os.environ.get("INNERLOOP_PEERS", CACHE / "innerloop-peers/ml/bin/python"))

LOOPED = ["torchmeta", "torch"]
BATCHED = ["torch-vmap", "torch-compile", "jax", "jax-scan"]
IMAGES = LOOPED + ["torch-nhwc"] + BATCHED
PEERS = {
    "sinusoid": LOOPED + BATCHED,
    "sinusoid5": LOOPED + BATCHED,
    "omniglot": IMAGES,
    "omniglot-fo": IMAGES,
    "omniglot20": IMAGES,
    "mini": IMAGES,
    "mldg": ["torch", "jax", "jax-scan"],
}
PROFILED = ["sinusoid", "omniglot", "mini", "mldg"]
OURS = "innerloop"


class Failure(Exception):
    """A measurement that gave no figures, with the reason in a few words."""


def figures(command, limit):
    """The line of JSON that a measurement prints."""
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        raise Failure(f"nothing within {limit:.0f} s") from None
    lines = run.stdout.splitlines()
    if run.returncode != 0 or not lines:
        raise Failure((run.stderr.strip().splitlines() or ["no output"])[-1][:120])
    return json.loads(lines[-1])


def ours(workload, seconds, *options):
    return figures([BINARY, "bench", workload, "--seconds", str(seconds), *map(str, options)], 600)


def say(text):
    print(text, file=sys.stderr, flush=True)


def keep(record):
    RECORDS.parent.mkdir(exist_ok=True)
    with RECORDS.open("a") as file:
        file.write(json.dumps(record) + "\n")


class Duel:
    """Ours and every peer on one workload."""

    def __init__(self, workload, peers, options):
        self.workload, self.peers, self.options = workload, peers, options
        self.runs = {OURS: []}
        self.failures = {}

    def rate(self, contender):
        runs = self.runs.get(contender)
        return statistics.median(run["steps_per_s"] for run in runs) if runs else 0.0

    def median(self, contender, figure):
        return statistics.median(run[figure] for run in self.runs[contender])

    @property
    def best(self):
        known = [peer for peer in self.peers if self.runs.get(peer)]
        return max(known, key=self.rate, default=None)

    def measure(self):
        for round_ in range(self.options.rounds):
            for peer in self.peers or [None]:
                if peer and not self.is_worth_running(peer, round_):
                    continue
                self.add(OURS, ours(self.workload, self.options.seconds))
                if peer:
                    self.add_peer(peer)

    def is_worth_running(self, peer, round_):
        if peer in self.failures:
            return False
        if round_ > 0:
            return self.rate(peer) >= self.rate(self.best) / 2
        if peer == "jax-scan" and self.best and 0 < self.rate("jax") < self.rate(self.best) / 5:
            self.failures[peer] = f"not run: jax is {self.rate(self.best) / self.rate('jax'):.0f} × slower than {self.best}"
            return False
        return True

    def add(self, contender, run):
        self.runs.setdefault(contender, []).append(run)
        keep(run)
        say(f"  {contender:14} {run['steps_per_s']:10.2f} steps/s  {run['peak_rss_mb']:6} MB  first step {run['first_step_s']} s")

    def add_peer(self, peer):
        command = [INTERPRETER, self.options.peers / "peers.py", self.workload, peer]
        try:
            self.add(peer, figures([*command, "--seconds", str(self.options.seconds)], self.options.limit))
        except Failure as failure:
            self.failures[peer] = str(failure)
            say(f"  {peer:14} {failure}")


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def ratios(duels):
    rows = []
    for duel in duels:
        best = duel.best
        mine = duel.rate(OURS)
        row = [duel.workload, number(mine)]
        if best:
            memory, theirs = duel.median(OURS, "peak_rss_mb"), duel.median(best, "peak_rss_mb")
            row += [f"{best} {number(duel.rate(best))}", f"**{mine / duel.rate(best):.2f} ×**",
                    f"{memory:.0f} / {theirs:.0f} MB ({memory / theirs:.2f})",
                    f"{duel.median(OURS, 'first_step_s'):.3f} / {duel.median(best, 'first_step_s'):.1f} s"]
        else:
            row += ["–", "–", f"{duel.median(OURS, 'peak_rss_mb'):.0f} MB", f"{duel.median(OURS, 'first_step_s'):.3f} s"]
        rows.append(row)
    return table(["workload", "innerloop", "best peer", "ratio", "peak memory", "first step"], rows)


def everyone(duels):
    names = [OURS] + IMAGES
    rows, remarks = [], []
    for duel in duels:
        rows.append([duel.workload] + [number(duel.rate(name)) if duel.runs.get(name) else "–" for name in names])
        remarks += [f"- {duel.workload}, {peer}: {reason}" for peer, reason in duel.failures.items()]
    return "\n".join([table(["workload"] + names, rows), ""] + remarks)


def per_step(workload, *options):
    """Milliseconds of a step, and the peak memory."""
    run = ours(workload, 2, *options)
    keep(dict(run, options=options))
    say(f"  {workload} {' '.join(map(str, options))}: {run['steps_per_s']} steps/s, {run['peak_rss_mb']} MB")
    return 1000 / run["steps_per_s"], run["peak_rss_mb"]


def scaling():
    both = ("sinusoid", "omniglot")
    tasks = []
    for count in (1, 4, 16, 64, 256):
        times = [per_step(workload, "--tasks", count)[0] for workload in both]
        tasks.append([count] + [f"{time / part:.3g}" for time in times for part in (1, count)])
    shots = [[count] + [f"{per_step(workload, '--shots', count)[0]:.3g}" for workload in both] for count in (1, 5, 10, 20)]

    steps = []
    for count in (1, 2, 5, 10, 20):
        sinusoid, _ = per_step("sinusoid", "--steps", count)
        stored, memory = per_step("omniglot", "--steps", count)
        again, less = per_step("omniglot", "--steps", count, "--recompute")
        steps.append([count, f"{sinusoid:.3g}", f"{stored:.3g}", f"{memory} MB", f"{again:.3g}", f"{less} MB"])
    threads = []
    for workload in PEERS:
        one, two = (per_step(workload, "--threads", count)[0] for count in (1, 2))
        threads.append([workload, f"{one:.3g}", f"{two:.3g}", f"{one / two:.2f} ×"])
    return "\n\n".join([
        "Tasks in a batch:",
        table(["tasks", "sinusoid, ms", "each task", "omniglot, ms", "each task"], tasks),
        "Inner steps; recomputed ones are `recompute: true`, which keeps no graph of them:",
        table(["steps", "sinusoid, ms", "omniglot, ms", "memory", "recomputed, ms", "memory"], steps),
        "Shots (training samples of a sinusoid, or of each of 5 classes; the 15 or 75 query samples stay):",
        table(["shots", "sinusoid, ms", "omniglot, ms"], shots),
        "Threads:", table(["workload", "1 thread, ms", "2 threads, ms", "gain"], threads)])


def profiles():
    parts = []
    for workload in PROFILED:
        run = subprocess.run([BINARY, "bench", workload, "--seconds", "3", "--profile"], capture_output=True, text=True, check=True)
        parts.append(f"`innerloop bench {workload} --profile`\n\n```\n{run.stdout.rstrip()}\n```")
    return "\n\n".join(parts)


def machine():
    def first(command):
        try:
            return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout.strip().splitlines()[0]
        except (OSError, IndexError, subprocess.TimeoutExpired):
            return ""

    cpu = next((line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.machine())
    flags = pathlib.Path("/proc/cpuinfo").read_text()
    vectors = "AVX-512" if " avx512f " in flags else "AVX2" if " avx2 " in flags else "no AVX2"
    versions = ""
    if INTERPRETER.exists():
        code = "import importlib.metadata as m; print(', '.join(f'{n} {m.version(n)}' for n in ('torch', 'torchmeta', 'jax')))"
        versions = first([INTERPRETER, "-c", code])
    return cpu, vectors, len(os.sched_getaffinity(0)), first(["swift", "--version"]), versions


def front_ends(options):
    kernels = bench_kernels.measure(options.rounds, options.peers)
    if not kernels:
        return ""
    return f"""## The kernel

Through jupyter_client, as JupyterLab uses it: from launch to the first answer, a cell `1 + 1` from request to idle and
reply, a completion, the lines a second of a cell that prints, an interrupt of an endless loop, and the resident set
afterwards. Medians over {options.rounds} rounds in which the kernels take turns.

{bench_kernels.table(kernels)}

"""


def hosts(options):
    """The section that tools/cluster/report.py writes, as it stands."""
    text = options.report.read_text() if options.report.exists() else ""
    section = re.search(r"^## Ranks and hosts\n.*?(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL)
    return "\n" + section[0] if section else ""


def report(duels, options):
    cpu, vectors, cores, swift, versions = machine()
    adapt = ours("adapt", options.seconds)
    keep(adapt)
    command = "make bench" if not sys.argv[1:] else "tools/bench.py " + " ".join(sys.argv[1:])
    return f"""# Benchmarks

Made by `{command}` on {datetime.date.today()}, on {cores} cores of {cpu} ({vectors}); {swift}{"; " + versions if versions else ""}.

A step is a whole meta-update: the inner loop of every task, the outer loss, its gradient through the
inner loop, and the Adam update; `innerloop bench --help` says what each workload is. Data is random and
in memory. Every measurement is a process of its own, ours before each peer's, {options.seconds:g} s each, medians
over up to {options.rounds} rounds. Absolute rates are of this machine on that day; only ratios within a row mean something.

## Against peers

Meta-updates a second, ours and the fastest peer's. Memory is the peak of the resident set; the first
step is counted from the start of the process.

{ratios(duels)}

Every peer, meta-updates a second:

{everyone(duels)}

Adapting the sinusoid model to one task in one step takes {1e6 / adapt["steps_per_s"]:.0f} µs.

{front_ends(options)}## Scaling

Milliseconds of a step.

{scaling()}

## Where the time goes

The same table is `maml.profile(batch)` in the language. In a profile the groups of a batch come one
after the other with all threads inside each; training runs them side by side.

{profiles()}
{hosts(options)}"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=", ".join(PEERS))
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=300.0, help="seconds a peer may take, compiling included")
    parser.add_argument("--peers", type=pathlib.Path, default=ROOT / "../shared/peers")
    parser.add_argument("--report", type=pathlib.Path, default=ROOT / "BENCHMARKS.md")
    options = parser.parse_args()
    unknown = set(options.workloads) - set(PEERS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PEERS)}")
    has_peers = INTERPRETER.exists() and (options.peers / "peers.py").exists()
    if not has_peers:
        say(f"bench: no peers ({options.peers}/peers.py, run by {INTERPRETER}); ours is measured alone")
    RECORDS.unlink(missing_ok=True)
    duels = []
    for workload in options.workloads or PEERS:
        say(workload)
        duels.append(Duel(workload, PEERS[workload] if has_peers else [], options))
        duels[-1].measure()
    say("scaling")
    options.report.write_text(report(duels, options))
    say(f"bench: {options.report} is written")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"bench: innerloop failed: {failure}")
    except KeyboardInterrupt:
        sys.exit(f"bench: interrupted; what was measured is in {RECORDS}")
