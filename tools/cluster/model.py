"""What a meta-update costs on a cluster: a model of few constants, fitted to docs/scaling.json and tried on what it was
not fitted to.

    model.py    prints the constants, and measured and predicted seconds of every run

Seconds of a meta-update of T tasks on N ranks, of which P ≥ 1 share a processor:

    (1 + s) compute(T / N) P + (o P + λ L) messages + β bytes / B + w P words

compute   measured in one process with as many tasks as a rank has, while other processes use the other cores
L, B      of the line, measured by probe.c: half of a round trip, and bytes a second of a large message
messages  that wait for each other; bytes: what a rank sends, and receives as well (collective below)
words     64-bit words that are summed: the learned parameters
s o λ β w fitted, none below 0
"""

import dataclasses
import itertools
import json
import math
import pathlib

import numpy

RECORD = pathlib.Path(__file__).resolve().parents[2] / "docs/scaling.json"
NAMES = ["s", "o", "λ", "β", "w"]
MEANINGS = [
    "by how much the slowest rank computes longer than the mean",
    "seconds to notice a message and to answer it",
    "one-way latencies a message costs",
    "times that a byte crosses the line",
    "seconds a word, to make it, add it and read it",
]
# Sources/MetaLearning: words of the meeting before the sums, and of one sum that is under way beside others.
MEETING = 64
BUCKET = 1 << 16
EAGER = 65536  # bytes that Open MPI sends over TCP unannounced


@dataclasses.dataclass(frozen=True)
class Line:
    """What joins two hosts."""
    latency: float  # seconds of one way of a small message
    rate: float  # bytes a second


@dataclasses.dataclass(frozen=True)
class Run:
    model: str
    tasks: int
    ranks: int
    line: str
    seconds: float


def collective(words, ranks):
    """Messages in a row, and bytes, of a sum of 64-bit words by Rabenseifner's algorithm: halves of the words are
    exchanged and added until each rank has its part of the sum, and then doubled back; where ranks are no power of 2,
    some first add a half of theirs to a neighbour's."""
    if ranks == 1:
        return 0, 0.0
    levels = int(math.log2(ranks))
    sizes = [8 * words / 2**level for level in range(1, levels + 1)]
    if ranks != 2**levels:
        sizes += [4 * words, 8 * words]
    return 2 * sum(map(announced, sizes)), 2 * sum(sizes)


def announced(size):
    """How many messages a message is: a large one is announced, and sent when the other side has answered."""
    return 1 if size <= EAGER else 3


def buckets(words):
    """Sums under way at once: full ones, and the rest."""
    full, rest = divmod(words, BUCKET)
    return [BUCKET] * (full - 1) + [BUCKET + rest] if full else [words]


def messages(parameters, ranks):
    """Messages that follow each other, and bytes, of a whole meta-update: sums that are under way together wait together."""
    count, size = collective(MEETING, ranks)
    sums = [collective(words, ranks) for words in buckets(parameters)]
    return count + max(own for own, _ in sums), size + sum(own for _, own in sums)


def terms(compute, parameters, ranks, line, share=1.0):
    """What the fitted constants multiply."""
    if ranks == 1:
        return numpy.zeros(len(NAMES))
    count, size = messages(parameters, ranks)
    return numpy.array([compute * share, count * share, line.latency * count, size / line.rate, parameters * share])


def non_negative(matrix, target):
    """Least squares with no solution below 0: the best over all choices of what is 0."""
    best, error = numpy.zeros(matrix.shape[1]), numpy.sum(target**2)
    for count in range(1, matrix.shape[1] + 1):
        for kept in itertools.combinations(range(matrix.shape[1]), count):
            found = numpy.linalg.lstsq(matrix[:, kept], target, rcond=None)[0]
            if (found >= 0).all() and (remains := numpy.sum((matrix[:, kept] @ found - target) ** 2)) < error:
                best, error = numpy.zeros(matrix.shape[1]), remains
                best[list(kept)] = found
    return best


