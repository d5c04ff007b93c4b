"""Hosts that are network namespaces, with addresses of their own and lines of limited bandwidth and delay.

    hosts.py [--hosts N] [--slots S] [--bandwidth 1gbit] [--delay 50us] [--mtu BYTES] COMMAND …

COMMAND runs on the first host, node1, with the variables that let a plain `mpirun -n N …` start its ranks on all of
them over TCP, as on a cluster. The delay is that of one way. Run as root; the hosts share this machine's processors,
files and users.

Nothing can be left over: everything is inside one process namespace whose first process ends with this one, even when
this one is killed, and the namespaces, devices and mounts go with their last process.

The lines are tc's netem where the kernel has it, else wire.c. Exit status: COMMAND's, or 2 when the hosts cannot be made.
"""

import argparse
import ctypes
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
BUILD = FOLDER.parents[1] / "build/cluster"
SHARED = pathlib.Path("/dev/shm/cluster")  # on a file system of the hosts' own
NETWORK = "10.77.0"
CLONE_NEWNS, CLONE_NEWPID, PR_SET_PDEATHSIG = 0x00020000, 0x20000000, 1
GRACE = 10  # seconds a command may take to end once it is told to
libc = ctypes.CDLL(None, use_errno=True)


class Failure(Exception):
    """Why the hosts cannot be made, and what to do."""


def quantity(text, units):
    match = re.fullmatch(r"([0-9.]+)\s*([a-z]*)", text.strip().lower())
    try:
        return float(match[1]) * units[match[2]]
    except (TypeError, KeyError, ValueError):
        raise argparse.ArgumentTypeError(f"{text}: write a number with a unit, one of {', '.join(filter(None, units))}") from None


def bandwidth(text):
    """Bits a second; 0 is unlimited."""
    return 0.0 if text == "unlimited" else quantity(text, {"": 1, "kbit": 1e3, "mbit": 1e6, "gbit": 1e9})


def duration(text):
    """Nanoseconds."""
    return round(quantity(text, {"": 1e9, "s": 1e9, "ms": 1e6, "us": 1e3, "µs": 1e3, "ns": 1}))


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def compiled(name, compiler="cc"):
    """The program of a C file beside this one, made when it is missing or older."""
    source, program = FOLDER / f"{name}.c", BUILD / name
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        if not shutil.which(compiler):
            raise Failure(f"{compiler} is missing; on Debian: apt-get install gcc libopenmpi-dev")
        BUILD.mkdir(parents=True, exist_ok=True)
        fresh = BUILD / f"{name}.{os.getpid()}"
        run(compiler, "-O2", "-o", fresh, source)
        fresh.rename(program)
    return program


def missing():
    """What this machine lacks for hosts of its own; empty when nothing."""
    if os.geteuid() != 0:
        return "namespaces with devices need root"
    for program, package in [("ip", "iproute2"), ("nsenter", "util-linux"), ("cc", "gcc")]:
        if not shutil.which(program):
            return f"{program} is missing (Debian's {package})"
    return "" if os.path.exists("/dev/net/tun") else "/dev/net/tun is missing"


