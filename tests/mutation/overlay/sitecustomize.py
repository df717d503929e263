"""Lets every Python process use the code of the copy of the repository in which this file lies.

Python runs it first where its folder is in PYTHONPATH. The copy is mutated, so the installed tfstab must not be used.
"""

import os
import sys
from importlib.util import spec_from_file_location
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]  # absolute, as tests change the working directory
PACKAGES = {"tfstab": ROOT / "tfstab", "tfstab.gui": ROOT / "gui", "tfstab.resources": ROOT / "resources"}


class _Copy:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in PACKAGES:
            return None
        folder = str(PACKAGES[name])
        return spec_from_file_location(name, f"{folder}/__init__.py", submodule_search_locations=[folder])


sys.meta_path.insert(0, _Copy)
if "COVERAGE_PROCESS_START" in os.environ:
    import coverage

    coverage.process_startup()