class Model:
    def __init__(self, record):
        self.record = record
        self.cores = record["cores"]
        self.found = {tuple(entry["key"]): entry for entry in record["measurements"]}
        self.parameters = {key[1]: entry["parameters"] for key, entry in self.found.items() if key[0] == "alone"}
        self.runs = [
            Run(key[1], key[2], key[3], f"{key[4]}, {key[5]}", entry["seconds"]) for key, entry in self.found.items() if key[0] == "hosts"]
        self.lines = {
            (f"{key[1]}, {key[2]}", key[3]): line(entry["rows"]) for key, entry in self.found.items() if key[0] == "messages"}
        self.constants = self.fit(self.runs)

    def compute(self, model, tasks):
        """Seconds of one process on one thread, while every core computes; between measured numbers of tasks, and beyond, a straight line."""
        known = sorted((key[2], entry["seconds"]) for key, entry in self.found.items() if key[:2] == ("full", model))
        counts, seconds = zip(*known)
        if tasks <= counts[-1]:
            return float(numpy.interp(tasks, counts, seconds))
        return seconds[-1] + (seconds[-1] - seconds[-2]) / (counts[-1] - counts[-2]) * (tasks - counts[-1])

    def share(self, ranks):
        return max(1.0, ranks / self.cores)

    def own(self, run):
        """Seconds of computing, with the processors shared."""
        return self.compute(run.model, run.tasks / run.ranks) * self.share(run.ranks)

    def features(self, run):
        return terms(self.compute(run.model, run.tasks / run.ranks), self.parameters[run.model], run.ranks, self.lines[run.line, run.ranks], self.share(run.ranks))

    def fit(self, runs):
        """The constants with the least squares of relative errors."""
        matrix = numpy.array([self.features(run) / run.seconds for run in runs])
        target = numpy.array([(run.seconds - self.own(run)) / run.seconds for run in runs])
        return non_negative(matrix, target)

    def predict(self, run, constants=None):
        return self.own(run) + self.features(run) @ (self.constants if constants is None else constants)

    def held_out(self, same):
        """Each run's prediction by constants fitted without the runs that are the same as it."""
        return {run: self.predict(run, self.fit([other for other in self.runs if not same(run, other)])) for run in self.runs}

    def planned(self, model, tasks, ranks, line):
        """Seconds on a cluster whose ranks have a processor each."""
        compute = self.compute(model, tasks)
        return compute + terms(compute, self.parameters[model], ranks, line) @ self.constants


def line(rows):
    return Line(latency=rows[0]["half"] * 1e-6, rate=rows[-1]["MB/s"] * 1e6)


HELD_OUT = {
    "run": lambda a, b: a == b,
    "model": lambda a, b: a.model == b.model,
    "line": lambda a, b: a.line == b.line,
    "ranks": lambda a, b: a.ranks == b.ranks,
}


def load(path=RECORD):
    return Model(json.loads(path.read_text()))


def main():
    import sys
    model = load(pathlib.Path(sys.argv[1])) if len(sys.argv) > 1 else load()
    for name, value, meaning in zip(NAMES, model.constants, MEANINGS):
        print(f"{name} {value:10.3g}  {meaning}")
    predictions = {name: model.held_out(same) for name, same in HELD_OUT.items()}
    print(f"\n{'model':9} {'ranks':>5} {'line':16} {'measured':>9} {'compute':>9} {'fitted':>9}" + "".join(f"{'without its ' + name:>19}" for name in HELD_OUT))
    for run in model.runs:
        cells = "".join(f"{predictions[name][run] * 1e3:11.3f} {predictions[name][run] / run.seconds - 1:+7.1%}" for name in HELD_OUT)
        print(f"{run.model:9} {run.ranks:5} {run.line:16} {run.seconds * 1e3:9.3f} {model.own(run) * 1e3:9.3f} {model.predict(run) * 1e3:9.3f}{cells}")
    for name in HELD_OUT:
        errors = [abs(predictions[name][run] / run.seconds - 1) for run in model.runs]
        print(f"without its {name}: median error {numpy.median(errors):.1%}, largest {max(errors):.1%}, within 15%: {sum(e <= 0.15 for e in errors)} of {len(errors)}")


if __name__ == "__main__":
    main()