class Hosts:
    """The hosts of this process, which is the first of its process namespace."""

    def __init__(self, options):
        self.options = options
        self.names = [f"node{i + 1}" for i in range(options.hosts)]
        self.processes = []

    def make(self):
        self.mount()
        self.processes = [self.start(name) for name in self.names]
        if netem_works(self.processes[0].pid):
            self.bridge()
        else:
            self.wire()
        for i, name in enumerate(self.names):
            self.inside(i, "ip", "link", "set", "net0", "mtu", self.options.mtu, "up")
            self.inside(i, "ip", "address", "add", f"{NETWORK}.{i + 1}/24", "dev", "net0")
            (SHARED / "hosts" / name).write_text(str(self.processes[i].pid))

    def mount(self):
        """Files that only the hosts see: their names, and where Open MPI keeps its own."""
        run("mount", "--make-rprivate", "/")
        run("mount", "-t", "proc", "proc", "/proc")
        run("mount", "-t", "tmpfs", "tmpfs", "/dev/shm")
        (SHARED / "hosts").mkdir(parents=True)
        (SHARED / "tmp").mkdir()
        addresses = "".join(f"{NETWORK}.{i + 1} {name}\n" for i, name in enumerate(self.names))
        (SHARED / "etc-hosts").write_text("127.0.0.1 localhost\n" + addresses)
        run("mount", "--bind", SHARED / "etc-hosts", "/etc/hosts")
        (SHARED / "hostfile").write_text("".join(f"{name} slots={self.options.slots}\n" for name in self.names))

    def start(self, name):
        # A connection that was idle while its host computed keeps its window, as clusters are set. reno is the one
        # congestion control that every namespace may choose; without losses it is cubic's equal.
        script = (
            f"hostname {name}; ip link set lo up; sysctl -qw net.ipv6.conf.default.disable_ipv6=1 "
            "net.ipv4.tcp_slow_start_after_idle=0 net.ipv4.tcp_congestion_control=reno; echo ready; exec sleep infinity")
        process = subprocess.Popen(
            ["unshare", "--net", "--uts", "sh", "-c", script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        if process.stdout.readline().strip() != "ready":
            raise Failure(f"{name} did not start")
        return process

    def inside(self, i, *command):
        return run("nsenter", "--target", self.processes[i].pid, "--net", *command)

    def wire(self):
        pids = [str(process.pid) for process in self.processes]
        command = [compiled("wire"), repr(self.options.bandwidth), str(self.options.delay), *pids]
        if self.options.verbose:
            print("hosts: lines by wire.c, since this kernel has no netem", file=sys.stderr)
        wire = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        if wire.stdout.readline().strip() != "ready":
            raise Failure("the lines between the hosts could not be made")

    def bridge(self):
        """Pairs of veth devices at a bridge, which has a namespace of its own; netem delays what a host sends."""
        if self.options.verbose:
            print("hosts: lines by tc's netem", file=sys.stderr)
        switch = self.start("switch").pid
        at_switch = ["nsenter", "--target", switch, "--net"]
        run(*at_switch, "ip", "link", "add", "bridge0", "type", "bridge")
        run(*at_switch, "ip", "link", "set", "bridge0", "mtu", self.options.mtu, "up")
        rate = ["rate", f"{self.options.bandwidth:.0f}bit"] if self.options.bandwidth else []
        for i, process in enumerate(self.processes):
            port = f"port{i + 1}"
            run(*at_switch, "ip", "link", "add", port, "mtu", self.options.mtu, "type", "veth",
                "peer", "name", "net0", "netns", process.pid)
            run(*at_switch, "ip", "link", "set", port, "master", "bridge0", "up")
            self.inside(i, *netem("net0", "delay", f"{self.options.delay / 1000}us", *rate))
            if rate:
                run(*at_switch, *netem(port, *rate))

    def variables(self):
        """What a plain mpirun needs to find the hosts and to stay on their lines."""
        settings = {
            "plm_rsh_agent": FOLDER / "enter.sh",
            "orte_default_hostfile": SHARED / "hostfile",
            "orte_tmpdir_base": SHARED / "tmp",
            "btl": "tcp,self",
            "btl_tcp_if_include": f"{NETWORK}.0/24",
            "oob_tcp_if_include": f"{NETWORK}.0/24",
            # Every host believes that it has all processors, and would bind its rank to the first.
            "hwloc_base_binding_policy": "none",
            # A rank that waits leaves its processor to one that computes: here they share it.
            "mpi_yield_when_idle": 1,
        }
        return {
            **os.environ, "CLUSTER_HOSTS": str(SHARED / "hosts"),
            "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
            **{f"OMPI_MCA_{name}": str(value) for name, value in settings.items()}}

    def command(self):
        enter = ["nsenter", "--target", str(self.processes[0].pid), "--net", "--uts", "--"]
        return subprocess.Popen(
            [*enter, *self.options.command], env=self.variables(), stdin=subprocess.DEVNULL, start_new_session=True)


def netem(device, *settings):
    return ["tc", "qdisc", "add", "dev", device, "root", "netem", *settings, "limit", "100000"]


def netem_works(pid):
    """Whether the kernel has netem, tried in a host's namespace."""
    if not shutil.which("tc"):
        return False
    inside = ["nsenter", "--target", str(pid), "--net"]
    if subprocess.run([*inside, *netem("lo", "delay", "1us")], capture_output=True).returncode != 0:
        return False
    run(*inside, "tc", "qdisc", "delete", "dev", "lo", "root")
    return True


def first_process(options, started):
    """Makes the hosts and runs the command on them; the whole life of the process namespace."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if not os.read(started, 1):
        return 1  # the outer process ended before this one could follow it
    command = None

    def end(number, _):
        signal.alarm(GRACE)
        if command is None:
            os._exit(128 + number)
        command.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    signal.signal(signal.SIGALRM, lambda *_: os._exit(128 + signal.SIGTERM))
    try:
        hosts = Hosts(options)
        hosts.make()
        command = hosts.command()
    except (Failure, OSError) as failure:
        print(f"hosts: {failure}", file=sys.stderr, flush=True)
        return 2
    status = command.wait()
    return 128 - status if status < 0 else status


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hosts", type=int, default=4, metavar="N")
    parser.add_argument("--slots", type=int, default=1, metavar="S", help="ranks that a host takes")
    parser.add_argument("--bandwidth", type=bandwidth, default="1gbit", help="of each host's line, or 'unlimited' (default: 1gbit)")
    parser.add_argument("--delay", type=duration, default="50us", help="of one way (default: 50us)")
    parser.add_argument("--mtu", type=int, default=1500, metavar="BYTES")
    parser.add_argument("--verbose", action="store_true", help="tell what makes the lines")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    options = parser.parse_args()
    if not options.command:
        parser.error("what is to run on the hosts?")
    if not 1 <= options.hosts <= 64:
        parser.error("--hosts is 1 to 64")
    if lacking := missing():
        sys.exit(f"hosts: {lacking}")
    if libc.unshare(CLONE_NEWPID | CLONE_NEWNS) != 0:
        sys.exit(f"hosts: no process namespace: {os.strerror(ctypes.get_errno())}")
    started, start = os.pipe()
    first = os.fork()
    if first == 0:
        os.close(start)
        os._exit(first_process(options, started))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: os.kill(first, number))
    os.write(start, b".")
    _, status = os.waitpid(first, 0)
    sys.exit(os.waitstatus_to_exitcode(status) % 256)


if __name__ == "__main__":
    main()
