"""Creates the virtual environments: .venv (the `earmark` command) and .venv-labelstudio (Label Studio).

    python3 requirements/install.py [--label-studio] [--runtime] [--demo [demo's options]]

Everything that would stop the installation is checked before the first download. Each environment carries a
stamp of what went into it, so that a second run returns at once and touches no network. Standard library
only: it runs on a bare Python.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import fcntl
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
TORCH = "2.13.0"
PYTORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
EARMARK, LABEL_STUDIO = ".venv", ".venv-labelstudio"
# Free space to ask for in GB: what the environment takes, the archives it is unpacked from, and some air.
SPACE = {EARMARK: 3.0, LABEL_STUDIO: 1.5}
CUDA_SPACE = 8.0
TEMPORARY_SPACE = 0.5
SOURCES = {
    EARMARK: ("pyproject.toml", "requirements/label-studio-ml.txt", "requirements/install.py"),
    LABEL_STUDIO: ("requirements/label-studio.txt",),
}
HEARTBEAT = 15.0  # seconds of silence after which the last thing pip said is repeated


class SetupError(Exception):
    """One sentence: what is missing or failed, and what to do."""


def has_nvidia_driver() -> bool:
    """Whether an NVIDIA driver is loaded: then PyTorch's CUDA build is worth its gigabytes."""
    return Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None


def check_python() -> None:
    """Refuse a Python that is too old or cannot create virtual environments."""
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError(
            f"Python {platform.python_version()} at {sys.executable} is too old: Earmark needs 3.11 or newer "
            "(make PYTHON=/path/to/python3)"
        )
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SetupError(
            f"{sys.executable} lacks the module {missing[0]}, which creates virtual environments: install it "
            f"(Debian and Ubuntu: apt-get install python{version}-venv) "
            "or name another Python (make PYTHON=/path/to/python3)"
        )


def check_space(names: list[str], root: Path = ROOT, temporary: Path | None = None) -> None:
    """Refuse to begin when `root` (or the folder for temporary files) cannot hold the environments."""
    temporary = temporary or Path(tempfile.gettempdir())
    needed = sum(CUDA_SPACE if name == EARMARK and has_nvidia_driver() else SPACE[name] for name in names)
    places = [(root, needed)]
    if temporary.stat().st_dev != root.stat().st_dev:
        places.append((temporary, TEMPORARY_SPACE))
    for place, size in places:
        free = shutil.disk_usage(place).free / 1e9
        if free < size:
            raise SetupError(
                f"{place} has {free:.1f} GB free and set-up needs {size:.1f} GB there: make room, run it again"
            )


def check_ports(options: list[str]) -> None:
    """Refuse ports the demo could not listen on, unless a demo of this checkout is what listens there."""
    sys.path.insert(0, str(ROOT))
    from earmark import lock, ports

    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--port", type=int)
    parser.add_argument("--label-studio-port", type=int, default=ports.LABEL_STUDIO_PORT)
    chosen, _ = parser.parse_known_args(options)
    if lock.holder(Path(os.environ.get("EARMARK_HOME") or ROOT / ".earmark")) is not None:
        return  # `earmark demo` says so itself
    try:
        ports.choose(ports.backend_port() if chosen.port is None else chosen.port, "--port", "the backend")
        ports.choose(chosen.label_studio_port, "--label-studio-port", "Label Studio")
    except ports.PortError as error:
        raise SetupError(str(error)) from error


