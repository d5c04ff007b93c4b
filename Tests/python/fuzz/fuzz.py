"""Spoilt programs and spoilt messages for a real kernel, which must answer in time, lose nothing and stay up.

    python Tests/python/fuzz/fuzz.py [--seconds 60] [--seed N] [--kind source|frames] [--keep]

`--keep` adds inputs with new outcomes to the corpus. An input that ends or hangs the kernel is saved there in any
case, as `failure-…`, and the command ends with 1.
"""

import argparse
import itertools
import json
import os
import pathlib
import random
import socket
import sys
import tempfile
import time
from queue import Empty

import zmq

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parents[1])]

import mutations  # noqa: E402
from corpus import Corpus, programs  # noqa: E402
from kernel_client import Kernel, execute_content  # noqa: E402

PATIENCE = 20
"""Seconds within which everything must be answered, once it has been interrupted."""


class Failure(Exception):
    """What the kernel should not have done."""


class Target:
    """A kernel that is replaced by a fresh one now and then, in a folder of its own."""

    LIFE = 150

    def __init__(self):
        self.kernel = None
        self.folder = tempfile.TemporaryDirectory()
        os.chdir(self.folder.name)

    def fresh(self):
        self.close()
        self.age = 0
        self.kernel = Kernel().__enter__()
        self.kernel.run("let anchor = 42")
        return self.kernel

    def current(self):
        if self.kernel is None or self.age >= self.LIFE:
            return self.fresh()
        self.age += 1
        return self.kernel

    def check(self):
        """The kernel lives, answers, and has not forgotten."""
        if self.kernel.process.poll() is not None:
            raise Failure(f"the kernel ended with {self.kernel.process.returncode}")
        resident = int(pathlib.Path(f"/proc/{self.kernel.process.pid}/statm").read_text().split()[1]) * 4096
        if resident > 4 << 30:
            raise Failure(f"the kernel holds {resident >> 20} MB")
        end = time.monotonic() + PATIENCE
        while True:
            message_id = self.kernel.execute("6 * 7")
            try:
                result = self.kernel.finish(message_id, timeout=1)
            except Empty:  # an input's cell runs, or waits for a line
                if time.monotonic() > end:
                    raise Failure(f"busy for {PATIENCE} s in spite of interrupts") from None
                self.kernel.interrupt()
                continue
            if result.content.get("ename") != "Aborted" or time.monotonic() > end:  # an input's cell failed before it
                break
        if result.result != "42":
            raise Failure(f"6 * 7 gave {result.result} ({result.content})")

    def close(self):
        if self.kernel:
            self.kernel.__exit__()
            self.kernel = None


class SourceFuzzer:
    """Runs spoilt programs, and asks for completions, inspections and completeness at any place in them."""

    def __init__(self, target, chance, keeps):
        self.target, self.chance, self.corpus = target, chance, Corpus("source", keeps)
        self.programs = programs()

    def new_inputs(self):
        while True:
            base = self.chance.choice(self.corpus.inputs if self.chance.random() < 0.5 and self.corpus.inputs else self.programs)
            yield mutations.source(base, self.programs, self.chance)

    def step(self, program):
        kernel = self.target.current()
        cursor = self.chance.randrange(len(program) + 1)
        place = {"code": program, "cursor_pos": cursor}
        kernel.ask("complete_request", place, timeout=PATIENCE)
        kernel.ask("inspect_request", place | {"detail_level": self.chance.randrange(2)}, timeout=PATIENCE)
        kernel.ask("is_complete_request", {"code": program}, timeout=PATIENCE)
        message_id = kernel.send("execute_request", execute_content(program, store_history=False))
        try:
            reply = kernel.reply(message_id, timeout=0.5)
        except Exception:
            began = time.monotonic()
            kernel.interrupt()
            try:
                reply = kernel.reply(message_id, timeout=PATIENCE)
            except Exception as error:
                raise Failure(f"not interrupted within {PATIENCE} s") from error
            if time.monotonic() - began > 2:
                raise Failure(f"interrupted only after {time.monotonic() - began:.1f} s")
        kernel.until_idle(message_id, PATIENCE)
        content = reply["content"]
        self.corpus.note(program, content.get("ename"))
        if self.target.age % 25 == 0:
            self.target.check()


