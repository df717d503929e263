"""What scores depend on besides model and data: versions, device and instruction set."""

import platform
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

from tfstab.runs.info import FUNCTION

BATCH = "batch_size"  # the entry
PACKAGES = ("tfstab", "numpy", "tensorflow", "keras", "pygad")
LIBRARIES = ("pillow", "scipy")  # recorded too: they read images, and degradations may use them


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that can change a number."""
    return {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}


@cache
def _version(name: str) -> str:
    """Return a package's version, which is looked up on the disk once."""
    return version(name)


def instruction_set() -> str:
    """Return the widest vector instructions that NumPy finds on this processor, such as "x86_64 AVX512_SPR"."""
    extensions = np.show_config(mode="dicts").get("SIMD Extensions", {})
    found = extensions.get("found") or extensions.get("baseline") or ["baseline"]
    return f"{platform.machine()} {found[-1]}"


def is_gpu(device: str) -> bool:
    """Return whether a classifier's device is a GPU, on which last bits may depend on the batch size."""
    return device.partition(",")[0] not in ("CPU", FUNCTION)


def of_scores(recorded: dict[str, Any]) -> list[Any]:
    """Return what exact scores depend on, from an environment as `run.json` records it."""
    there, batch = recorded["versions"], [recorded[BATCH]] if BATCH in recorded else []
    names = "python", *PACKAGES
    return [recorded.get("device"), recorded.get("instruction_set"), *map(there.get, names), *batch]


def environment(device: str, batch_size: int | None = None) -> dict[str, Any]:
    """Return what `run.json` records of this machine.

    device: the one that computes scores. batch_size: images scored at once, which is recorded for a GPU only.
    """
    libraries = {name: _version(name) for name in LIBRARIES}
    batch = {BATCH: batch_size} if batch_size is not None and is_gpu(device) else {}
    return {"versions": versions() | libraries, "device": device, "instruction_set": instruction_set(), **batch}


def differing(there: dict[str, Any], here: dict[str, Any]) -> str:
    """Return in words what a run was begun with and is not here, such as "another device (GPU; here CPU)"."""
    of_run, now = there.get("versions", {}), here["versions"]
    now = {name: now[name] for name in now if name in of_run or name not in LIBRARIES}  # older runs lack these
    names = [name for name in dict.fromkeys([*now, *of_run]) if of_run.get(name) != now.get(name)]
    named = [f"{name} {of_run.get(name, 'not recorded')}, here {now.get(name, 'not installed')}" for name in names]
    told = [f"other versions ({'; '.join(named)})"] if named else []
    for key, what in (("device", "another device"), ("instruction_set", "other processor instructions")):
        if there.get(key) != here[key]:
            told.append(f"{what} ({there.get(key, 'not recorded')}; here {here[key]})")
    return " and ".join(told)
