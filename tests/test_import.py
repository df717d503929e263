"""`import tfstab` is light, and its public names are there."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tfstab


def test_importing_tfstab_imports_nothing_heavy():
    code = "import sys, tfstab; print(*({m.split('.')[0] for m in sys.modules}))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"tensorflow", "keras", "numpy", "PySide6", "pygad", "pyarrow", "matplotlib", "scipy", "sklearn"}
    assert not heavy & set(result.stdout.split())


@pytest.mark.parametrize("name", tfstab.__all__)
def test_public_names_are_there_and_documented(name):
    value = getattr(tfstab, name)
    assert name in dir(tfstab)
    assert name == "__version__" or value.__doc__


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="serach"):
        tfstab.serach  # noqa: B018


def test_imports_point_downwards_in_the_readmes_list_of_layers():
    root = Path(__file__).parents[1]
    tree = (root / "README.md").read_text("utf-8").partition("    tfstab/ ")[2].partition("    gui/ ")[0]
    layers = re.findall(r"^      (\w+)", tree, re.MULTILINE)
    assert set(layers) == {path.parent.name for path in (root / "tfstab").glob("*/__init__.py")}
    for path in (root / "tfstab").glob("*/**/*.py"):
        own = layers.index(path.relative_to(root / "tfstab").parts[0])
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [getattr(node, "module", None)]
            for name in names:
                package, _, rest = (name or "").partition(".")
                if package == "tfstab" and (layer := rest.partition(".")[0]) in layers:
                    assert layers.index(layer) >= own, f"{path} imports {name}, which is above it"
