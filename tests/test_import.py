"""`import tfstab` is light, and its public names are there."""

import subprocess
import sys

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
