"""The notebooks' exercises: unanswered, answered as their solution says, and wrong in each of the ways that a check names."""

import re
from pathlib import Path

import nbformat
import pytest

from kernel_client import Kernel

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"

# By notebook and exercise: an edit of the solution that makes it wrong, and what its check says then.
WRONG = {
    "01-maml-sinusoid": {
        "exercise-1": [
            (("task.support", "task.query"), "The gradient is that of the query set"),
            (("- alpha *", "+ alpha *"), "this step climbs"),
            (("alpha * slopes", "slopes"), "α is missing"),
            (("alpha * slopes", "0.0 * slopes"), "Nothing has moved"),
            (("mse(model(task.support.inputs), task.support.targets)", "abs(model(task.support.inputs) - task.support.targets).mean()"),
             "Is the loss the mean squared error"),
            (("for (name, parameter) in model.parameters {", 'for (name, parameter) in model.parameters where name != "classifier.bias" {'),
             "There is no entry for classifier.bias"),
            (("alpha * slopes", "0.01 * slopes"), "the learner's own α, 0.01"),
            (("return adapted", "return maml.adapt(task).params"), "the learner's own α, 0.01"),
            (("parameter - alpha * slopes[name]!", "slopes[name]!"), "This is the gradient alone"),
            (("parameter - alpha", "-alpha"), "θ is missing"),
            (("parameter - alpha", "alpha"), "θ is missing"),
            (("return adapted", "return loss"), "by parameter name, [String: Tensor]; this is a Tensor"),
            (("parameter - alpha * slopes[name]!", "1.0"), "this is a [String: Double]"),
            (("return adapted", "return [:]"), "There is no entry for features.layer1.linear.weight"),
        ],
        "exercise-2": [
            (("batch[i].query.inputs, params: adapted), batch[i].query.targets", "batch[i].support.inputs, params: adapted), batch[i].support.targets"),
             "This is the loss on the support set"),
            ((", params: adapted", ""), "This is the query loss of θ itself"),
            (("sum / batch.count", "sum"), "This is the sum over the tasks"),
            (("sum / batch.count", "sum.detach() / batch.count"), "was detached"),
            # The learner's own step, taken without createGraph.
            (("maml.adapt(batch[i]).params",
              "gradientUpdateParameters(model, mse(model(batch[i].support.inputs), batch[i].support.targets), stepSize: 0.01, firstOrder: true)"),
             "pass `createGraph: true` to `gradient`"),
            (("sum / batch.count", "sum.item() / batch.count"), "This is a number, and no gradient"),
            (("sum / batch.count", "[sum, sum]"), "This is a list, [Tensor]"),
            (("sum / batch.count", "maml.outerLoss(batch)"), "This is what maml.outerLoss gives"),
            (("sum / batch.count", "\"loss\""), "Return a Tensor; this is a String"),
            (("sum / batch.count", "sum / 3"), "Not yet"),
            (("var sum = Tensor(0.0)", "var sum = zeros(2)"), "A loss is one number"),
        ],
    },
    "02-inside-the-inner-loop": {
        "exercise-1": [
            (("p.loss - 0.001 * square", "maml.stepper(task).loss - 0.001 * sqrt(square)"), "α times the norm"),
            (("p.loss -", "p.loss +"), "The sign"),
            (("0.001 * square", "square"), "α is missing"),
            (("0.001 * square", "0.01 * square"), "Take α = 0.001"),
            (("p.loss - 0.001", "0.001"), "by how much the loss falls"),
            (("var predicted: Double? = p.loss - 0.001 * square", "p.stepSize = 0.001\nvar predicted: Double? = p.step().loss"),
             "measured, not predicted"),
            (("p.loss - 0.001 * square", "p.loss"), "Not yet"),
        ],
        "exercise-2": [
            (("sample: 4", "sample: 12"), "The support set has the points 0 to 9"),
            (("target: -6.0", "target: -60.0"), "lies outside"),
            (("sample: 4, target: -6.0", "sample: 1, target: -6.0"), "Take another point"),
            (("sample: 4, target: -6.0", "1, -6"), "Take another point"),
            (("target: -6.0", "target: -1.0"), "Move it further"),
            (("target: -6.0", "target: 2.0"), "hardly moved"),
            ((": (sample: Int, target: Double)? = (sample: 4, target: -6.0)", " = (-6.0, 4)"), "Give a point and its target as a pair"),
        ],
    },
    "03-first-or-second-order": {
        "exercise-1": [
            ((", createGraph: true", ""), "This is the first order"),
            (("return gradient(of: query, wrt: net)", "return gradient(of: query, wrt: adapted)"), "This is the first order"),
            (("task.support.inputs), task.support.targets", "task.query.inputs), task.query.targets"), "The inner step uses the query set"),
            (("task.query.inputs, params: adapted), task.query.targets", "task.support.inputs, params: adapted), task.support.targets"),
             "The outer loss is measured on the support set"),
            (("- 0.01 *", "+ 0.01 *"), "The sign of the inner step"),
            ((", params: adapted", ""), "the adapted parameters are not used"),
            (("0.01 *", "0.1 *"), "Is α 0.01"),
            (("return gradient(of: query, wrt: net)", "return [:]"), "There is no entry for"),
            (("return gradient(of: query, wrt: net)", "return query"), "by parameter name, [String: Tensor]; this is a Tensor"),
        ],
        "exercise-2": [
            (("0.25", "1.0"), "α = 1 was for L_S″ = 1"),
            (("0.25", "0.5"), "differentiate 2 (θ − a)² twice"),
            (("0.25", "0.0"), "Without a step"),
            (("0.25", "2.0"), "At α = 2.0 the meta-gradient is"),
        ],
    },
    "04-five-ways-one-shot": {
        "exercise-1": [
            (("ways: 5", "ways: 10"), "These tasks have 10 ways"),
            (("shots: 5, testShots", "shots: 1, testShots"), "One image a class"),
            (("shots: 5, testShots", "shots: 4, testShots"), "five shots of five classes are 25"),
            (("testShots: 5", "testShots: 10"), "The query set has 50 images"),
            ((".test,", ".train,"), "120 of its classes were used for meta-training"),
            ((".test,", ".val,"), "These are the validation classes"),
        ],
        "exercise-2": [
            ((" / sqrt(n)", ""), "how much single tasks differ"),
            (("1.96 * sqrt", "sqrt"), "the standard error itself"),
            (("/ sqrt(n)", "/ n"), "it is the root of n"),
            (("sqrt(squares / (n - 1))", "squares / (n - 1)"), "This has the variance in it"),
            (("1.96", "2 * 1.96"), "the whole width"),
            (("1.96", "5"), "Not yet"),
        ],
    },
    "05-domain-generalisation": {
        "exercise-1": [
            (("losses / others.count", "losses"), "not their sum"),
            (("source.names.filter { $0 != held }", "source.names"), "slipped into F"),
            (("Double? = sum", "Double? = sum / sqrt(dot(f, f) * dot(g, g))"), "This is the cosine"),
            (("Double? = sum", "Double? = dot(g, g)"), "the squared norm of one"),
            (("let g = gradient(of: crossEntropy(net(source[held].inputs)",
              "let moved = gradientUpdateParameters(net, losses / others.count, stepSize: 1.0)\n"
              "let g = gradient(of: crossEntropy(net(source[held].inputs, params: moved)"), "after the inner step"),
            (("Double? = sum", "Double? = 2 * sum"), "Not yet"),
        ],
        "exercise-2": [
            ((", createGraph: true", ""), "its gradient is of first order"),
            (("return f +", "return f.detach() +"), "something was detached"),
            (("return f + meanLoss(test, moved)", "return (f + meanLoss(test, moved)).item()"), "this is a Double"),
            (("return f + meanLoss(test, moved)", "return f + meanLoss(test, [:])"), "which is ERM"),
            (("return f + ", "return "), "F itself is missing"),
            (("gradient(of: f,", "gradient(of: meanLoss(test, [:]),"), "The step was taken on the meta-test domains"),
            (("- 0.5 *", "+ 0.5 *"), "this step climbs"),
            (("- 0.5 *", "- 0.25 *"), "Not yet"),
        ],
    },
    "06-your-own-model-and-data": {
        "exercise-1": [
            (("let hidden = Linear", "let hidden = MetaLinear"), "Everything is adapted"),
            (("let head = MetaLinear", "let head = Linear"), "Nothing is adapted"),
            (("let hidden = Linear(1, 20, seed: 1)\n  let head = MetaLinear", "let hidden = MetaLinear(1, 20, seed: 1)\n  let head = Linear"),
             "The wrong one is adapted"),
            (("head(tanh(hidden(x)))", "head(hidden(x))"), "It is a straight line"),
            (("head(tanh(hidden(x)))", "head(tanh(hidden(x))).flatten()"), "not [5, 1]"),
            (("20", "10"), "11 of 31 numbers are adapted"),
        ],
        "exercise-2": [
            (("query: (x[5..<15], y[5..<15])", "query: (x[0..<10], y[0..<10])"), "the support points are query points too"),
            (("let (a, b) = (randn(1), randn(1))\n  let x = randn(15, 1)",
              "let (a, b) = (randn(1, seed: 1), randn(1, seed: 2))\n  let x = randn(15, 1, seed: 3)"), "does not depend on i"),
            (("a * x * x + b", "a * x + b"), "lie on no parabola"),
            (("randn(15, 1)", "randn(15)"), "they should be [5, 1], [10, 1] and [5, 1]"),
            (("query: (x[5..<15], y[5..<15])", "query: (x[5..<15], randn(1) * x[5..<15] * x[5..<15] + b)"), "draw a and b once a task"),
            (("a * x * x + b", "a * x * x"), "b is 0"),
        ],
    },
    "07-learned-learning-rates": {
        "exercise-1": [
            (("return -sum", "return sum"), "The sign"),
            (("let outer = gradient(of: mse(net(task.query.inputs, params: adapted), task.query.targets), wrt: adapted)",
              "let outer = gradient(of: mse(net(task.query.inputs), task.query.targets), wrt: net)"), "Both gradients were taken at θ"),
            (("outer[name]!", "inner[name]!"), "how the support loss falls"),
            (("return -sum", "return -alpha * sum"), "an α too much"),
            (("return -sum", "return -2 * sum"), "Not yet"),
        ],
        "exercise-2": [
            (("$0 < k ? early : 1 - early * Double(k - 1)", "$0 < 0 ? early : 1 / Double(k)"), "do not change with n"),
            (("$0 < k ? early", "$0 > 1 ? early"), "turn them round"),
            (("$0 < k ? early : 1 - early * Double(k - 1)", "$0 > 0 ? early : 0.0"), "the last step takes what the others have given up"),
            (("left / Double(k)", "left"), "It begins at 1 / k"),
            (("1 - early * Double(k - 1)", "1.0"), "not to 1"),
            (("max(0.0, 1 - Double(n) / Double(total))", "1 - Double(n) / Double(total)"), "they stay at 0"),
            (("(1...k)", "(1..<k)"), "one for each of the 5 steps"),
            (("left / Double(k)", "left * left / Double(k)"), "Not yet"),
        ],
    },
}


