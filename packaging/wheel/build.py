"""Makes the wheel in build/wheel: the stripped program, the libraries it needs beside it, the kernelspec, the notebooks.

Everything goes below the environment's prefix: bin/innerloop finds its libraries in lib/innerloop by $ORIGIN, and the
kernelspec finds bin/innerloop by {resource_dir}. auditwheel tells the oldest glibc that will do and names the wheel so.
"""

import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/wheel"
PROJECT = BUILD / "project"
PREFIX = PROJECT / "prefix"
# What the manylinux policies let a wheel expect of the system: glibc and the compilers' runtime.
SYSTEM = re.compile(
    r"linux-vdso|ld-linux|lib(c|m|dl|rt|pthread|resolv|util)\.so\.\d+$|lib(gcc_s|stdc\+\+)\.so\.\d+$")


def fail(sentence):
    sys.exit(f"wheel: {sentence}")


def run(*command, cwd=ROOT, environment={}):
    """The command's standard output; tools are looked for beside this Python first."""
    path = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, capture_output=True, text=True,
        env={**os.environ, "PATH": path, **environment})
    if done.returncode != 0:
        fail(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def libraries(program):
    """The shared libraries that the program brings along, by the names it asks for them."""
    found = {}
    for line in run("ldd", program).splitlines():
        name, _, path = line.strip().partition(" => ")
        if SYSTEM.match(pathlib.Path(name.split()[0]).name):
            continue
        if "not found" in line or not path:
            fail(f"ldd does not find {name}.")
        found[name] = pathlib.Path(path.split(" (")[0]).resolve()
    return found


def debian_package(library):
    """The Debian package that the library belongs to; a file of /usr may be registered without /usr."""
    for path in (library, pathlib.Path("/", *library.parts[2:])):
        done = subprocess.run(["dpkg-query", "--search", str(path)], capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.split(":")[0]
    fail(f"{library} belongs to no Debian package, so its licence is unknown.")


def copy_licence(file, name):
    """Copies a licence, and the common ones that it refers to, into the project."""
    text = file.read_text()
    (PROJECT / "licences" / name).write_text(text)
    for common in set(re.findall(r"/usr/share/common-licenses/([\w.-]*\w)", text)):
        shutil.copy(f"/usr/share/common-licenses/{common}", PROJECT / f"licences/{common}.txt")


def bundle(folder):
    """Copies the libraries into the folder, where they find each other, and their licences into the project."""
    found = libraries(PREFIX / "bin/innerloop")
    folder.mkdir(parents=True)
    for name, path in found.items():
        shutil.copy(path, folder / name)
        (folder / name).chmod(0o644)
        run("patchelf", "--set-rpath", "$ORIGIN", folder / name)
        package = debian_package(path)
        copy_licence(pathlib.Path(f"/usr/share/doc/{package}/copyright"), f"{package}.txt")
    run("patchelf", "--set-rpath", "$ORIGIN/../lib/innerloop", PREFIX / "bin/innerloop")


def check_runs():
    """The program with its moved libraries, as an installation has it."""
    answer = run(PREFIX / "bin/innerloop", "-e", "matmul(ones(2, 3), ones(3, 2)).sum()").strip()
    if "12.0" not in answer:
        fail(f"the program that was moved answered {answer!r}.")
    for name, path in libraries(PREFIX / "bin/innerloop").items():
        if not path.is_relative_to(PREFIX):
            fail(f"{name} is still looked for in {path}.")


def build(tag, folder):
    """A wheel for the platform."""
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder,
        cwd=PROJECT, environment={"WHEEL_PLATFORM": tag})
    (wheel,) = folder.glob("*.whl")
    return wheel


def fitting_platform():
    """The widest manylinux policy that the wheel keeps, as auditwheel finds."""
    plain = build(f"linux_{platform.machine()}", BUILD / "plain")
    report = " ".join(run("auditwheel", "show", plain).split())
    (BUILD / "auditwheel.txt").write_text(report + "\n")
    found = re.search(r'consistent with the following platform tag: "(manylinux_\d+_\d+_\w+)"', report)
    if not found:
        fail(f"auditwheel finds it fit for no manylinux policy: {report}")
    shutil.rmtree(BUILD / "plain")
    return found[1]


def megabytes(*paths):
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file()]
    return f"{sum(file.stat().st_size for file in files) / 1e6:.1f} MB"


def main():
    shutil.rmtree(BUILD, ignore_errors=True)
    program = "{resource_dir}/../../../../bin/innerloop"
    run("bash", ROOT / "packaging/stage.sh", PREFIX, program)
    for file in ["LICENSE", "Sources/innerloop/Innerloop.swift"]:
        shutil.copy(ROOT / file, PROJECT)
    for file in ["README.md", "pyproject.toml", "hatch_build.py"]:
        shutil.copy(ROOT / "packaging/wheel" / file, PROJECT)
    shutil.copytree(ROOT / "packaging/licences", PROJECT / "licences")
    folder = PREFIX / "lib/innerloop"
    bundle(folder)
    check_runs()
    wheel = build(fitting_platform(), BUILD)
    blas = folder / "libopenblas.so.0"
    others = [path for path in folder.iterdir() if path != blas]
    print(f"{wheel.relative_to(ROOT)}: {megabytes(wheel)}")
    print(
        f"installed {megabytes(PREFIX)}: the program {megabytes(PREFIX / 'bin')}, OpenBLAS {megabytes(blas)},"
        f" {len(others)} more libraries {megabytes(*others)}, the rest {megabytes(PREFIX / 'share')}")


if __name__ == "__main__":
    main()
