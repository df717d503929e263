"""Run a command of tfstab or a script, and store what it prints for the pages that show it.

    python tests/guide/store_output.py NAME COMMAND...
    python tests/guide/store_output.py NAME tests/benchmarks/SCRIPT.py...

runs `tfstab COMMAND...` or the script in the current folder and writes `resources/guide/results/NAME.json`. Pages show
the output shortened after a line `<!-- output: NAME -->`, and `shown_output.py` checks it.
"""

import json
import os
import platform
import re
import shlex
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from tfstab.execution import cores
from tfstab.runs.environment import versions

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "resources" / "guide" / "results"
# Lines of TensorFlow's log, which depend on the machine.
TENSORFLOW = re.compile(
    r"^([IWEF]\d{4} \d|[IWEF]0000 |WARNING: All log messages|To enable the following).*\n", re.MULTILINE
)


def stored(command: list[str]) -> dict[str, object]:
    """Run `tfstab` with these arguments, or the script that they begin with, and return what is stored."""
    began, is_script = time.perf_counter(), command[0].endswith(".py")
    ended = subprocess.run(
        [sys.executable, *(() if is_script else ("-m", "tfstab")), *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "118"},
    )
    latest = ["git", "log", "-1", "--format=%H", "--", "tfstab"]  # the last commit that changed the program
    commit = subprocess.run(latest, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    return {
        "command": shlex.join(["python" if is_script else "tfstab", *command]),
        "commit": commit.strip(),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.system()} on {platform.machine()}, {cores()} cores",
        "versions": versions(),
        "seconds": round(time.perf_counter() - began, 1),
        "exit_code": ended.returncode,
        "output": TENSORFLOW.sub("", ended.stdout),
    }


def main() -> None:
    """Run, and write the file."""
    name, *command = sys.argv[1:]
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(stored(command), indent=1, ensure_ascii=False)
    (RESULTS / f"{name}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
