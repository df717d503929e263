"""Clean environments: each gets the wheel and what it needs, and does in it what a new user does first."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from release_contents import project

EXTRAS = ("cluster", "onnx", "tflite")  # gpu is only resolved: its packages have gigabytes and need a GPU
PATIENCE = 1800  # seconds for one command
VIEWER = """
import sys, time
from PySide6.QtCore import QTimer
from tfstab.gui.app import create_window
app, window = create_window([sys.argv[1]])
window.show()
deadline = time.monotonic() + 300
def look():
    if window.page() and window.isVisible():
        image = window.grab().toImage()
        drawn = len(set(image.constBits().tobytes())) > 20
        window.close()
        app.exit(0 if drawn else 1)
    elif time.monotonic() > deadline:
        app.exit(1)
timer = QTimer()
timer.timeout.connect(look)
timer.start(50)
sys.exit(app.exec())
"""
CLUSTER = """
import subprocess, sys
from distributed import LocalCluster
if __name__ == "__main__":
    words = "sweep --model mnist-lenet --data mnist-5k --limit 20 --sigmas 20 --copies 2 --out swept --cluster"
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        command = [sys.executable, "-m", "tfstab", *words.split(), cluster.scheduler_address]
        sys.exit(subprocess.run(command, check=False).returncode)
"""
ONNX = """
import numpy as np, onnx, subprocess, sys
from onnx import TensorProto, helper, numpy_helper
rng = np.random.default_rng(0)
stored = numpy_helper.from_array(rng.normal(size=(784, 10)).astype(np.float32), "weights")
nodes = [helper.make_node("Flatten", ["x"], ["flat"]), helper.make_node("MatMul", ["flat", "weights"], ["logits"]),
         helper.make_node("Softmax", ["logits"], ["y"])]
given = helper.make_tensor_value_info("x", TensorProto.FLOAT, ("n", 1, 28, 28))
found = helper.make_tensor_value_info("y", TensorProto.FLOAT, ("n", 10))
graph = helper.make_graph(nodes, "linear", [given], [found], [stored])
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), "linear.onnx")
words = "evaluate --model linear.onnx --data mnist-5k --limit 20"
sys.exit(subprocess.run([sys.executable, "-m", "tfstab", *words.split()], check=False).returncode)
"""
TFLITE = """
import keras, subprocess, sys
import tensorflow as tf
model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")])
with open("linear.tflite", "wb") as file:
    file.write(tf.lite.TFLiteConverter.from_keras_model(model).convert())
