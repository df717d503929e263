"""Run a command of tfstab or a script, and store what it prints for the pages that show it.

    python tests/guide/store_output.py NAME COMMAND...
    python tests/guide/store_output.py NAME tests/benchmarks/SCRIPT.py...

runs `tfstab COMMAND...` or the script in the current folder and writes `resources/guide/results/NAME.json`. Pages show
the output shortened after a line `<!-- output: NAME -->`, and `shown_output.py` checks it.
"""

import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import results_store

# Lines of TensorFlow's log, which depend on the machine.
TENSORFLOW = re.compile(
    r"^([IWEF]\d{4} \d|[IWEF]0000 |WARNING: All log messages|To enable the following).*\n", re.MULTILINE
)


def main() -> None:
    """Run `tfstab` with the arguments given, or the script that they begin with, and write the file."""
    name, *command = sys.argv[1:]
    began, is_script = time.perf_counter(), command[0].endswith(".py")
    ended = subprocess.run(
        [sys.executable, *(() if is_script else ("-m", "tfstab")), *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        # As in an activated environment, in which commands are printed without a path.
        env=os.environ | {"COLUMNS": "118", "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
    )
    results_store.write(
        name,
        shlex.join(["python" if is_script else "tfstab", *command]),
        seconds=round(time.perf_counter() - began, 1),
        exit_code=ended.returncode,
        output=TENSORFLOW.sub("", ended.stdout),
    )


if __name__ == "__main__":
    main()
