"""Commands inside a bare Debian: its own root folder and processes, this machine's network."""

import json
import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
# How this machine reaches the package registries, and the processor that OpenBLAS is told to compute for.
PASSED = (
    "PIP_", "SSL_", "REQUESTS_CA_BUNDLE", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
    "OPENBLAS_")


def obstacle():
    """Why no bare Debian can be entered here, or None."""
    if os.geteuid() != 0:
        return "a bare Debian is entered by root only"
    if shutil.which("mmdebstrap") is None:
        return "mmdebstrap is not installed; make packages installs it"
    done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True, text=True)
    return None if done.returncode == 0 else f"no name space of its own is allowed here: {done.stderr.strip()}"


class Machine:
    """A root folder in which commands run as if it were the whole system."""

    def __init__(self, root):
        self.root = root
        self.environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
        self.user = None
        self.folder = "/"
        shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")

    def command(self, *arguments, environment={}):
        """The command line that runs the arguments inside."""
        passed = {name: value for name, value in os.environ.items() if name.startswith(PASSED)}
        variables = {**passed, **self.environment, **environment}
        enter = ["unshare", "--mount", "--pid", "--fork", "--kill-child", f"--mount-proc={self.root}/proc", "sh", "-c"]
        # The certificates by which the registries are known here.
        script = f'mount --bind /etc/ssl/certs "{self.root}/etc/ssl/certs" && exec "$@"'
        user = [f"--userspec={self.user}"] if self.user else []
        inside = ["chroot", *user, self.root, "env", "-i", "-C", self.folder, *(f"{k}={v}" for k, v in variables.items())]
        return [*map(str, [*enter, script, "sh", *inside, *arguments])]

    def run(self, *arguments, check=True, timeout=300, environment={}):
        """Runs a command inside; its output is in the result, and in the error when it fails."""
        done = subprocess.run(
            self.command(*arguments, environment=environment), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=timeout)
        assert not check or done.returncode == 0, f"{arguments} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done

    def output(self, *arguments, **options):
        return self.run(*arguments, **options).stdout

    def copy(self, source, target):
        """Copies a file of this machine in; a target that ends with a slash is a folder."""
        path = self.root / target.lstrip("/")
        if target.endswith("/"):
            path = path / source.name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, path)

    def run_notebook(self, python, notebook):
        """What run_notebook.py tells about a notebook that it ran inside."""
        self.copy(ROOT / "Tests/packaging/run_notebook.py", "/srv/")
        return json.loads(self.output(python, "/srv/run_notebook.py", notebook).splitlines()[-1])
