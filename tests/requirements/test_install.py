import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from collections import namedtuple
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("install", ROOT / "requirements" / "install.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setattr(sys, "path", [*sys.path])
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "a check out"
    (root / "requirements").mkdir(parents=True)
    shutil.copy(ROOT / "pyproject.toml", root)
    for path in (ROOT / "requirements").glob("*.*"):
        shutil.copy(path, root / "requirements")
    return root


def test_a_python_without_venv_is_refused_with_the_package_that_holds_it(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else find(name))
    with pytest.raises(install.SetupError, match=r"lacks the module ensurepip.*apt-get install python3\.\d+-venv"):
        install.check_python()


def test_too_little_space_is_refused_with_what_is_needed(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 2_000_000_000))
    monkeypatch.setattr(install, "has_nvidia_driver", lambda: False)
    install.check_space([install.LABEL_STUDIO], tmp_path)
    with pytest.raises(install.SetupError, match=r"2\.0 GB free and set-up needs 4\.5 GB"):
        install.check_space([install.EARMARK, install.LABEL_STUDIO], tmp_path)


def test_a_taken_port_is_refused_before_anything_is_downloaded(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        outcome = subprocess.run(
            [sys.executable, ROOT / "requirements" / "install.py", "--demo", "--once", "--port", str(port)],
            env={"EARMARK_HOME": str(tmp_path)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert outcome.returncode == 1
    assert f"port {port} for the backend is taken" in outcome.stderr and "--port N" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_an_environment_is_current_until_its_ingredients_or_its_place_change(
    install: ModuleType, checkout: Path
) -> None:
    environment = install.Environment(install.EARMARK, checkout)
    assert not environment.is_current()
    environment.python.parent.mkdir(parents=True)
    environment.python.touch()
    environment.stamp.write_text(environment.fingerprint())
    assert environment.is_current()
    with (checkout / "requirements" / "label-studio-ml.txt").open("a") as requirements:
        requirements.write("# another\n")
    assert not environment.is_current()
    environment.stamp.write_text(environment.fingerprint())
    moved = checkout.rename(checkout.with_name("elsewhere"))
    assert not install.Environment(install.EARMARK, moved).is_current()


def test_a_failed_step_names_what_pip_said_and_the_log(install: ModuleType, checkout: Path) -> None:
    environment = install.Environment(install.EARMARK, checkout)
    environment.folder.mkdir()
    script = "print('ERROR: No matching distribution found for x'); print('hint'); raise SystemExit(1)"
    with pytest.raises(install.SetupError, match=r"installing x .*No matching distribution found for x.*install\.log"):
        environment.run([sys.executable, "-c", script], "installing x")
    assert "hint" in environment.log.read_text()


def test_torchaudio_in_a_foreign_environment_is_left_alone(
    install: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = install.Environment(install.EARMARK, checkout)
    library = environment.folder / "lib" / "python3.11" / "site-packages" / "torchaudio" / "lib" / "_torchaudio.so"
    library.parent.mkdir(parents=True)
    library.touch()
    monkeypatch.setattr(environment, "succeeds", lambda _statement: not library.exists())
    with pytest.raises(install.SetupError, match="did not create"):
        environment.repair_torchaudio()
    assert library.exists()
    environment.ours.touch()
    environment.repair_torchaudio()
    assert not library.exists()


def test_everything_in_place_returns_at_once_and_says_nothing() -> None:
    if not (ROOT / ".venv" / "earmark-stamp").exists():
        pytest.skip("this environment was not made by requirements/install.py")
    # `make test` runs this: what it tells its sub-makes is none of a fresh one's business.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", "setup", f"PYTHON={sys.executable}"]
    outcome = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")
