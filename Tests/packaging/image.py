"""The steps of a Containerfile, done in a bare Debian's root folder instead of by a container engine."""

import json
import re
import shlex

from machine import ROOT


class Image:
    """A machine on which the steps of a Containerfile were done, with what the image would record."""

    def __init__(self, machine, containerfile):
        self.machine = machine
        self.port = self.entrypoint = self.command = None
        self.labels, self.copied = {}, []
        text = re.sub(r"^#.*\n", "", containerfile.read_text(), flags=re.MULTILINE)
        for line in text.replace("\\\n", " ").splitlines():
            if line.strip():
                instruction, _, rest = line.partition(" ")
                getattr(self, f"do_{instruction.lower()}")(rest.strip())

    def pairs(self, text):
        return dict(word.split("=", 1) for word in shlex.split(text))

    def do_from(self, text):
        pass  # the machine is given

    def do_label(self, text):
        self.labels |= self.pairs(text)

    def do_env(self, text):
        self.machine.environment |= self.pairs(text)

    def do_run(self, text):
        self.machine.run("sh", "-c", text)

    def do_copy(self, text):
        *sources, target = shlex.split(text)
        for source in sources:
            found = list(ROOT.glob(source))
            assert found, f"COPY {source} names no file"
            self.copied.append(source)
            for file in found:
                self.machine.copy(file, target)

    def do_user(self, text):
        self.machine.user = text
        uid = text.split(":")[0]
        (home,) = re.findall(rf"^[^:]*:x:{uid}:.*:([^:]*):[^:]*$", (self.machine.root / "etc/passwd").read_text(), re.MULTILINE)
        self.machine.environment["HOME"] = home

    def do_workdir(self, text):
        assert (self.machine.root / text.lstrip("/")).is_dir()
        self.machine.folder = text

    def do_expose(self, text):
        self.port = int(text)

    def do_entrypoint(self, text):
        self.entrypoint = json.loads(text)

    def do_cmd(self, text):
        self.command = json.loads(text)
