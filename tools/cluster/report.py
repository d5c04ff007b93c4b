"""Writes what measure.py measured and model.py makes of it into BENCHMARKS.md and docs/scaling.md.

    report.py [--check]

Tables stand between `<!-- table: NAME -->` and `<!-- end of table -->` and are written anew; everything else stays.
With --check nothing is written; exit status 1 tells that a document does not have the tables of docs/scaling.json.
"""

import math
import pathlib
import re
import statistics
import sys

import model

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "BENCHMARKS.md", ROOT / "docs/scaling.md"]
TABLE = re.compile(r"(<!-- table: ([a-z ]+) -->\n).*?(<!-- end of table -->)", re.DOTALL)
# Half of a round trip and bytes a second, as such networks give them to MPI; not measured here.
NETWORKS = {
    "1 Gb/s, 30 µs": model.Line(30e-6, 117e6),
    "25 Gb/s, 10 µs": model.Line(10e-6, 2.8e9),
    "100 Gb/s, 2 µs": model.Line(2e-6, 12e9),
}
RANKS = [64, 1024]


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|---|" + "---:|" * (len(header) - 1)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def milliseconds(seconds):
    return f"{seconds * 1e3:.3g}" if seconds < 1 else f"{seconds * 1e3:,.0f}"


def error(predicted, measured):
    return f"{milliseconds(predicted)} ({predicted / measured - 1:+.0%})"


def circumstances(m):
    record = m.record
    entries = record["measurements"]
    rounds = sorted(entry["rounds"] for entry in entries)
    disturbed = sum(entry["busy"] > 0.15 for entry in entries)
    text = (
        f"Measured on {record['date']} on {record['cores']} cores of {record['processor']}: {len(entries)} things, each the median of "
        f"{rounds[0]} to {rounds[-1]} measurements")
    if disturbed:
        text += f". Beside {disturbed} of them other programs ran, at a lower priority"
    return text + "."


def threads_and_ranks(m):
    rows = []
    for name, parameters in m.parameters.items():
        tasks = max(key[2] for key in m.found if key[:2] == ("alone", name))
        one, two = (m.found["alone", name, tasks, threads]["seconds"] for threads in (1, 2))
        ranks = m.found["here", name, tasks, 2]["seconds"]
        rows.append([
            name, f"{parameters:,}", milliseconds(one), milliseconds(two), milliseconds(ranks), f"{one / two:.2f} ×", f"{one / ranks:.2f} ×",
            f"{one / ranks / 2:.0%}"])
    return table(
        ["model", "parameters", "1 rank, 1 thread, ms", "1 rank, 2 threads, ms", "2 ranks, 1 thread, ms", "gain of threads", "gain of ranks",
         "efficiency of ranks"], rows)


def constants(m):
    units = ["{:.1%}", "{:.0f} µs", "{:.2f}", "{:.2f}", "{:.2f} ns"]
    scales = [1, 1e6, 1, 1, 1e9]
    rows = [[name, meaning, unit.format(value * scale)] for name, meaning, unit, scale, value in zip(
        model.NAMES, model.MEANINGS, units, scales, m.constants)]
    return table(["constant", "what it is", "fitted"], rows)


def predictions(m):
    held = {name: m.held_out(same) for name, same in model.HELD_OUT.items()}
    rows = [
        [run.model, run.line, run.ranks, milliseconds(run.seconds), milliseconds(m.own(run)),
         *(error(held[name][run], run.seconds) for name in model.HELD_OUT)] for run in m.runs]
    header = ["model", "line", "ranks", "measured, ms", "computing, ms", *(f"without its {name}" for name in model.HELD_OUT)]
    summary = []
    for name in model.HELD_OUT:
        errors = sorted(abs(held[name][run] / run.seconds - 1) for run in m.runs)
        within = sum(error <= 0.15 for error in errors)
        summary.append([f"without its {name}", f"{statistics.median(errors):.1%}", f"{errors[-1]:.1%}", f"{within} of {len(errors)}"])
    return table(header, rows) + "\n\n" + table(["predicted by constants fitted", "median error", "largest error", "within 15%"], summary)


