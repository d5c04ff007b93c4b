"""Runs a notebook on its own kernel through a real Jupyter client and shows it in the terminal.

    demo.py NOTEBOOK [EXECUTED_NOTEBOOK]

Headings, tables and plots appear as their cells finish; progress is rewritten in place on a
terminal. The executed notebook is written even when a cell fails, so that it can be opened.
Exit status: 0 when every cell ran, 1 when one failed or the kernel could not, 2 on bad usage.
"""

import re
import shutil
import sys
import time
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def plain(bundle):
    """The text/plain form of a display's data, without a trailing newline."""
    return str(bundle.get("text/plain", "")).rstrip("\n")


class Screen:
    """Finished text, and below it at most one line of progress that is rewritten in place."""

    def __init__(self, stream=sys.stdout):
        self.stream = stream
        self.terminal = stream.isatty()
        self.progress = False

    def clear_progress(self):
        if self.progress:
            self.stream.write("\r\x1b[K")
            self.progress = False

    def write(self, text):
        self.clear_progress()
        self.stream.write((text if self.terminal else COLOUR.sub("", text)) + "\n")
        self.stream.flush()

    def show_progress(self, text):
        if not self.terminal or not text:
            return
        line = text.splitlines()[0][: shutil.get_terminal_size().columns - 1]
        self.clear_progress()
        self.stream.write(line)
        self.stream.flush()
        self.progress = True


class TerminalClient(NotebookClient):
    """Executes a notebook and tells a screen about it as messages arrive."""

    def __init__(self, notebook, screen, **options):
        super().__init__(notebook, **options)
        self.screen = screen
        self.ran = False
        self.on_cell_execute = self.announce
        self.on_cell_executed = self.show_outputs

    def announce(self, cell, cell_index):
        """Shows the headings between the previous code cell and this one."""
        self.ran = True
        for earlier in reversed(range(cell_index)):
            if self.nb.cells[earlier].cell_type == "code":
                break
        else:
            earlier = -1
        headings = [
            line
            for between in self.nb.cells[earlier + 1 : cell_index]
            if between.cell_type == "markdown"
            for line in between.source.splitlines()
            if line.startswith("#")
        ]
        if headings:
            self.screen.write("\n" + "\n\n".join(headings) + "\n")
        self.screen.show_progress("running …")

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] == "update_display_data":
            self.screen.show_progress(plain(msg["content"]["data"]))
        return super().process_message(msg, cell, cell_index)

    def show_outputs(self, cell, cell_index, execute_reply):
        self.screen.clear_progress()
        for output in cell.outputs:
            if output.output_type == "stream":
                self.screen.write(output.text.rstrip("\n"))
            elif output.output_type == "error":
                self.screen.write("\n".join(output.traceback))
            else:
                self.screen.write(plain(output.data))


def fail(sentence, status=1):
    print(f"demo: {sentence}", file=sys.stderr)
    return status


def main(arguments):
    if not 1 <= len(arguments) <= 2:
        return fail("usage: demo.py NOTEBOOK [EXECUTED_NOTEBOOK]", status=2)
    source = Path(arguments[0])
    target = Path(arguments[1]) if len(arguments) == 2 else None
    try:
        notebook = nbformat.read(source, as_version=4)
        nbformat.validate(notebook)
    except OSError as error:
        return fail(f"{source} cannot be read as a notebook: {error.strerror}", status=2)
    except Exception as error:  # nbformat has no common base for what it finds wrong
        return fail(f"{source} cannot be read as a notebook: {str(error).splitlines()[0]}", status=2)

    screen = Screen()
    client = TerminalClient(
        notebook,
        screen,
        timeout=None,
        startup_timeout=60,
        record_timing=False,  # two executions are to be identical
        resources={"metadata": {"path": str(source.parent)}},
    )
    started = time.monotonic()
    failure = None
    try:
        client.execute()
    except CellExecutionError as error:
        failure = f"a cell of {source} failed ({error.ename}: {error.evalue.splitlines()[0] if error.evalue else ''})."
    except DeadKernelError:
        failure = f"the kernel of {source} ended while a cell was running."
    except NoSuchKernel as error:
        failure = f"no kernel is installed under the name '{error.name}'; run make install."
    except RuntimeError as error:
        failure = f"the kernel of {source} did not start: {error}"
    except KeyboardInterrupt:
        failure = f"{source} was interrupted."
    screen.clear_progress()

    if target is not None and client.ran:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, target)
            screen.write(f"\nThe executed notebook is {target}")
        except OSError as error:
            failure = failure or f"{target} could not be written: {error.strerror}."
    if failure:
        return fail(failure)
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    screen.write(f"{cells} cells ran in {time.monotonic() - started:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