def debug(command, **arguments):
    return ("control", "debug_request", {"type": "request", "seq": 1, "command": command, "arguments": arguments})


class FrameFuzzer:
    """Sends spoilt messages to every socket, signed or not, and bytes that are no messages."""

    def __init__(self, target, chance, keeps):
        self.target, self.chance, self.corpus = target, chance, Corpus("frames", keeps)
        self.owner = None

    MESSAGES = [
        ("shell", "execute_request", execute_content("anchor", user_expressions={"a": "anchor"})),
        ("shell", "execute_request", execute_content("readLine()", allow_stdin=True)),
        ("shell", "complete_request", {"code": "anch", "cursor_pos": 4}),
        ("shell", "inspect_request", {"code": "anchor", "cursor_pos": 3, "detail_level": 1}),
        ("shell", "is_complete_request", {"code": "if true {"}),
        ("shell", "history_request", {"hist_access_type": "search", "pattern": "*", "n": 3, "output": True, "raw": True,
                                      "unique": True, "session": 0, "start": 1, "stop": 4}),
        ("shell", "kernel_info_request", {}),
        ("shell", "comm_info_request", {"target_name": "jupyter.widget"}),
        ("shell", "comm_open", {"comm_id": "c", "target_name": "jupyter.widget.control", "data": {"method": "request_states"}}),
        ("shell", "comm_msg", {"comm_id": "comm-1", "data": {"method": "update", "state": {"value": 1}}}),
        ("shell", "comm_close", {"comm_id": "c", "data": {}}),
        ("shell", "connect_request", {}),
        ("control", "interrupt_request", {}),
        ("control", "create_subshell_request", {}),
        ("control", "delete_subshell_request", {"subshell_id": "subshell-1"}),
        ("control", "list_subshell_request", {}),
        debug("debugInfo"),
        debug("attach"),
        debug("dumpCell", code="anchor"),
        debug("setBreakpoints", source={"path": "/tmp/none"}, breakpoints=[{"line": 1, "condition": "anchor > 1"}]),
        debug("setFunctionBreakpoints", breakpoints=[{"name": "anchor"}]),
        debug("setExceptionBreakpoints", filters=["raised"]),
        debug("pause", threadId=1),
        debug("next", threadId=1),
        debug("stackTrace", threadId=1, startFrame=0, levels=1),
        debug("scopes", frameId=1),
        debug("variables", variablesReference=1, start=0, count=9),
        debug("setVariable", variablesReference=1, name="none", value="1"),
        debug("evaluate", expression="anchor", frameId=1),
        debug("inspectVariables"),
        debug("richInspectVariables", variableName="anchor"),
        debug("copyToGlobals", srcVariableName="x", dstVariableName="y", srcFrameId=1),
        debug("source", source={"path": "/tmp/none"}),
        ("stdin", "input_reply", {"value": "line"}),
    ]

    def new_inputs(self):
        while True:
            yield self.message()

    def message(self):
        """A channel and frames in which `<SIGNED>` stands for the signature of what follows it."""
        chance = self.chance
        channel, kind, content = chance.choice(self.MESSAGES)
        header = {"msg_id": f"fuzz-{chance.getrandbits(64):x}", "msg_type": kind, "session": "fuzz", "username": "fuzz",
                  "date": "2020-01-01T00:00:00Z", "version": "5.5"}
        if chance.random() < 0.2:
            header["subshell_id"] = chance.choice(["subshell-1", "subshell-2", 7, ""])
        parts = [header, {}, {"cellId": "x"}, content]
        for _ in range(chance.choice([0, 1, 1, 3])):
            i = chance.choice([0, 2, 3, 3, 3])
            parts[i] = mutations.json_value(parts[i], chance)
        frames = [b"<IDS|MSG>", b"<SIGNED>", *(json.dumps(p).encode() for p in parts)]
        if chance.random() < 0.1:
            frames.append(chance.randbytes(100))
        if chance.random() < 0.4:
            frames = mutations.frames(frames, chance)
        if chance.random() < 0.1:
            channel = chance.choice(["shell", "control", "stdin", "hb", "iopub", "bytes"])
        return channel, frames

    def step(self, value):
        kernel = self.target.current()
        if kernel is not self.owner:
            self.owner = kernel
            self.sockets = {c: kernel.raw(c) for c in ("shell", "control", "stdin", "hb")}
            kernel.run("let rate = slider(0...9)")
        if self.target.age % 25 == 0:
            reply = kernel.ask("create_subshell_request", {}, "control", timeout=PATIENCE)
            self.subshell = reply.content["subshell_id"].encode()
        channel, frames = value
        frames = self.signed(frames)
        if channel == "bytes":
            self.connect(b"".join(frames)[:100_000])
        elif channel == "iopub":
            subscriber = kernel.raw("iopub")
            subscriber.setsockopt(zmq.SUBSCRIBE, frames[-1][:200])
            subscriber.close(0)
        elif channel == "hb":
            kernel.sockets.remove(self.sockets["hb"])
            self.sockets["hb"].close(0)
            self.sockets["hb"] = kernel.raw("hb")
            self.sockets["hb"].send_multipart(frames)
            if self.sockets["hb"].recv_multipart() != frames:
                raise Failure("the heartbeat sent back something else")
        else:
            self.sockets[channel].send_multipart(frames)
        self.corpus.note(value, self.answer(channel))
        if self.target.age % 10 == 0:
            # A cell may be paused, or wait for a line.
            kernel.client.session.send(self.sockets["control"], *debug("disconnect")[1:])
            kernel.interrupt()
            self.target.check()

    def signed(self, frames):
        """The frames with a subshell's true name, and signed."""
        session = self.target.kernel.client.session
        frames = [frame.replace(b"subshell-1", self.subshell) for frame in frames]
        for i, frame in enumerate(frames):
            if frame == b"<SIGNED>":
                frames = [*frames[:i], session.sign(frames[i + 1 : i + 5]), *frames[i + 1 :]]
                break
        return frames

    def answer(self, channel):
        """The kind of answer that comes at once, if any."""
        answers = []
        for name in ("shell", "control"):
            while self.sockets[name].poll(2):
                reply = self.sockets[name].recv_multipart()
                header, content = json.loads(reply[-4]), json.loads(reply[-1])
                answers.append((header["msg_type"], content.get("ename")))
        return (channel, *answers[:1])

    def connect(self, data):
        """Bytes that need not even be ZeroMQ's, on a connection of their own."""
        port = self.target.kernel.manager.shell_port
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
            try:
                connection.sendall(self.chance.choice([b"", b"\xff" + bytes(8) + b"\x7f\x03"]) + data)
            except OSError:
                pass  # it hung up, as it may


