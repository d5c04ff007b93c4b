"""Starts an Innerloop kernel on the host where Enterprise Gateway's process proxy runs this, and tells the gateway where it
listens.

The gateway cannot know which ports are free here. So this picks them, writes the connection file, starts
`innerloop kernel FILE` (another path of the program: $INNERLOOP), and sends what is in the file back to the response address:
encrypted with AES under a key of its own, which is encrypted with the gateway's public key (payload version 1 of the
gateway's launchers). Afterwards it passes on the signals that the gateway sends to its communication port, and ends with
the kernel. Needs Linux, Python 3.9 or later and the package pycryptodomex.
"""

import argparse
import base64
import json
import os
import random
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from Cryptodome.Cipher import AES, PKCS1_v1_5
from Cryptodome.PublicKey import RSA
from Cryptodome.Util.Padding import pad

PAYLOAD_VERSION = 1
CHANNELS = ["shell", "iopub", "stdin", "control", "hb"]
TRIES = int(os.environ.get("EG_MAX_PORT_RANGE_RETRIES", 5)) + 100
GRACE = 5  # seconds for the kernel to end by itself


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel-id", required=True)
    parser.add_argument("--port-range", default="0..0", help="LOWEST..HIGHEST; 0..0 for any port")
    parser.add_argument("--response-address", required=True, help="HOST:PORT where the gateway waits")
    parser.add_argument("--public-key", required=True, help="the gateway's RSA key, DER in base64")
    return parser.parse_args(arguments)


def listen(port_range):
    """A socket that listens on a free port of the range."""
    lowest, highest = map(int, port_range.split(".."))
    for _ in range(TRIES):
        listener = socket.socket()
        try:
            listener.bind(("0.0.0.0", random.randint(lowest, highest) if highest else 0))
            listener.listen()
            return listener
        except OSError:
            listener.close()
    raise SystemExit(f"launch_innerloop: no free port in {port_range}")


def choose_connection(port_range):
    sockets = [listen(port_range) for _ in CHANNELS]
    connection = {f"{name}_port": s.getsockname()[1] for name, s in zip(CHANNELS, sockets)}
    for s in sockets:
        s.close()
    return {
        **connection, "ip": "0.0.0.0", "transport": "tcp", "signature_scheme": "hmac-sha256",
        "key": secrets.token_hex(32),
    }


def start(program, file, port_range):
    """A kernel that listens, and where. Another process may take a port between its choice and its use."""
    for _ in range(3):
        connection = choose_connection(port_range)
        with open(file, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as f:
            json.dump(connection, f)
        kernel = subprocess.Popen([program, "kernel", file], env={**os.environ, "JPY_PARENT_PID": str(os.getpid())})
        while kernel.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", connection["hb_port"])).close()
                return connection, kernel
            except OSError:
                time.sleep(0.01)
    raise SystemExit(f"launch_innerloop: {program} ended with status {kernel.returncode}")


def encrypted(information, public_key):
    key = secrets.token_bytes(16)
    content = AES.new(key, AES.MODE_ECB).encrypt(pad(json.dumps(information).encode(), 16))
    wrapped = PKCS1_v1_5.new(RSA.import_key(base64.b64decode(public_key))).encrypt(key)
    payload = {
        "version": PAYLOAD_VERSION,
        "key": base64.b64encode(wrapped).decode(),
        "conn_info": base64.b64encode(content).decode(),
    }
    return base64.b64encode(json.dumps(payload).encode())


def respond(address, payload):
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(payload)


def take_request(listener):
    """What the gateway asks; nothing for what cannot be read."""
    connection, _ = listener.accept()
    with connection:
        connection.settimeout(2)
        try:
            data = b""
            while len(data) < 4096 and (part := connection.recv(1024)):
                data += part
            request = json.loads(data)
            return request if isinstance(request, dict) else {}
        except (OSError, ValueError):
            return {}


def serve(listener, kernel):
    """Passes on signals until the kernel has ended."""
    ended = os.pidfd_open(kernel.pid)
    while True:
        ready, _, _ = select.select([listener, ended], [], [])
        if ended in ready:
            return
        request = take_request(listener)
        if request.get("shutdown"):
            try:
                kernel.wait(GRACE)
            except subprocess.TimeoutExpired:
                kernel.terminate()
        elif request.get("signum") in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            kernel.send_signal(request["signum"])


def main():
    options = parse(sys.argv[1:])
    wanted = os.environ.get("INNERLOOP", "innerloop")
    program = shutil.which(wanted)
    if not program:
        raise SystemExit(f"launch_innerloop: there is no program {wanted}; set INNERLOOP in kernel.json to its path")
    with tempfile.TemporaryDirectory() as folder:  # for this user only
        connection, kernel = start(program, os.path.join(folder, f"kernel-{options.kernel_id}.json"), options.port_range)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _: kernel.send_signal(number))
        listener = listen(options.port_range)
        respond(options.response_address, encrypted({
            **connection, "kernel_id": options.kernel_id, "comm_port": listener.getsockname()[1],
            "pid": os.getpid(), "pgid": os.getpgid(0),
        }, options.public_key))
        serve(listener, kernel)
        return kernel.wait()


if __name__ == "__main__":
    sys.exit(main())