def cells(name):
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells


def exercises(name):
    """The exercise cells of a notebook, each with the code of its solution."""
    found = cells(name)
    sources = {cell.id: cell.source for cell in found}
    result = {}
    for cell in found:
        if cell.cell_type == "code" and "exercise" in cell.metadata.get("tags", []):
            fences = re.findall(r"```swift\n(.*?)```", sources[cell.id.replace("exercise", "solution")], re.DOTALL)
            assert len(fences) == 1, cell.id
            result[cell.id] = fences[0]
    return result


@pytest.mark.parametrize("name", sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")))
def test_every_exercise_knows_its_solution_and_what_usually_goes_wrong(name, kernelspec, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    solutions = exercises(name)
    assert solutions and set(solutions) == set(WRONG[name]), "each exercise has its wrong answers here"
    with Kernel() as kernel:

        def run(code):
            done = kernel.run(code, timeout=120)
            assert done.content["status"] == "ok", (code, done.content)
            return done.text()

        for cell in cells(name):
            if cell.cell_type != "code":
                continue
            if cell.id not in solutions:
                run(cell.source)
                continue
            solution = solutions[cell.id]
            for (old, new), words in WRONG[name][cell.id]:
                assert old in solution, (cell.id, old)
                said = run(solution.replace(old, new))
                assert words in said and "✓" not in said, (cell.id, new, said)
            said = run(solution)
            assert "✓" in said and "✗" not in said, (cell.id, said)
            # Last, so that the notebook goes on as it is.
            assert "not answered yet" in run(cell.source), cell.id
