"""`import tfstab` is light, and its public names are there."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import tfstab


def test_importing_tfstab_imports_nothing_heavy():
    names = "print(*({m.split('.')[0] for m in sys.modules}))"
    code = f"import sys, tfstab; {names}; import tfstab.degradations; {names}; import tfstab.cli.app; {names}"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, with_degradations, with_commands = (set(line.split()) for line in result.stdout.splitlines())
    commands_need = {"numpy", "pyarrow"}
    heavy = commands_need | {"tensorflow", "keras", "PySide6", "pygad", "matplotlib", "pandas", "scipy", "sklearn"}
    assert not heavy & first and not {"tensorflow", "keras", "scipy"} & with_degradations
    assert heavy & with_commands == commands_need


@pytest.mark.parametrize("name", tfstab.__all__)
def test_public_names_are_there_and_documented(name):
    value = getattr(tfstab, name)
    assert name in dir(tfstab)
    assert name == "__version__" or value.__doc__


@pytest.mark.parametrize("package", ["", ".experiments", ".models", ".report"])
def test_completion_knows_names_that_have_not_been_imported_yet(package):
    module = importlib.import_module(f"tfstab{package}")
    assert dir(module) == sorted(module.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="serach"):
        tfstab.serach  # noqa: B018


ROOT = Path(__file__).parents[1]
# The viewer's packages and the modules beside them, from the top; a module imports nothing of a layer above its own.
VIEWER = (
    {"__main__", "app", "guide", "window", "panels", "toolbar", "closing"},
    {"widgets"},
    {
        "actions",
        "dialogs",
        "dropping",
        "exporting",
        "exporting_robustness",
        "figure_drawings",
        "figure_room",
        "figure_shapes",
        "figures",
        "choice",
        "help",
        "icons",
        "own_code",
    },
    {"activity", "arrivals", "controller", "opening", "visits"},
    {"sessions"},
    {"content"},
    {"jobs"},
    {"background", "collector", "commands", "focus_frame", "kinds", "placing", "preload", "settings", "style", "theme"},
)


def imports(path):
    """The modules that a file imports, inside functions and for type checkers too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms(package, name):
    """The name of the package's room in "PACKAGE.ROOM.rest", else ""."""
    return name.removeprefix(f"{package}.").partition(".")[0] if name.startswith(f"{package}.") else ""


def layers_of(begin, end):
    """The packages that the guide's page on design lists between two top folders."""
    page = (ROOT / "resources/guide/project/design.md").read_text("utf-8")
    return re.findall(r"^  (\w+)", page.partition(f"\n{begin}/ ")[2].partition(f"\n{end}/ ")[0], re.MULTILINE)


def test_every_package_is_in_the_wheels_list():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
    folders = [path.parent for top in ("tfstab", "gui", "resources") for path in (ROOT / top).rglob("__init__.py")]
    names = [".".join(folder.relative_to(ROOT).parts) for folder in folders]
    data = ["tfstab.report.templates", *(name for name in listed if name.startswith("tfstab.resources.guide."))]
    packages = [name if name.startswith("tfstab") else f"tfstab.{name}" for name in names]
    assert sorted(listed) == sorted({*packages, *data})


def test_imports_point_downwards_in_the_list_of_layers():
    layers = layers_of("tfstab", "gui")
    packages = {path.parent.name for path in (ROOT / "tfstab").glob("*/__init__.py")}
    assert set(layers) == packages | {"limits"}
    for path in (ROOT / "tfstab").glob("**/*.py"):
        room = path.relative_to(ROOT / "tfstab").with_suffix("").parts[0]
        own = layers.index(room) if room in layers else -1
        for name in imports(path):
            assert rooms("tfstab", name) != "gui", f"{path} imports {name}, of the viewer"
            if own >= 0 and (layer := rooms("tfstab", name)) in layers:
                assert layers.index(layer) >= own, f"{path} imports {name}, which is above it"


def test_imports_of_the_viewer_point_downwards():
    level = {name: n for n, names in enumerate(VIEWER) for name in names}
    assert set(level) == {
        path.stem for path in (ROOT / "gui").iterdir() if path.stem not in ("__init__", "__pycache__")
    }
    folders = [name for names in VIEWER for name in names if (ROOT / "gui" / name).is_dir()]
    assert folders == layers_of("gui", "resources")
    for path in (ROOT / "gui").glob("**/*.py"):
        own = level.get(path.relative_to(ROOT / "gui").with_suffix("").parts[0], -1)
        for name in imports(path):
            if path.name != "commanding.py":  # which runs commands in the child process
                assert rooms("tfstab", name) != "cli", f"{path} imports {name}, of the command line"
            if (room := rooms("tfstab.gui", name)) in level:
                assert level[room] >= own, f"{path} imports {name}, which is above it"
