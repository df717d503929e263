"""Results that pages show: files `resources/guide/results/NAME.json`, each with what made it."""

import json
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from tfstab.execution import cores
from tfstab.runs.environment import instruction_set, versions

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "resources" / "guide" / "results"
ORIGIN = "command", "commit", "date", "machine", "versions"


def write(name, command, **values):
    """Store values that a command has just measured, with the program's commit, the machine and the versions."""
    latest = ["git", "log", "-1", "--format=%H", "--", "tfstab"]  # the last commit that changed the program
    commit = subprocess.run(latest, check=True, capture_output=True, text=True, cwd=ROOT).stdout.strip()
    machine = f"{platform.system()} on {instruction_set()}, {cores()} cores"
    origin = (command, commit, datetime.now(UTC).date().isoformat(), machine, versions())
    content = dict(zip(ORIGIN, origin, strict=True)) | values
    text = json.dumps(content, indent=1, ensure_ascii=False, default=lambda value: value.tolist())  # NumPy's values
    (RESULTS / f"{name}.json").write_text(text + "\n", "utf-8")


def read(name):
    """Return stored results."""
    content = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    assert set(ORIGIN) <= content.keys(), name
    return content