class Environment:
    """One virtual environment of the checkout: its folder, its stamp and the steps that fill it."""

    def __init__(self, name: str, root: Path = ROOT, *, runtime: bool = False) -> None:
        """`runtime` leaves out what only development and tests need."""
        self.name = name
        self.extras = "" if runtime else "[dev]"
        self.root = root
        self.folder = root / name
        self.python = self.folder / "bin" / "python"
        self.stamp = self.folder / "earmark-stamp"
        self.ours = self.folder / "created-by-earmark"
        self.log = self.folder / "install.log"
        self.process: subprocess.Popen[str] | None = None

    def fingerprint(self) -> str:
        """A hash of what the environment is made from; of its path too, since scripts and links hold it."""
        digest = hashlib.sha256(f"{self.root}\n{sys.version_info[:2]}\n{self.extras}".encode())
        for source in SOURCES[self.name]:
            digest.update((self.root / source).read_bytes())
        return digest.hexdigest()

    def is_current(self) -> bool:
        """Whether the last installation finished and nothing it was made from has changed."""
        return self.python.exists() and self.stamp.exists() and self.stamp.read_text() == self.fingerprint()

    def install(self) -> None:
        """Create the environment if need be and bring it up to date; raise SetupError naming the log."""
        started = time.monotonic()
        self.stamp.unlink(missing_ok=True)
        if not self.works():
            self.say("creating the environment")
            self.folder.mkdir(exist_ok=True)
            self.ours.touch()
            self.run([sys.executable, "-m", "venv", "--clear", str(self.folder)], "creating the environment")
            self.ours.touch()
        if self.name == EARMARK:
            self.install_earmark()
        else:
            # Compiling Label Studio's thousands of modules takes as long as downloading them; Python compiles
            # those it uses at the first start.
            self.pip("Label Studio", "--no-compile", "-r", "requirements/label-studio.txt")
        self.stamp.write_text(self.fingerprint())
        self.say(f"ready after {time.monotonic() - started:.0f} s")

    def works(self) -> bool:
        """Whether a Python with pip runs here and is of the version that was asked for."""
        if not self.python.exists():
            return False
        code = f"import pip, sys; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])})"
        return self.succeeds(code)

    def install_earmark(self) -> None:
        """PyTorch in the build that fits, Earmark and its dependencies, label-studio-ml without its own."""
        self.pip("the build backend", "setuptools>=77")
        self.install_torch()
        self.pip("Earmark and its dependencies", "--no-build-isolation", "-e", f".{self.extras}")
        self.pip("label-studio-ml", "--no-deps", "-r", "requirements/label-studio-ml.txt")
        self.repair_torchaudio()

    def install_torch(self) -> None:
        """The CPU build, unless there is an NVIDIA driver: on Linux plain `torch` is CUDA's, gigabytes."""
        if self.succeeds(f"import torch; assert torch.__version__.split('+')[0] == '{TORCH}'"):
            return
        if sys.platform != "linux" or has_nvidia_driver():
            self.pip(f"PyTorch {TORCH}", f"torch=={TORCH}")
            return
        wanted = f"torch=={TORCH}+cpu"
        for sources in ([], ["--index-url", PYTORCH_CPU_INDEX]):
            try:
                # Its few dependencies come with Earmark's own, from the sources pip is configured with.
                self.pip(f"PyTorch {TORCH}, CPU build", "--no-deps", *sources, wanted)
                return
            except SetupError:
                self.say("not found there")
        self.say("no CPU build of PyTorch can be had: taking the CUDA build, several GB")
        check_space([EARMARK], self.root)
        self.pip(f"PyTorch {TORCH}", f"torch=={TORCH}")

    def repair_torchaudio(self) -> None:
        """Remove torchaudio's native libraries where they stop it from being imported.

        Its wheel carries libraries linked against CUDA, which nothing in Earmark needs; beside a CPU build of
        PyTorch they fail to load, and `import torchaudio` with them. Without them it imports, and
        spectrograms and resampling work.
        """
        if self.succeeds("import torchaudio"):
            return
        if not self.ours.exists():
            raise SetupError(
                f"torchaudio cannot be imported in {self.name}, an environment that set-up did not create: "
                "remove that folder, and set-up makes its own"
            )
        self.say("removing torchaudio's CUDA libraries, unused and unloadable beside the CPU build")
        for library in self.folder.glob("lib/python*/site-packages/torchaudio/lib/*.so"):
            library.unlink()
        if not self.succeeds("import torchaudio"):
            raise SetupError(
                f"torchaudio cannot be imported in {self.name}: see \"{self.python}\" -c 'import torchaudio'"
            )

    def succeeds(self, statement: str) -> bool:
        """Whether `statement` runs in the environment."""
        command = [str(self.python), "-W", "ignore", "-c", statement]
        return subprocess.run(command, capture_output=True, cwd=self.root, check=False).returncode == 0

    def pip(self, what: str, *arguments: str) -> None:
        """Run `pip install` with `arguments`; raise SetupError if it fails."""
        self.say(what)
        options = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
        self.run([str(self.python), "-m", "pip", "install", *options, *arguments], f"installing {what}")

    def run(self, command: list[str], doing: str) -> None:
        """Run `command` in the checkout, its output in the log, its last words now and then on stderr."""
        unwanted = ("PYTHONHOME", "PYTHONPATH")
        environment = {name: value for name, value in os.environ.items() if name not in unwanted}
        environment["PIP_USER"] = "0"  # someone's `user = yes` makes no sense in an environment
        last: list[str] = []
        spoken = time.monotonic()
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                command, cwd=self.root, env=environment, text=True, errors="replace",
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            assert self.process.stdout is not None  # noqa: S101 - for the type checker
            for line in self.process.stdout:
                log.write(line)
                if not (line := line.strip()) or line.startswith("WARNING"):
                    continue
                last = [*last[-9:], line]
                if time.monotonic() - spoken > HEARTBEAT:
                    self.say("  " + (line if len(line) < 90 else line[:87] + "..."))
                    spoken = time.monotonic()
            self.process.stdout.close()
            code = self.process.wait()
        if code != 0:
            last_line = last[-1] if last else ""
            reason = next((line for line in reversed(last) if line.lower().startswith("error:")), last_line)
            raise SetupError(
                f"{doing} in {self.name} failed ({reason}): the whole output is in "
                f"{self.name}/{self.log.name}; run the same command again once that is mended"
            )

    def say(self, message: str) -> None:
        """One line of progress on stderr."""
        with _speaking:
            print(f"{time.strftime('%H:%M:%S')} {self.name}: {message}", file=sys.stderr, flush=True)


