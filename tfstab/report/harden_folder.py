"""The folder of `tfstab.harden`: its name, and what it may hold."""

from pathlib import Path
from typing import Any

from tfstab.degradations.ranges import ALL, severity_ranges
from tfstab.errors import RunError
from tfstab.orders import run_name
from tfstab.orders.hardening import HardeningSubject
from tfstab.paths import check_path, check_writable
from tfstab.runs.files import COMPARISON, HARDENING, PARTS, REPORT, SIDES
from tfstab.runs.locking import check_unlocked
from tfstab.training.control import only_clean
from tfstab.training.folder import TEST
from tfstab.training.hardening_config import HardenConfig
from tfstab.wording import OUT

HARDENED, CONTROL = "-hardened", "-control"  # ends of the names of networks
LOCK, WORK = ".harden.lock", "hardening"  # held from the start to the report, unlike that of the training
OWN = (HARDENING, "hardening.lock", REPORT, COMPARISON, TEST, PARTS)


def default_folder_of(subject: HardeningSubject, config: HardenConfig) -> Path:
    """Return `runs/harden-MODEL-DATA-SETTINGS`, with the settings that differ from the defaults."""
    plain = HardenConfig()
    changed: dict[str, Any] = {
        name: getattr(config, name)
        for name in ("remedy", "clean_share", "keep_clean", "steps", "seed")
        if getattr(config, name) != getattr(plain, name)
    }
    if config.against is not None:
        built_in, parts = severity_ranges(), config.families
        together = all(part in parts for part in built_in)
        named = [f"{p.family.name}-{p.weakest:g}-{p.strongest:g}" for p in parts if not together or p not in built_in]
        changed["against"] = "-".join([*([ALL] if together else []), *named])
    return Path("runs") / run_name("harden", subject.classifier.name, subject.test.name, subject.changed | changed)


def name_of_hardened(model: str, config: HardenConfig) -> str:
    """Return the name of the network that is made: MODEL-hardened, or MODEL-control for a control.

    These two are compared with each other, so they need different names.
    """
    return f"{model}{CONTROL if only_clean(config.remedy, config.clean_share) else HARDENED}"


def check_folder(folder: Path) -> None:
    """Raise RunError unless the folder is new, is empty or holds a hardening that no other process works on."""
    check_path(folder, RunError, recorded=True)
    if folder.is_file():
        raise RunError(f"{folder} is a file: choose a folder for the hardening with {OUT}.")
    check_writable(folder)
    check_unlocked(folder, LOCK, WORK)
    there = {path.name for path in folder.iterdir() if path.name[0] != "."} if folder.is_dir() else set[str]()
    foreign = {name for name in there - {*OWN, *SIDES} if not name.startswith("checkpoint-")}
    if foreign and not any(Path(name).stem.endswith((HARDENED, CONTROL)) for name in there):
        raise RunError(f"{folder} holds other files ({min(foreign)}): choose an empty or a new folder with {OUT}.")
