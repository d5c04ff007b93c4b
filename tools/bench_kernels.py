"""The Jupyter kernel against other kernels, through jupyter_client as a front end would; a table in Markdown.

Run by bench.py; by itself it prints the table: bench_kernels.py [ROUNDS]
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
BINARY = ROOT / ".build/release/innerloop"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
INTERPRETER = pathlib.Path(os.environ.get("INNERLOOP_PEER_KERNELS", CACHE / "innerloop-peers/jupyter/bin/python"))
KERNELS = {"innerloop": "innerloop", "xpython-raw": "xeus-python", "python3": "ipykernel"}
FIGURES = {"start": "start, ms", "execute_p50": "execute, ms", "complete_p50": "complete, ms", "lines_per_s": "lines/s",
           "interrupt": "interrupt, ms", "rss_mb": "MB"}
LINES = 5000


def measure(rounds, peers=ROOT / "../shared/peers"):
    """Every kernel's figures by name, medians over rounds in which they take turns; empty without the peers."""
    script = peers / "kernels.py"
    if not (INTERPRETER.exists() and script.exists()):
        return {}
    records = {kernel: [] for kernel in KERNELS}
    with tempfile.TemporaryDirectory() as prefix:
        subprocess.run([BINARY, "install", "--prefix", prefix], check=True, stdout=subprocess.DEVNULL)
        environment = {**os.environ, "JUPYTER_PATH": f"{prefix}/share/jupyter", "INNERLOOP_HISTORY": f"{prefix}/history.sqlite"}
        for _ in range(rounds):
            run = subprocess.run([INTERPRETER, script, *KERNELS], env=environment, capture_output=True, text=True, timeout=600)
            for line in run.stdout.splitlines():
                if line.startswith("{"):
                    record = json.loads(line)
                    if "error" not in record:
                        records[record["kernel"]].append(record)
                        print("  " + line, file=sys.stderr, flush=True)

    def median(kernel, figure):
        values = [record[figure] for record in records[kernel] if record[figure]]
        return statistics.median(values) if values else None

    return {kernel: {figure: median(kernel, figure) for figure in [*FIGURES, "lines"]} for kernel in KERNELS if records[kernel]}


def table(kernels):
    def cell(kernel, figure):
        value = kernels[kernel][figure]
        if figure == "lines_per_s" and kernels[kernel]["lines"] != LINES:
            return "loses lines"
        return "–" if value is None else f"{value:,.0f}" if value >= 1000 else f"{value:.2f}" if value < 10 else f"{value:.0f}"

    rows = [["kernel", *FIGURES.values()], ["---"] * (len(FIGURES) + 1)]
    rows += [[KERNELS[kernel], *(cell(kernel, figure) for figure in FIGURES)] for kernel in kernels]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


if __name__ == "__main__":
    print(table(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 3)))
