"""Runs a notebook on its own kernel and prints, as one line of JSON, what it gave and what the kernel's process holds."""

import json
import os
import pathlib
import sys

import nbformat
from nbclient import NotebookClient

path = pathlib.Path(sys.argv[1])
notebook = nbformat.read(path, as_version=4)
client = NotebookClient(notebook, timeout=120, startup_timeout=60, resources={"metadata": {"path": str(path.parent)}})
with client.setup_kernel():
    for index, cell in enumerate(notebook.cells):
        client.execute_cell(cell, index)
    process = pathlib.Path("/proc", str(client.km.provisioner.pid))
    mapped = {line.split(maxsplit=5)[5].strip() for line in (process / "maps").open() if len(line.split()) > 5}
    program = os.readlink(process / "exe")
print(json.dumps({
    "program": program,
    "mapped": sorted(name for name in mapped if name.startswith("/")),
    "outputs": [[output.get("data", {}).get("text/plain", output.get("text")) for output in cell.outputs]
                for cell in notebook.cells if cell.cell_type == "code"],
}))
