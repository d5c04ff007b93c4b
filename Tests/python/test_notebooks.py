"""Every notebook runs through a real Jupyter client, twice with the same result."""

import copy
import json
import statistics
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from traitlets.config import Config

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TIMING = ("iopub.execute_input", "iopub.status.busy", "iopub.status.idle", "shell.execute_reply", "shell.execute_reply.started")


def execute(path, folder, extra_cell=None):
    """Executes a notebook in an empty folder; a cell appended for the test asks for numbers."""
    notebook = nbformat.read(path, as_version=4)
    if extra_cell is not None:
        notebook.cells.append(nbformat.v4.new_code_cell(extra_cell, id="asked-by-the-test"))
    client = NotebookClient(
        notebook,
        kernel_name="innerloop",
        timeout=300,
        startup_timeout=60,
        coalesce_streams=True,  # as front ends show them: when a text is sent is the clock's
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    return notebook


def without_timing(notebook):
    """The notebook as text, less the moments at which its cells ran."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        for key in TIMING:
            cell.metadata.get("execution", {}).pop(key, None)
    return nbformat.writes(notebook)


def printed(cell):
    return "".join(output.text for output in cell.outputs if output.output_type == "stream" and output.name == "stdout")


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Executed notebooks by path, each run once however many tests look at it."""
    notebooks = {}

    def get(path, extra_cell=None):
        if path not in notebooks:
            notebooks[path] = execute(path, tmp_path_factory.mktemp(path.stem), extra_cell)
        return notebooks[path]

    return get


def notebook(stem):
    return ROOT / "notebooks" / f"{stem}.ipynb"


SINUSOID = notebook("01-maml-sinusoid")
INSIDE = notebook("02-inside-the-inner-loop")
ORDERS = notebook("03-first-or-second-order")
IMAGES = notebook("04-five-ways-one-shot")
DOMAINS = notebook("05-domain-generalisation")
OWN = notebook("06-your-own-model-and-data")
RATES = notebook("07-learned-learning-rates")
# What a cell appended to the notebook prints for the tests below.
FIGURES = {
    SINUSOID: """
        print(json(["five": e5.losses, "ten": e10.losses, "interval": e10.lossCI, "tasks": e10.count,
          "flat": squares / 600, "curve": mse(model(xs), (0..<600).map { unseen[$0].amplitude * sin(xs - unseen[$0].phase) }.reduce(zeros(100, 1)) { $0 + $1 } / 600).item()]))""",
    INSIDE: """
        let plain = maml.stepper(task).step(5).history
        print(json(["plain": plain["train (support) loss"], "norms": plain["gradient norm"],
          "most": s.history.columns.filter { $0.hasPrefix("moved ") }.map { name in plain[name][1] },
          "least": s.history.columns.filter { $0.hasPrefix("moved ") }.map { name in plain[name].max()! },
          "slow": mse(model(task.query.inputs, params: maml.adapt(task, numAdaptationSteps: 1, stepSize: 0.002).params), task.query.targets).item(),
          "diverged": "\\(mse(model(task.query.inputs, params: maml.adapt(task, numAdaptationSteps: 10, stepSize: 0.1).params), task.query.targets).item())",
          "back": [mse(model(task.query.inputs, params: maml.adapt(unseen[27], numAdaptationSteps: 5).params), task.query.targets).item()],
          "cross": [mse(model(unseen[27].query.inputs), unseen[27].query.targets).item(),
            mse(model(unseen[27].query.inputs, params: maml.adapt(unseen[0], numAdaptationSteps: 5).params), unseen[27].query.targets).item()],
          "query": plain["test (query) loss"], "spoiled": s.history["test (query) loss"],
          "support": s.history["train (support) loss"], "far": far.history["train (support) loss"]]))""",
    ORDERS: """
        let exact = m.check()["largest difference"].max()!
        let off = fomaml.metaGradient(tasks.batch(10)).check()["largest difference"].max()!
        print(json(["exact": exact, "off": off, "angles": [anglesOfMAML, anglesOfFOMAML], "errors": errors,
          "norms": m.table["‖second order‖"].last! / m.table["‖first order‖"].last!, "angle": m.table["angle in degrees"].last!,
          "one": [whole.losses[1] + whole.lossCI[1], first.losses[1] - first.lossCI[1]],
          "losses": [[1, 5, 10].map { whole.losses[$0] }, [1, 5, 10].map { first.losses[$0] }],
          "hand": [0.0, 0.5, 1.0, 1.5].map { [slope($0, firstOrder: true), slope($0, firstOrder: false)] }]))""",
    IMAGES: """
        print(json(["before": before.accuracies, "after": after.accuracies, "interval": after.accuracyCI, "tasks": after.count,
          "prototypes": p.accuracies[0], "scratch": fromScratch.accuracies.last!,
          "shared": tasks.classes.filter { unseen.classes.contains($0) }.count]))""",
    DOMAINS: """
        let expected = alphas.map { measured[0] - $0 * product }
        print(json(["pairs": [before.pairs["15"][0], before.pairs["60"][0]], "measured": measured, "expected": expected,
          "product": MLDG(model).outerLoss(source, metaTest: ["60"]).gradientInnerProduct,
          "byLayer": MLDG(model).alignment(source, metaTest: ["60"]).layers["F′·G′"],
          "exact": m.check(elements: 5)["largest difference"].max()!, "second": m.table["‖second order‖"].last!,
          "erm": ermCosines, "mldg": mldgCosines, "seeds": rowsOfSeeds.map { [$0.0, $0.1, $0.2, $0.3] },
          "source": [erm.evaluate(source).meanAccuracy!, mldg.evaluate(source).meanAccuracy!]]))""",
    OWN: """
        let tested = readCSV("sensors-test.csv")["sensor"]
        print(json(["errors": errors, "exact": maml.metaGradient(known.batch(4)).check(elements: 5)["largest difference"].max()!,
          "leaks": [audit(maml, train: known, test: unknown), audit(maml, train: known, test: mistaken)].map { "\\($0)" },
          "adapted": model.metaNamedParameters().keys, "counts": [sensors.count!, others.count!],
          "names": readCSV("sensors-train.csv")["sensor"].filter { tested.contains($0) }.count]))""",
    RATES: """
        print(json(["fixed": fixed.map { [$0.loss, $0.interval] }, "learned": found.map { [$0.loss, $0.interval] },
          "maml": [threeSteps.loss, threeSteps.interval], "plus": [threeLearned.loss, threeLearned.interval],
          "differences": [contest.differences["test (query) loss"], contest.differences["± 95%"]],
          "exact": small.metaGradient(tasks.batch(5)).check()["largest difference"].max()!, "rates": all,
          "weight": plus.stepSize["classifier.weight"]!.array, "bias": plus.stepSize["classifier.bias"]!.array,
          "hidden": plus.stepSize["features.layer2.linear.weight"]!.array]))""",
}


def figures(executed, path):
    return json.loads(printed(executed(path, FIGURES[path]).cells[-1]))


def test_there_are_notebooks():
    assert NOTEBOOKS == sorted(FIGURES)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_committed_notebook_has_no_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "innerloop"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None, cell.id


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_page_can_leave_the_checks_out(path):
    hiding = Config(TagRemovePreprocessor={"enabled": True, "remove_input_tags": ["hide-input"]})
    page, _ = HTMLExporter(config=hiding).from_filename(path)
    assert "not answered yet" not in page and "your answer" in page
    assert "not answered yet" in HTMLExporter().from_filename(path)[0]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_runs_and_every_display_has_plain_text(path, executed):
    notebook = executed(path, FIGURES.get(path))
    shown = 0
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        assert cell.execution_count is not None, cell.id
        for output in cell.outputs:
            assert output.output_type != "error", (cell.id, output)
            assert output.get("name") != "stderr", (cell.id, output)
            if output.output_type in ("display_data", "execute_result"):
                assert output.data["text/plain"].strip(), cell.id
                shown += 1
    assert shown > 0


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_two_executions_are_identical(path, executed, tmp_path):
    first = executed(path, FIGURES.get(path))
    second = execute(path, tmp_path, FIGURES.get(path))
    assert without_timing(first) == without_timing(second)


def test_the_sinusoid_notebook_shows_tables_and_plots(executed):
    notebook = executed(SINUSOID, FIGURES[SINUSOID])
    kinds = [kind for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs for kind in output.get("data", {})]
    assert kinds.count("text/html") >= 3
    assert kinds.count("application/vnd.vegalite.v5+json") >= 4
    assert kinds.count("image/svg+xml") >= 4


def test_meta_training_makes_ten_steps_worth_five_times(executed):
    found = figures(executed, SINUSOID)
    assert found["tasks"] == 600
    assert len(found["ten"]) == len(found["five"]) == 11
    assert found["ten"][0] >= 5 * found["ten"][10], found
    # Not within the noise either: the intervals are far apart.
    assert found["ten"][0] - found["interval"][0] > 4 * (found["ten"][10] + found["interval"][10])
    # θ itself is about the average curve, which is better than a flat line, and right for no task.
    assert found["curve"] < 0.1 and 2.5 < found["ten"][0] < 3.5 < found["flat"]
    # Five points tell less than ten.
    assert found["five"][10] > found["ten"][10]


def test_inside_the_inner_loop_each_claim_holds(executed):
    found = figures(executed, INSIDE)
    # The gradient norm falls along with the loss, and most of the way is done in the first step.
    assert found["plain"] == sorted(found["plain"], reverse=True) and found["norms"] == sorted(found["norms"], reverse=True)
    assert found["plain"][0] - found["plain"][1] > 0.5 * (found["plain"][0] - found["plain"][5])
    # One bad point from step 1 on: the support loss jumps there, and the query loss ends higher.
    assert found["support"][1] > 5 * found["plain"][1] and found["support"][0] == found["plain"][0]
    assert found["spoiled"][5] > 5 * found["query"][5]
    assert found["query"][0] > 2 and found["query"][1] < 0.25 and found["query"][5] < 0.1
    # Which parameter moves most at first, and which least: the first layer's weights, and the output's bias.
    assert found["most"][0] == max(found["most"]) > 2 * sorted(found["most"])[-2]
    assert found["least"][-1] == min(found["least"]) < sorted(found["least"])[1] / 1.5
    # One step of 0.002 is not enough, ten of 0.1 diverge.
    assert found["slow"] > 1 and found["diverged"] in ("inf", "nan")
    # What is good for one task is far worse than the start for another.
    assert found["cross"][1] > 2 * found["cross"][0] and found["back"][0] > 2 * found["query"][0]
    # Steps that are too long explode.
    assert found["far"][:3] == found["plain"][:3] and found["far"][5] > 1e6


def test_the_meta_gradient_is_proved_and_its_first_order_is_another_direction(executed):
    found = figures(executed, ORDERS)
    assert found["hand"] == [[-3, -3], [-2.5, -1.25], [-2, 0], [-1.5, 0.75]]
    assert found["exact"] < 1e-9 and found["off"] > 1e-2
    assert 0.2 < found["norms"] < 0.3 and 8 < found["angle"] < 15
    # Cancellation on the left, kinks on the right, room in between (h from 1e-2 down to 1e-12).
    assert min(found["errors"]) < 1e-9 and found["errors"][-1] > 1e-5 and found["errors"][0] > 1e-2
    whole, first = found["angles"]
    # Single angles hang on the last bits of a long training: over six seeds their means were 35 to 62 and 39 to 78 degrees.
    assert whole[0] == first[0] < 8 and statistics.mean(whole[2:]) > 30 and statistics.mean(first[2:]) > 30
    assert found["one"][0] < found["one"][1]
    assert all(a < b for a, b in zip(*found["losses"]))


def test_one_step_tells_five_unseen_characters_apart(executed):
    found = figures(executed, IMAGES)
    assert found["shared"] == 0 and found["tasks"] == 200
    # Guessing without a step, since classes are numbered anew in each task.
    assert abs(found["before"][0] - 0.2) < 0.03 and abs(found["after"][0] - 0.2) < 0.04
    assert found["before"][1] < 0.4 and 0.6 < found["before"][5] < 0.9
    assert found["after"][1] > 0.9 and found["after"][5] > found["after"][1] + found["interval"][1]
    assert found["scratch"] > 0.9 and found["after"][5] - found["interval"][5] > found["scratch"]
    assert found["prototypes"] > 0.9


def test_mldg_keeps_the_domains_gradients_together(executed):
    found = figures(executed, DOMAINS)
    assert found["pairs"][0] > 0.6 and found["pairs"][1] < 0.1
    assert abs(sum(found["byLayer"][:-1]) - found["product"]) < 1e-5 and abs(found["byLayer"][-1] - found["product"]) < 1e-5
    # The expansion is good for a small step, and less so for a large one.
    off = [abs(a - b) for a, b in zip(found["measured"], found["expected"])]
    assert max(off[:3]) < 1e-4 < off[4] and found["measured"] == sorted(found["measured"], reverse=True)
    assert found["exact"] < 1e-9 and found["second"] > 0.1
    assert found["erm"][0] == found["mldg"][0] and found["erm"][-1] < 0.2 and found["mldg"][-1] > 0.4
    assert min(found["source"]) > 0.98
    for erm, mldg, seen, other in found["seeds"]:
        assert mldg > erm + 0.3 and other <= seen + 0.01


def test_a_model_a_loss_and_data_of_ones_own_calibrate_a_new_sensor(executed):
    found = figures(executed, OWN)
    nothing, line, adapted = found["errors"]
    assert adapted < 0.5 * line and line < nothing
    assert found["exact"] < 1e-9
    assert found["adapted"] == ["mix.weight", "mix.bias", "out.weight", "out.bias"]
    assert "no leak found" in found["leaks"][0] and "the same tasks" in found["leaks"][1]
    assert found["counts"] == [80, 20] and found["names"] == 0


def test_learned_rates_differ_from_their_start_and_beat_the_fixed(executed):
    found = figures(executed, RATES)
    assert found["exact"] < 1e-9
    best = min(loss - interval for loss, interval in found["fixed"])
    assert all(loss + interval < 0.7 * best for loss, interval in found["learned"])
    (difference,), (interval,) = found["differences"]
    assert difference > interval
    rates = found["rates"]
    assert len(rates) == 1761 and sum(rate < 0 for rate in rates) > 100 and sum(rate > 0.1 for rate in rates) > 50
    assert sum(abs(rate - 0.01) < 1e-6 for rate in rates) > 100
    assert found["plus"][0] + found["plus"][1] < found["maml"][0] - found["maml"][1]
    assert min(found["weight"]) > 0.1 and max(found["weight"]) == found["weight"][-1]
    assert max(found["bias"]) < 0 and all(abs(rate - 0.01) < 0.03 for rate in found["hidden"])