_speaking = threading.Lock()


def install(environments: list[Environment]) -> None:
    """Bring `environments` up to date, side by side; the first failure stops the others."""
    with concurrent.futures.ThreadPoolExecutor(len(environments)) as pool:
        jobs = [pool.submit(environment.install) for environment in environments]
        try:
            for job in concurrent.futures.as_completed(jobs):
                job.result()
        except BaseException:
            for environment in environments:
                if environment.process and environment.process.poll() is None:
                    environment.process.terminate()
            raise


def main() -> int:
    """Check, then install what is missing or out of date."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--label-studio", action="store_true", help="also .venv-labelstudio")
    parser.add_argument("--runtime", action="store_true", help="without what only development and tests need")
    parser.add_argument(
        "--demo",
        nargs=argparse.REMAINDER,
        help="check the ports that `earmark demo` with these options takes",
    )
    arguments = parser.parse_args()
    names = [EARMARK, LABEL_STUDIO] if arguments.label_studio else [EARMARK]
    wanted = [Environment(name, runtime=arguments.runtime) for name in names]
    try:
        if arguments.demo is not None:
            check_ports(arguments.demo)
        if all(environment.is_current() for environment in wanted):
            return 0
        check_python()
        checkout = os.open(ROOT, os.O_RDONLY)
        try:
            fcntl.flock(checkout, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another set-up of this checkout is running: waiting for it", file=sys.stderr)
            fcntl.flock(checkout, fcntl.LOCK_EX)
        missing = [environment for environment in wanted if not environment.is_current()]
        if missing:
            check_space([environment.name for environment in missing if not environment.folder.exists()])
            install(missing)
    except SetupError as error:
        print(f"Set-up stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Set-up interrupted: run the same command again to go on", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