def lines(m):
    rows = []
    for (name, ranks), line in m.lines.items():
        measured = next(entry["rows"] for key, entry in m.found.items() if key[0] == "messages" and (f"{key[1]}, {key[2]}", key[3]) == (name, ranks))
        own = next((entry["rows"] for key, entry in m.found.items() if key[0] == "own choice" and (f"{key[1]}, {key[2]}", key[3]) == (name, ranks)), None)
        times = {row["bytes"]: row["iallreduce"] / 1e6 for row in measured}
        tree = {row["bytes"]: row["iallreduce"] / 1e6 for row in own} if own else {}
        largest = max(times)
        rows.append([
            name, ranks, f"{line.latency * 1e6:.0f} µs", f"{line.rate / 1e6:.0f} MB/s", milliseconds(times[512]), milliseconds(times[32768]),
            milliseconds(times[largest]), milliseconds(tree[largest]) if tree else "–"])
    return table(
        ["line", "ranks", "half of a round trip", "rate", "sum of 512 B, ms", "of 32 kB, ms", "of 2 MB, ms", "2 MB by Open MPI's own choice, ms"], rows)


def efficiency(m):
    """The part of the time in which a rank computes."""
    each = [1, 4, 16]
    rows = []
    for network, line in NETWORKS.items():
        for name in m.parameters:
            rows.append([network, name, *(
                f"{m.compute(name, tasks) / m.planned(name, tasks, ranks, line):.0%}" for ranks in RANKS for tasks in each)])
    return table(["network", "model", *(f"{ranks:,} ranks × {tasks}" for ranks in RANKS for tasks in each)], rows)


def tasks_needed(m, share=0.8):
    """Tasks of a rank at which it computes so much of the time."""
    rows = []
    for network, line in NETWORKS.items():
        row = [network]
        for name in m.parameters:
            for ranks in RANKS:
                tasks = 1
                while m.compute(name, tasks) < share * m.planned(name, tasks, ranks, line) and tasks < 1 << 20:
                    tasks *= 2
                row.append(f"{tasks:,}")
        rows.append(row)
    return table(["network", *(f"{name}, {ranks:,}" for name in m.parameters for ranks in RANKS)], rows)


def one_batch(m, tasks=64):
    """How much faster a meta-update of one batch is on more ranks."""
    counts = [4, 16, 64]
    rows = []
    for network, line in NETWORKS.items():
        for name in m.parameters:
            one = m.compute(name, tasks)
            rows.append([network, name, milliseconds(one), *(f"{one / m.planned(name, tasks / ranks, ranks, line):.1f} ×" for ranks in counts)])
    return table(["network", "model", f"1 rank, {tasks} tasks, ms", *(f"{count} ranks" for count in counts)], rows)


def parts(m):
    """Where the time of a meta-update goes on the networks planned for."""
    rows = []
    for network, line in NETWORKS.items():
        for name in m.parameters:
            for ranks in RANKS:
                compute = m.compute(name, 1)
                slowest, answers, latency, size, words = model.terms(compute, m.parameters[name], ranks, line) * m.constants
                rows.append([network, name, f"{ranks:,}", *map(milliseconds, (compute, slowest, answers + latency, words, size))])
    return table(["network", "model", "ranks", "a task, ms", "slowest rank, ms", "messages, ms", "words, ms", "bytes, ms"], rows)


TABLES = {
    "circumstances": circumstances, "threads and ranks": threads_and_ranks, "constants": constants, "predictions": predictions,
    "lines": lines, "efficiency": efficiency, "tasks needed": tasks_needed, "one batch": one_batch, "parts": parts,
}


def filled(text, m):
    """The document with its tables of now."""
    def fill(match):
        return f"{match[1]}\n{TABLES[match[2]](m)}\n\n{match[3]}"

    return TABLE.sub(fill, text)


def main():
    m = model.load()
    stale = []
    for document in DOCUMENTS:
        old = document.read_text()
        new = filled(old, m)
        if old != new:
            stale.append(document)
            if "--check" not in sys.argv[1:]:
                document.write_text(new)
    if "--check" in sys.argv[1:] and stale:
        sys.exit(f"report: not up to date: {', '.join(str(document.relative_to(ROOT)) for document in stale)}; run tools/cluster/report.py")


if __name__ == "__main__":
    main()
