"""How kernels that compute at the same time share the cores of one machine.

    share.py [--seconds S] [--rounds R] [--counts N,N,…] [WORKLOAD ...]

Runs `innerloop bench` in 1, 2 and 4 processes at once, each with as many threads as it takes by itself, and prints a table
in Markdown: the meta-updates a second of all together, against one alone in the same round, and the processor time of a
meta-update, which would grow if threads waited by spinning. Medians over the rounds.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[1]
BINARY = pathlib.Path(os.environ.get("INNERLOOP_BIN", ROOT / ".build/release/innerloop")).absolute()


def together(workload, count, seconds):
    """Meta-updates a second of all processes, and milliseconds of processor time for each meta-update."""
    command = [BINARY, "bench", workload, "--seconds", str(seconds)]
    before = os.times()
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(count)]
    rates = [json.loads(process.communicate()[0].splitlines()[-1])["steps_per_s"] for process in running]
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return sum(rates), 1000 * spent / (sum(rates) * (after.elapsed - before.elapsed))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", default=["sinusoid", "sinusoid5", "omniglot", "mldg"])
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--counts", default="1,2,4", type=lambda text: [int(n) for n in text.split(",")])
    options = parser.parse_args()
    print("| workload | at once | meta-updates/s together | against one alone | processor ms each |\n|---|---|---|---|---|")
    for workload in options.workloads:
        rounds = [
            [together(workload, count, options.seconds) for count in options.counts] for _ in range(options.rounds)]
        for place, count in enumerate(options.counts):
            rate = statistics.median(results[place][0] for results in rounds)
            ratio = statistics.median(results[place][0] / results[0][0] for results in rounds)
            cost = statistics.median(results[place][1] for results in rounds)
            print(f"| {workload} | {count} | {rate:,.4g} | {ratio:.2f} | {cost:.3g} |", flush=True)


if __name__ == "__main__":
    main()
