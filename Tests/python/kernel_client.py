"""A client of the kernel for tests: jupyter_client's, with what it does not offer."""

import queue
import time

import zmq
from jupyter_client.manager import KernelManager
from jupyter_client.session import Session

TIMEOUT = 20


class Result:
    """What one request brought: the reply, and all IOPub messages up to idle."""

    def __init__(self, reply, messages):
        self.reply = reply
        self.content = reply["content"] if reply else None
        self.messages = messages

    def of_type(self, kind):
        return [m["content"] for m in self.messages if m["msg_type"] == kind]

    def text(self, stream="stdout"):
        return "".join(c["text"] for c in self.of_type("stream") if c["name"] == stream)

    @property
    def result(self):
        """The text of the cell's value, or None."""
        results = self.of_type("execute_result")
        return results[0]["data"]["text/plain"] if results else None

    @property
    def states(self):
        return [c["execution_state"] for c in self.of_type("status")]


class Kernel:
    """A running kernel and a client with all channels open; leaves nothing behind."""

    def __init__(self, wait=True, **traits):
        self.context = zmq.Context()
        self.context.setsockopt(zmq.RECONNECT_IVL, 1)
        self.manager = KernelManager(kernel_name="innerloop", context=self.context, **traits)
        self.wait = wait
        self.sockets = []

    def __enter__(self):
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        if self.wait:
            self.client.wait_for_ready(timeout=TIMEOUT)
        return self

    def __exit__(self, *_):
        for socket in self.sockets:
            socket.close(0)
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()
        self.context.destroy(linger=0)

    @property
    def process(self):
        return self.manager.provisioner.process

    # Requests

    def send(self, kind, content, channel="shell", metadata=None):
        message = self.client.session.msg(kind, content, metadata=metadata)
        getattr(self.client, f"{channel}_channel").send(message)
        return message["header"]["msg_id"]

    def execute(self, code, allow_stdin=False, **options):
        return self.client.execute(code, allow_stdin=allow_stdin, **options)

    def run(self, code, timeout=TIMEOUT, **options):
        return self.finish(self.execute(code, **options), timeout)

    def ask(self, kind, content, channel="shell", timeout=TIMEOUT):
        return self.finish(self.send(kind, content, channel), timeout, channel)

    def interrupt(self):
        """Interrupts and waits for the reply; what is published stays for whoever waits for it."""
        return self.reply(self.send("interrupt_request", {}, "control"), channel="control")

    def finish(self, message_id, timeout=TIMEOUT, channel="shell"):
        messages = self.until_idle(message_id, timeout)
        return Result(self.reply(message_id, timeout, channel), messages)

    def reply(self, message_id, timeout=TIMEOUT, channel="shell"):
        end = time.monotonic() + timeout
        get = self.client.get_shell_msg if channel == "shell" else self.client.get_control_msg
        while True:
            message = get(timeout=max(end - time.monotonic(), 0.01))
            if message["parent_header"].get("msg_id") == message_id:
                return message

    def next(self, message_id, kind, timeout=TIMEOUT):
        """The next IOPub message of a kind that answers a request; passes over others."""
        end = time.monotonic() + timeout
        while True:
            message = self.client.get_iopub_msg(timeout=max(end - time.monotonic(), 0.01))
            if message["msg_type"] == kind and message["parent_header"].get("msg_id") == message_id:
                return message

    def until_idle(self, message_id, timeout=TIMEOUT):
        end = time.monotonic() + timeout
        messages = []
        while True:
            message = self.client.get_iopub_msg(timeout=max(end - time.monotonic(), 0.01))
            if message["parent_header"].get("msg_id") != message_id:
                continue
            messages.append(message)
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return messages

    def drain(self, pause=0.5):
        """What has been published, until nothing more comes."""
        messages = []
        while True:
            try:
                messages.append(self.client.get_iopub_msg(timeout=pause))
            except queue.Empty:
                return messages

    def start_loop(self, before=""):
        """Starts a cell that never ends, and waits until it runs."""
        message_id = self.execute(before + 'print("running")\nwhile true { }')
        assert self.next(message_id, "stream")["content"]["text"] == "running\n"
        return message_id

    # Raw frames

    def raw(self, channel, identity=b"raw"):
        """A bare socket to a channel."""
        connect = getattr(self.client, f"connect_{channel}")
        socket = connect() if channel in ("iopub", "hb") else connect(identity=identity)
        socket.setsockopt(zmq.RCVTIMEO, TIMEOUT * 1000)
        self.sockets.append(socket)
        return socket

    def frames(self, kind, content):
        """The signed frames of a message, and its identifier."""
        message = self.client.session.msg(kind, content)
        return self.client.session.serialize(message), message["header"]["msg_id"]

    def decoded(self, frames):
        """The message in frames that arrived, verified by jupyter_client's session."""
        session = Session(key=self.client.session.key)  # the client's own refuses what it has seen on another socket
        _, rest = session.feed_identities(frames)
        return session.deserialize(rest)


def execute_content(code, **options):
    return {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False,
            "stop_on_error": True, **options}
