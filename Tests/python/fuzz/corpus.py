"""Inputs that once were answered in a way nothing before them was: replayed first, and what is mutated."""

import base64
import hashlib
import json
import pathlib

FOLDER = pathlib.Path(__file__).parent / "corpus"
ROOT = pathlib.Path(__file__).resolve().parents[3]


class Corpus:
    """The inputs of one kind, each a file named by its hash; new ones are kept where `keeps` says so."""

    def __init__(self, kind, keeps):
        self.folder = FOLDER / kind
        self.keeps = keeps
        self.suffix = {"source": ".loop", "frames": ".json"}[kind]
        self.inputs = [self.decode(p.read_bytes()) for p in sorted(self.folder.glob("*" + self.suffix))]
        self.seen = set()

    def encode(self, value):
        if self.suffix == ".loop":
            return value.encode("utf-8", "surrogatepass")
        channel, frames = value
        return json.dumps([channel, [base64.b64encode(f).decode() for f in frames]]).encode()

    def decode(self, data):
        if self.suffix == ".loop":
            return data.decode("utf-8", "surrogatepass")
        channel, frames = json.loads(data)
        return channel, [base64.b64decode(f) for f in frames]

    def note(self, value, outcome):
        """Keeps an input whose outcome is new; large ones are not worth keeping."""
        if outcome in self.seen:
            return
        self.seen.add(outcome)
        if value in self.inputs or len(self.encode(value)) > 4000:
            return
        self.inputs.append(value)
        if self.keeps:
            self.save(value)

    def save(self, value, prefix=""):
        data = self.encode(value)
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / (prefix + hashlib.sha256(data).hexdigest()[:12] + self.suffix)
        path.write_bytes(data)
        return path


def programs():
    """The project's own programs: the examples and the notebooks' cells."""
    texts = [path.read_text() for path in sorted((ROOT / "examples").glob("*.loop"))]
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text())["cells"]:
            if cell["cell_type"] == "code":
                texts.append("".join(cell["source"]))
    return texts