KINDS = {"source": SourceFuzzer, "frames": FrameFuzzer}


def fuzz(kind, seconds, seed, keeps=False):
    """Runs one fuzzer, the corpus first; how many inputs it sent."""
    chance = random.Random(seed)
    target = Target()
    fuzzer = KINDS[kind](target, chance, keeps)
    end = None
    count = 0
    known = list(fuzzer.corpus.inputs)
    try:
        for value in itertools.chain(known, fuzzer.new_inputs()):
            if count == len(known):
                end = time.monotonic() + seconds
            if end and time.monotonic() > end:
                target.check()
                return count
            try:
                fuzzer.step(value)
            except Exception as error:
                code = target.kernel.process.poll()
                path = fuzzer.corpus.save(value, prefix="failure-")
                state = f"the kernel ended with {code}" if code is not None else "the kernel is up"
                raise Failure(f"seed {seed}, input {count}, saved as {path}: {error!r}; {state}") from error
            count += 1
    finally:
        target.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    kinds = [arguments.kind] if arguments.kind else list(KINDS)
    for kind in kinds:
        print(f"{kind}: seed {arguments.seed}", flush=True)
        try:
            count = fuzz(kind, arguments.seconds / len(kinds), arguments.seed, arguments.keep)
        except Failure as failure:
            sys.exit(f"{kind}: {failure}")
        print(f"{kind}: {count} inputs, the kernel stayed up", flush=True)


if __name__ == "__main__":
    main()
