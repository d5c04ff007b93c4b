"""JupyterLab in a real browser: what a user sees, down to a slider moved by a key.

Chromium is driven over its DevTools protocol. Screenshots are left in build/screenshots.
"""

import base64
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
import websocket

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHOTS = ROOT / "build/screenshots"
CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (make setup installs it)")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, what, timeout=60):
    """Asks again and again until the answer is true; what it was."""
    end = time.monotonic() + timeout
    while not (answer := condition()):
        assert time.monotonic() < end, f"{what}: not within {timeout} s"
        time.sleep(0.05)
    return answer


def fetch(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return json.loads(reply.read())
    except OSError:
        return None


class Page:
    """A tab of the browser."""

    def __init__(self, url, debugging):
        tabs = until(lambda: [t for t in fetch(f"http://127.0.0.1:{debugging}/json") or [] if t["type"] == "page"], "browser")
        self.connection = websocket.create_connection(
            tabs[0]["webSocketDebuggerUrl"], timeout=60, suppress_origin=True, max_size=1 << 27)
        self.count = 0
        self.send("Emulation.setDeviceMetricsOverride", width=1280, height=1600, deviceScaleFactor=1, mobile=False)
        self.send("Page.navigate", url=url)

    def send(self, method, **parameters):
        self.count += 1
        self.connection.send(json.dumps({"id": self.count, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.connection.recv())
            if answer.get("id") == self.count:
                assert "error" not in answer, answer
                return answer["result"]

    def ask(self, script):
        """The value of a JavaScript expression, awaited."""
        answer = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def command(self, name):
        self.ask(f"void window.jupyterapp.commands.execute({json.dumps(name)})")

    def type(self, text):
        self.send("Input.insertText", text=text)

    def press(self, key, code):
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def shot(self, name):
        SHOTS.mkdir(parents=True, exist_ok=True)
        (SHOTS / f"{name}.png").write_bytes(base64.b64decode(self.send("Page.captureScreenshot")["data"]))


@pytest.fixture
def lab(kernelspec, tmp_path):
    """Opens a notebook in JupyterLab: lab(path) is its page."""
    processes = []

    def open_notebook(path):
        path = pathlib.Path(path)
        folder = tmp_path / "notebooks"
        folder.mkdir()
        shutil.copy(path, folder)
        settings = tmp_path / "config/labconfig/default_setting_overrides.json"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps({
            "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
            # Cells below the window are drawn as well.
            "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}))
        port, debugging = free_port(), free_port()
        environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path / "config"), "HOME": str(tmp_path)}
        processes.append(subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
             "--IdentityProvider.token=", "--ServerApp.password=", "--ServerApp.disable_check_xsrf=True", "--allow-root",
             "--LabApp.expose_app_in_browser=True", f"--ServerApp.root_dir={folder}"],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        until(lambda: fetch(f"http://127.0.0.1:{port}/api/status"), "JupyterLab")
        processes.append(subprocess.Popen(
            [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             f"--remote-debugging-port={debugging}", f"--user-data-dir={tmp_path / 'chromium'}", "about:blank"],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        page = Page(f"http://127.0.0.1:{port}/lab/tree/{path.name}", debugging)
        until(lambda: page.ask("!!window.jupyterapp && !!document.querySelector('.jp-Notebook .jp-Cell')"), "the notebook")
        panel = "Array.from(window.jupyterapp.shell.widgets('main')).find(panel => panel.sessionContext)"
        until(lambda: page.ask(f"{panel}?.sessionContext.session?.kernel?.status === 'idle'"), "the kernel")
        page.ask(f"window.jupyterapp.shell.activateById({panel}.id)")
        return page

    yield open_notebook
    for process in reversed(processes):
        process.terminate()
        process.wait(20)


def test_sliders_redraw_a_stepper_and_an_adaptation_as_they_move(lab):
    page = lab(ROOT / "notebooks/02-inside-the-inner-loop.ipynb")
    page.command("notebook:run-all-cells")

    class Moved:
        """A cell with sliders above an output."""

        def __init__(self, code, count):
            self.cell = f"Array.from(document.querySelectorAll('.jp-CodeCell')).find(c => c.innerText.includes({json.dumps(code)}))"
            self.sliders = f"{self.cell}.querySelectorAll('.noUi-handle')"
            self.area = f"{self.cell}.querySelector('.jupyter-widgets-output-area, .widget-output')"
            until(lambda: page.ask(f"{self.sliders}.length") == count, f"{count} sliders", 120)
            self.wait_for_plot()
            page.ask(f"{self.area}.scrollIntoView({{block: 'center'}})")

        def wait_for_plot(self):
            until(lambda: page.ask(f"!!{self.area} && !!{self.area}.querySelector('canvas, svg')"), "the plot")

        def text(self, pattern):
            return page.ask(f"({self.area}.innerText.match(/{pattern}/) ?? [])[1]")

        def press(self, slider, times, pattern):
            page.ask(f"{self.sliders}[{slider}].focus()")
            for _ in range(times):
                before = self.text(pattern)
                page.press("ArrowRight", 39)
                until(lambda: self.text(pattern) not in (None, before), "a new output")
            self.wait_for_plot()

    adaptation = Moved("slider(0.001...0.2", 3)
    loss = "query loss ([0-9.]+)"
    first = adaptation.text(loss)
    page.shot("slider-before")
    adaptation.press(1, 4, loss)
    page.shot("slider-after")
    assert float(adaptation.text(loss)) < float(first)

    stepper = Moved("t.slider(steps: 10)", 1)
    here = r"([0-9]+)\s[^\n]*◀"
    assert stepper.text(here) == "0"
    stepper.press(0, 4, here)
    page.shot("stepper-slider")
    assert stepper.text(here) == "4"
    assert page.ask("document.querySelectorAll('.jp-mod-error, .jp-RenderedText[data-mime-type*=stderr]').length") == 0


CELLS = {
    "table": """\
let model = MetaMLPModel(1, 1, hiddenSizes: [40, 40])
let maml = MAML(model, optimizer: Adam(lr: 0.001), stepSize: 0.01)
let tasks = Sinusoid(shots: 10)
model.summary""",
    "progress": "let h = maml.train(tasks.batches(of: 25), maxBatches: 20000)",
    "plot": "plot([\"meta-training\": h], smooth: 0.95, title: \"Outer loss\")",
    "error": """\
func loss(_ x: Tensor) -> Tensor { matmul(x, zeros(3, 2)) }
loss(zeros(5, 4))""",
    "live": """\
let rate = slider(0.001...0.1, value: 0.001, label: "rate")
display(rate)
var seen: [Double] = []
while rate.value < 0.05 { seen = [rate.value] }
print("moved to", rate.value)""",
    "completion": "",
}


def test_what_a_notebook_shows(lab, tmp_path):
    path = tmp_path / "shown.ipynb"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in CELLS.values()])
    notebook.metadata["kernelspec"] = {"name": "innerloop", "display_name": "Innerloop", "language": "innerloop"}
    nbformat.write(notebook, path)
    page = lab(path)
    content = "Array.from(window.jupyterapp.shell.widgets('main')).find(panel => panel.sessionContext).content"

    def cell(name):
        return f"document.querySelectorAll('.jp-Notebook .jp-CodeCell')[{list(CELLS).index(name)}]"

    def text(name):
        """What the notebook stores of the cell's last output."""
        outputs = f"{content}.widgets[{list(CELLS).index(name)}].model.outputs"
        return f"({outputs}.get({outputs}.length - 1)?.data['text/plain'] ?? '')"

    def run(name, shown, what, timeout=60):
        page.ask(f"{content}.activeCellIndex = {list(CELLS).index(name)}")
        page.command("notebook:run-cell")
        until(lambda: page.ask(shown), what, timeout)
        page.ask(f"{cell(name)}.scrollIntoView({{block: 'center'}})")
        page.shot(name)

    run("table", f"{cell('table')}.querySelectorAll('.jp-RenderedHTML tbody tr').length >= 3", "a table")
    run("progress", f"!!{cell('progress')}.querySelector('canvas') && /training [0-9]+.20000/.test({text('progress')})",
        "progress")
    until(lambda: page.ask(f"/training 20000.20000/.test({text('progress')})"), "the end of the training", 120)
    run("plot", f"!!{cell('plot')}.querySelector('.vega-embed canvas, .vega-embed svg, img[src*=svg], .jp-RenderedSVG')", "a plot")
    run("error", f"{cell('error')}.innerText.includes('called at cell')", "an error")
    error = page.ask(f"{cell('error')}.innerText")
    assert "[5, 4]" in error and "[3, 2]" in error and "in `loss`, called at cell 4:2:1" in error
    handle = f"{cell('live')}.querySelector('.noUi-handle')"
    run("live", f"!!{handle}", "a slider")
    assert page.ask(f"{cell('live')}.querySelector('.jp-InputPrompt').innerText.includes('*')"), "the cell runs"
    page.ask(f"{handle}.focus()")
    page.press("End", 35)
    until(lambda: page.ask(f"/moved to 0.1/.test({cell('live')}.innerText)"), "the running cell to see the slider")
    page.ask(f"{content}.activeCellIndex = {list(CELLS).index('completion')}")
    page.command("notebook:enter-edit-mode")
    page.type("maml.")
    until(lambda: page.ask(f"{cell('completion')}.innerText.includes('maml.')"), "what is typed")
    page.command("completer:invoke-notebook")
    items = "Array.from(document.querySelectorAll('.jp-Completer-item')).map(item => item.innerText)"
    until(lambda: any("adapt" in item and "function" in item for item in page.ask(items)), "completions with types", 20)
    page.shot("completion")


GRAPH_CELLS = {
    "graph": """\
let model = MetaMLPModel(1, 1, hiddenSizes: [40, 40], seed: 1)
let maml = MAML(model, stepSize: 0.01, numAdaptationSteps: 2)
let tasks = Sinusoid(shots: 10)
let task = tasks[0]
graph(maml.outerLoss([task]).loss, detail: .passes)""",
    "operations": "graph(maml.outerLoss([task], numAdaptationSteps: 1).loss)",
    "landscape": "landscape(maml, [tasks[0], tasks[1]], numAdaptationSteps: 5)",
}


def test_graphs_and_landscapes_are_drawn(lab, tmp_path):
    path = tmp_path / "pictures.ipynb"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in GRAPH_CELLS.values()])
    notebook.metadata["kernelspec"] = {"name": "innerloop", "display_name": "Innerloop", "language": "innerloop"}
    nbformat.write(notebook, path)
    page = lab(path)
    page.command("notebook:run-all-cells")

    def cell(name):
        return f"document.querySelectorAll('.jp-Notebook .jp-CodeCell')[{list(GRAPH_CELLS).index(name)}]"

    # JupyterLab itself draws Mermaid, as an image with the drawing inside.
    pictures = {
        "graph": ".jp-RenderedMermaid:not(.jp-mod-warning) img", "operations": ".jp-RenderedMermaid:not(.jp-mod-warning) img",
        "landscape": ".vega-embed canvas, .vega-embed svg",
    }
    for name, selector in pictures.items():
        picture = f"{cell(name)}.querySelector({json.dumps(selector)})"
        until(lambda: page.ask(f"!!{picture} && {picture}.getBoundingClientRect().height > 100"), name)
    for name in pictures:
        page.ask(f"{cell(name)}.scrollIntoView({{block: 'start'}})")
        page.shot(name)
    for name in ("graph", "operations"):
        source = page.ask(f"decodeURIComponent({cell(name)}.querySelector('.jp-RenderedMermaid img').src)")
        for text in ("inner step 1", "outer loss", "stroke-dasharray"):
            assert text in source, text
    assert "inner step 2" in page.ask(f"decodeURIComponent({cell('graph')}.querySelector('.jp-RenderedMermaid img').src)")
    assert page.ask("document.querySelectorAll('.jp-mod-error, .jp-RenderedText[data-mime-type*=stderr]').length") == 0
