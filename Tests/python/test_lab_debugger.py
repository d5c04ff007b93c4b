"""JupyterLab's own debugger panel against the kernel, in a real browser."""

import nbformat

from test_lab import CHROMIUM, lab, pytestmark, until  # noqa: F401 (a fixture, and when to skip)

CELLS = ["""\
struct Net: MetaModule {
  let hidden = MetaLinear(1, 16)
  let head = MetaLinear(16, 1)
  func forward(_ x: Tensor) -> Tensor {
    let h = relu(hidden(x))
    return head(h)
  }
}
seed(1)
let maml = MAML(Net(), stepSize: 0.05)
let task = Sinusoid(shots: 5, seed: 2)[0]
""", """\
let before = mse(maml.model(task.train.inputs), task.train.targets)
let a = maml.adapt(task, numAdaptationSteps: 3)
print(a.innerLosses)
""", "let wrong = Tensor([1.0]).reshape(3)"]

CONTENT = "Array.from(window.jupyterapp.shell.widgets('main')).find(panel => panel.sessionContext).content"
FRAMES = "Array.from(document.querySelectorAll('.jp-DebuggerCallstackFrame')).map(frame => frame.innerText.trim())"
VARIABLES = "(document.querySelector('.jp-DebuggerVariables-body')?.innerText ?? '')"


def test_the_debugger_panel_stops_steps_and_shows_tensors(lab, tmp_path):
    path = tmp_path / "debugged.ipynb"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in CELLS])
    notebook.metadata["kernelspec"] = {"name": "innerloop", "display_name": "Innerloop", "language": "innerloop"}
    nbformat.write(notebook, path)
    page = lab(path)

    def run(number):
        page.ask(f"{CONTENT}.activeCellIndex = {number}")
        page.command("notebook:run-cell")

    def click(element):
        place = page.ask(
            f"(() => {{ const box = {element}.getBoundingClientRect();"
            " return [box.x + box.width / 2, box.y + box.height / 2] })()")
        for kind in ("mousePressed", "mouseReleased"):
            page.send("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def stepped(command):
        before = page.ask(FRAMES)
        page.command(f"debugger:{command}")
        until(lambda: (now := page.ask(FRAMES)) and now != before, command)
        return page.ask(FRAMES)

    page.ask(f"window.jupyterapp.shell.activateById({CONTENT}.parent.id)")
    click("document.querySelector('.jp-CodeCell .cm-content')")
    button = "document.querySelector('.jp-DebuggerBugButton')"
    until(lambda: page.ask(f"!!{button} && !{button}.disabled && !{button}.hasAttribute('disabled')"), "the bug button")
    click(button)
    gutter = "document.querySelectorAll('.jp-CodeCell')[{}].querySelectorAll('.cm-breakpoint-gutter .cm-gutterElement')"
    until(lambda: page.ask(f"{gutter.format(0)}.length > 5"), "the gutter for breakpoints")
    # The first element of a gutter only makes it wide enough.
    first = page.ask(f"Array.from({gutter.format(0)}).findIndex(element => element.getBoundingClientRect().height > 5)")
    click(f"{gutter.format(0)}[{first + 5}]")
    until(lambda: page.ask("document.querySelectorAll('.jp-DebuggerBreakpoint').length === 1"), "a breakpoint in the panel")
    run(0)
    until(lambda: page.ask(f"{CONTENT}.widgets[0].model.executionCount === 1"), "the first cell")
    run(1)
    until(lambda: len(page.ask(FRAMES)) == 2, "two frames")
    assert page.ask(FRAMES)[0].startswith("forward")
    scopes = (
        "Array.from(document.querySelectorAll('select'))"
        ".find(select => Array.from(select.options).some(option => option.innerText === 'Locals'))")
    until(lambda: page.ask(f"!!{scopes}"), "the scopes")
    page.ask(f"{scopes}.selectedIndex = 0, {scopes}.dispatchEvent(new Event('change', {{bubbles: true}}))")
    until(lambda: "h\nTensor [5, 16] float32" in page.ask(VARIABLES), "a tensor's shape and range")
    # A variable opens where its line is clicked.
    name = "Array.from(document.querySelectorAll('.jp-DebuggerVariables-name')).find(name => name.innerText.startsWith('h'))"
    click(name)
    until(lambda: "mean" in page.ask(VARIABLES), "what a tensor is made of")
    assert page.ask("document.querySelectorAll('.jp-DebuggerEditor-highlight').length") == 1
    page.shot("debugger-breakpoint")
    frames = stepped("stepOut")
    assert [frame.split("\n")[0].split(" /")[0] for frame in frames] == ["cell 2"]
    page.shot("debugger-stepped-out")
    # The first step of the inner loop.
    assert stepped("continue")[0].startswith("forward")
    page.shot("debugger-inner-step")
    # Without the breakpoint the adaptation runs to its end.
    click(f"{gutter.format(0)}[{first + 5}]")
    until(lambda: page.ask("document.querySelectorAll('.jp-DebuggerBreakpoint').length === 0"), "no breakpoint")
    page.command("debugger:continue")
    until(lambda: page.ask(f"{CONTENT}.widgets[1].model.executionCount === 2"), "the end of the cell")
    page.ask("void window.jupyterapp.commands.execute('debugger:pause-on-exceptions', {filter: 'uncaught'})")
    run(2)
    until(lambda: "cell 3" in "".join(page.ask(FRAMES)), "a pause on an error")
    page.shot("debugger-error")
