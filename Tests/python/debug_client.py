"""A client of the kernel's debugger for tests: the Debug Adapter Protocol over a real jupyter_client."""

import time

from kernel_client import TIMEOUT


class Debugger:
    """Speaks as JupyterLab does: requests on control, events on IOPub."""

    def __init__(self, kernel):
        self.kernel = kernel
        self.sequence = 0
        self.seen = []

    def send(self, command, **arguments):
        self.sequence += 1
        content = {"type": "request", "seq": self.sequence, "command": command, "arguments": arguments}
        return self.kernel.send("debug_request", content, "control")

    def response(self, message_id):
        content = self.kernel.reply(message_id, channel="control")["content"]
        assert content["type"] == "response", content
        return content

    def ask(self, command, **arguments):
        content = self.response(self.send(command, **arguments))
        assert content["success"], content
        return content.get("body", {})

    def refusal(self, command, **arguments):
        content = self.response(self.send(command, **arguments))
        assert not content["success"], content
        return content["message"]

    def start(self):
        capabilities = self.ask("initialize", clientID="test", adapterID="innerloop", linesStartAt1=True)
        self.ask("attach")
        return capabilities

    def break_at(self, code, *lines, **more):
        """Sets breakpoints in a cell, as JupyterLab does: by the path that the kernel gives its text."""
        path = self.ask("dumpCell", code=code)["sourcePath"]
        breakpoints = [{"line": line, **more} for line in lines]
        return self.ask("setBreakpoints", breakpoints=breakpoints, source={"path": path}, sourceModified=False)["breakpoints"]

    def message(self, wanted, timeout=TIMEOUT):
        """The next IOPub message for which `wanted` holds; those before it stay in `seen`."""
        end = time.monotonic() + timeout
        while True:
            message = self.kernel.client.get_iopub_msg(timeout=max(end - time.monotonic(), 0.01))
            self.seen.append(message)
            if wanted(message):
                return message

    def event(self, name):
        message = self.message(lambda m: m["msg_type"] == "debug_event" and m["content"]["event"] == name)
        return message["content"].get("body", {})

    def stopped(self, reason=None):
        """Waits for a pause; its frames, innermost first."""
        body = self.event("stopped")
        assert reason is None or body["reason"] == reason, body
        return self.frames()

    def frames(self):
        return self.ask("stackTrace", threadId=1)["stackFrames"]

    def where(self):
        """Name and line of each frame."""
        return [(frame["name"], frame["line"]) for frame in self.frames()]

    def scope(self, name, frame=None):
        """The variables of a scope, by name."""
        frame = frame or self.frames()[0]
        scopes = {s["name"]: s for s in self.ask("scopes", frameId=frame["id"])["scopes"]}
        return self.parts(scopes[name])

    def parts(self, variable):
        reference = variable["variablesReference"]
        assert reference > 0, variable
        return {v["name"]: v for v in self.ask("variables", variablesReference=reference)["variables"]}

    def finished(self, message_id):
        """The reply of a cell, and what it printed."""
        self.message(lambda m: m["parent_header"].get("msg_id") == message_id and m["content"].get("execution_state") == "idle")
        reply = self.kernel.reply(message_id)
        printed = "".join(
            m["content"]["text"] for m in self.seen if m["msg_type"] == "stream" and m["parent_header"].get("msg_id") == message_id
        )
        return reply["content"], printed