words = "evaluate --model linear.tflite --data mnist-5k --limit 20"
sys.exit(subprocess.run([sys.executable, "-m", "tfstab", *words.split()], check=False).returncode)
"""
EXTRA_SCRIPTS = {"cluster": CLUSTER, "onnx": ONNX, "tflite": TFLITE}


class CheckError(Exception):
    """A command in a clean environment failed, or its result is not there."""


@dataclass(frozen=True)
class Python:
    """An interpreter: its path and its version."""

    path: Path
    version: str

    @property
    def minor(self) -> str:
        """The version without its last part, such as 3.12."""
        return self.version.rpartition(".")[0]


def pythons() -> list[Python]:
    """Return one interpreter for each supported version of Python that this machine has, the oldest first."""
    classifiers = [str(line) for line in project()["classifiers"]]  # type: ignore[attr-defined]
    supported = re.findall(r"Python :: (3\.\d+)", "\n".join(classifiers))
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    named = [shutil.which(f"python{minor}") for minor in supported]
    found: dict[str, Python] = {}
    for path in [sys.executable, *sorted(pyenv.glob("3.*/bin/python3"), reverse=True), *filter(None, named)]:
        about = "import ensurepip, platform; print(platform.python_version())"
        run = subprocess.run([path, "-c", about], capture_output=True, text=True, check=False)
        python = Python(Path(path), run.stdout.strip())
        if run.returncode == 0 and python.minor in supported:
            found.setdefault(python.minor, python)
    return [found[minor] for minor in supported if minor in found]


def resolve_gpu(python: Python, wheel: Path, folder: Path) -> int:
    """Return how many packages `tfstab[gpu]` would install."""
    interpreter, report = _new(python, folder), folder / "report.json"
    command = [interpreter, "-m", "pip", "install", "--quiet", "--dry-run", "--report", report, f"{wheel}[gpu]"]
    _run(command, folder, home=False)
    return len(json.loads(report.read_text("utf-8"))["install"])


def check(python: Python, wheel: Path, extras: tuple[str, ...], folder: Path) -> dict[str, float]:
    """Install the wheel in a new environment, use it, and return figures of both.

    Returns
    -------
    dict
        `packages` (their number), `downloaded` and `installed` (MB), and the seconds of each step.
    """
    interpreter = _new(python, folder)
    wanted = f"{wheel}[{','.join(extras)}]" if extras else str(wheel)
    log, seconds = _run([interpreter, "-m", "pip", "install", wanted], folder, home=False)
    figures = {"packages": len(list(folder.glob("venv/lib/python*/site-packages/*.dist-info"))) - 1}  # pip itself
    figures |= {"downloaded": round(_downloaded(log)), "installed": round(_megabytes(folder / "venv"))}
    return figures | {"install": seconds} | _use(interpreter, extras, folder)


def _use(interpreter: Path, extras: tuple[str, ...], folder: Path) -> dict[str, float]:
    command = interpreter.with_name("tfstab")
    version, _ = _run([command, "--version"], folder)
    if version.strip() != f"tfstab {project()['version']}":
        raise CheckError(f"tfstab --version says {version!r}")
    _, assess = _run([command, "assess", "mnist-lenet", "mnist-5k", "--minutes", "0.2", "--out", "run"], folder)
    if "</html>" not in (folder / "run" / "report.html").read_text("utf-8"):
        raise CheckError("the assessment has no whole report.html")
    for words in ([], ["install"]):
        _run([command, "guide", *words], folder)
    _run([interpreter.with_name("tfstab-viewer"), "--version"], folder)
    _, viewer = _run([interpreter, "-c", VIEWER, "run"], folder, QT_QPA_PLATFORM="offscreen")
    figures = {"assess": assess, "viewer": viewer}
    if shutil.which("xvfb-run"):
        _, figures["viewer on X11"] = _run(
            ["xvfb-run", "-a", interpreter, "-c", VIEWER, "run"], folder, QT_QPA_PLATFORM="xcb"
        )
    for extra in extras:
        script = folder / f"use_{extra}.py"
        script.write_text(EXTRA_SCRIPTS[extra], "utf-8")
        _, figures[extra] = _run([interpreter, script], folder)
    return figures


def _new(python: Python, folder: Path) -> Path:
    """Return the interpreter of a new, empty environment in the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "home").mkdir(parents=True)
    subprocess.run([python.path, "-m", "venv", folder / "venv"], check=True)
    return folder / "venv" / "bin" / "python"


def _run(words: list[object], folder: Path, *, home: bool = True, **variables: str) -> tuple[str, float]:
    """Run a command in the folder; return what it printed and its seconds. `home`: with a home folder of its own."""
    hidden = ("PYTHON", "VIRTUAL_ENV", "QT_", "TFSTAB_", "XDG_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    environment |= variables | ({"HOME": str(folder / "home")} if home else {})
    begun = time.monotonic()
    done = subprocess.run(
        [str(word) for word in words], cwd=folder, env=environment, capture_output=True, text=True, check=False,
        timeout=PATIENCE,
    )  # fmt: skip
    if done.returncode or "Traceback" in done.stderr:
        raise CheckError(f"{' '.join(map(str, words))} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout, round(time.monotonic() - begun, 1)


def _downloaded(log: str) -> float:
    """Megabytes of the packages that pip fetched, or took from its cache, as it says in its output."""
    sizes = re.findall(r"(?:Downloading|Using cached) \S+\.whl \(([\d.]+) (kB|MB|GB)\)", log)
    return sum(float(size) * {"kB": 1e-3, "MB": 1, "GB": 1e3}[unit] for size, unit in sizes)


def _megabytes(folder: Path) -> float:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
