"""The wheel holds everything: installed in an environment of its own, it runs from another folder."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD = """
import sys
from setuptools.build_meta import build_wheel
build_wheel(sys.argv[1], {"--build-option": ["--compression=stored"]})
"""
IMPORT_ALL = """
import importlib, pkgutil, tfstab
from tfstab.classifier import backend
backend.leave_out_optional()  # as in the command, which starts faster
for module in pkgutil.walk_packages(tfstab.__path__, "tfstab."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
        print(module.name)
print(f"{tfstab.__file__}\\f")
"""
# In the same process, as TensorFlow takes seconds to load.
EVALUATE = """
import runpy, sys
sys.argv = ["tfstab", "evaluate", "--limit", "50"]
runpy.run_module("tfstab", run_name="__main__")
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """An interpreter that has the wheel, and this environment's packages in place of downloads of them."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"  # a copy, since a build leaves files in its tree and takes old ones from it
    for room in ("tfstab", "gui", "resources"):
        shutil.copytree(ROOT / room, source / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    # With the setuptools that is here, and without compression. `make release-check` builds as a stranger does.
    command = [sys.executable, "-c", BUILD, folder]
    built = subprocess.run(command, capture_output=True, text=True, cwd=source, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", symlinks=os.name == "posix")
    name = "python.exe" if os.name == "nt" else "python"
    interpreter = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / name
    site = subprocess.run(
        [interpreter, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    with zipfile.ZipFile(wheel) as archive:  # which is how pip installs a wheel of Python modules
        archive.extractall(site)
    # As plain path entries the other packages are found after the wheel, and editable installs among them are not.
    (Path(site) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return interpreter


def _run(python, *arguments, cwd):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | {"QT_QPA_PLATFORM": "offscreen"}
    return subprocess.run([python, *arguments], capture_output=True, text=True, cwd=cwd, env=environment, check=False)


def test_every_module_can_be_imported_and_the_bundled_network_classifies_from_another_folder(python, tmp_path):
    result = _run(python, "-c", IMPORT_ALL + EVALUATE, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    imported, evaluated = result.stdout.split("\f")
    assert "accuracy (top-1)" in evaluated
    *modules, home = imported.split()
    assert "tfstab.gui.app" in modules and "tfstab.resources.models" in modules
    assert str(ROOT) not in home
    sources = {
        str(path.relative_to(ROOT).with_suffix("")).replace(os.sep, ".").removesuffix(".__init__")
        for room in ("tfstab", "gui", "resources")
        for path in (ROOT / room).rglob("*.py")
        if path.name != "__main__.py" and path.parent.name != "site"  # the site's settings are not installed
    }
    renamed = {name if name.startswith("tfstab") else f"tfstab.{name}" for name in sources} - {"tfstab"}
    assert set(modules) == renamed


def test_the_viewers_folder_cannot_be_imported_as_a_second_copy():
    result = subprocess.run([sys.executable, "-c", "import gui"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode != 0 and "tfstab.gui" in result.stderr
