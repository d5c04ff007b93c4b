"""Completion, inspection and history of the real language, also while a cell runs."""

import pathlib

import pytest

from kernel_client import Kernel

ROOT = pathlib.Path(__file__).resolve().parents[2]
SETUP = """\
let model = MetaMLPModel(1, 1, hiddenSizes: [40])
let maml = MAML(model, optimizer: Adam(lr: 0.001))
let tasks = Sinusoid(shots: 5)
let a = maml.adapt(tasks[0])
let o = maml.outerLoss(tasks.batch(2))
"""


@pytest.fixture(scope="module")
def busy(kernelspec):
    """A kernel with a learner, and a cell that never ends."""
    with Kernel() as kernel:
        assert kernel.run(SETUP).content["status"] == "ok"
        kernel.start_loop()
        yield kernel


def complete(kernel, code):
    content = kernel.ask("complete_request", {"code": code, "cursor_pos": len(code)}).content
    types = content["metadata"]["_jupyter_types_experimental"]
    assert len(types) == len(content["matches"])
    assert [t["text"] for t in types] == content["matches"]
    return {t["text"]: (t["type"], t["signature"]) for t in types}


def inspect(kernel, code, detail):
    content = kernel.ask("inspect_request", {"code": code, "cursor_pos": len(code), "detail_level": detail}).content
    return content["data"] if content["found"] else None


@pytest.mark.parametrize("code, text, kind, signature", [
    ("let x = MetaLin", "MetaLinear", "class", "MetaLinear(_ inFeatures: Int"),
    ("if maml.iteration > 3 { mod", "model", "instance", "MetaMLPModel"),
    ("func f() { let hidden = 1; return hid", "hidden", "instance", "Int"),
    ("maml.ad", "adapt", "function", "adapt(_ task: Task"),
    ("maml.adapt(tasks[0], num", "numAdaptationSteps:", "param", "numAdaptationSteps: Int"),
    ("MAML(model, lossFunction: .", "mse", "enum", ""),
    ("a.params[\"feat", "features.layer1.linear.weight", "string", ""),
    ("o.gradients[\"", "classifier.bias", "string", ""),
    ("model.parameters[\"class", "classifier.weight", "string", ""),
    (f"readCSV(\"{ROOT}/READ", "README.md", "path", ""),
    (f"readCSV(\"{ROOT}/Sou", "Sources/", "path", ""),
    ("\"\\(mam", "maml", "instance", "MAML"),
])
def test_unfinished_code_is_completed_with_types(busy, code, text, kind, signature):
    matches = complete(busy, code)
    assert matches[text][0] == kind
    assert matches[text][1].startswith(signature)


def test_what_cannot_be_completed_gives_nothing(busy):
    for code in ("// mam", "let ma", "\"nothing here", "a.params[\"zzz"):
        assert complete(busy, code) == {}, code


def test_inspection_has_two_levels(busy):
    brief, full = (inspect(busy, "MetaLinear(1", detail) for detail in (0, 1))
    assert brief["text/plain"].strip().startswith("MetaLinear(_ inFeatures: Int, _ outFeatures: Int")
    for part in ("y = x Wᵀ + b", "Shapes:", "MetaLinear(1, 40)", "torchmeta MetaLinear", "Parameters"):
        assert part in full["text/plain"] and part not in brief["text/plain"]
    assert "<pre>" in full["text/html"] or "<code>" in full["text/html"]
    value = inspect(busy, "maml", 1)["text/plain"]
    assert "Value: MAML(MetaMLPModel" in value and "Finn et al. 2017" in value
    assert "adapt" in inspect(busy, "maml.adapt", 0)["text/plain"]
    assert inspect(busy, "nobodyKnowsThis", 1) is None


def test_a_question_mark_opens_the_pager(kernel):
    for code in ("MAML?", "?MAML", "help(MAML)"):
        page = kernel.run(code).content["payload"]
        assert [p["source"] for p in page] == ["page"]
        assert "Model-agnostic meta-learning" in page[0]["data"]["text/plain"]


def test_is_complete_tells_the_indent(kernel):
    def ask(code):
        return kernel.ask("is_complete_request", {"code": code}).content
    assert ask("let x = 1") == {"status": "complete"}
    assert ask("for i in 0..<3 {") == {"status": "incomplete", "indent": "    "}
    assert ask("if true {\n    while false {") == {"status": "incomplete", "indent": " " * 8}
    assert ask("}")["status"] == "invalid"


def test_an_unreadable_character_beside_an_equals_sign_is_a_syntax_error(kernel):
    code = "let a = 1\nlet z \x9e= 5"
    assert kernel.ask("is_complete_request", {"code": code}).content == {"status": "invalid"}
    run = kernel.run(code)
    assert run.content["ename"] == "SyntaxError" and "cannot be read" in run.content["evalue"]


def test_history_is_kept_over_sessions_and_searched(kernelspec):
    with Kernel() as kernel:
        for code in ("let early = 1", "early + 1", "early + 1"):
            kernel.run(code)
        kernel.ask("shutdown_request", {"restart": False}, "control")
        kernel.process.wait(20)
    with Kernel() as kernel:
        kernel.run("let late = 2")

        def ask(**query):
            content = {"output": False, "raw": True, **query}
            return [h[2] for h in kernel.ask("history_request", content).content["history"]]
        assert ask(hist_access_type="tail", n=3) == ["early + 1", "early + 1", "let late = 2"]
        assert ask(hist_access_type="range", session=0, start=1, stop=None) == ["let late = 2"]
        assert ask(hist_access_type="range", session=-1, start=2, stop=3) == ["early + 1"]
        assert ask(hist_access_type="search", pattern="early*") == ["early + 1", "early + 1"]
        assert ask(hist_access_type="search", pattern="early*", unique=True) == ["early + 1"]
        with_output = kernel.ask("history_request", {"hist_access_type": "search", "pattern": "early + 1", "n": 1,
                                                     "output": True, "raw": True}).content["history"]
        assert with_output[0][2] == ["early + 1", "2"]
