"""Draws the pictures of the guide's explanations, and stores the numbers that they show in `results/figures.json`:

TFSTAB_DATA=FOLDER python tests/guide/make_figures.py build/guide-figures

The runs are kept in the folder given and made only once, in ten minutes on two cores. Needs CIFAR-10.
"""

import argparse
import json
import os
import subprocess
from datetime import date
from pathlib import Path

import figures_methods
import figures_numbers
import figures_search

from tfstab.runs.environment import instruction_set, versions

RESULTS = Path(__file__).parents[2] / "resources" / "guide" / "results" / "figures.json"
PAGES = {"numbers": figures_numbers, "search": figures_search, "methods": figures_methods}
COMMAND = "python tests/guide/make_figures.py build/guide-figures"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of the runs")
    parser.add_argument("--only", choices=PAGES, help="draw the pictures of one module; by default all")
    options = parser.parse_args()
    stored = json.loads(RESULTS.read_text("utf-8"))["values"] if RESULTS.exists() else {}
    for name in [options.only] if options.only else PAGES:
        stored[name] = PAGES[name].draw(options.folder)
    commit = subprocess.run(["git", "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    made = {
        "command": COMMAND,
        "commit": commit,
        "date": date.today().isoformat(),
        "machine": f"{instruction_set()}, {os.cpu_count()} cores, no GPU",
        "versions": versions(),
        "values": stored,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(made, indent=1, default=plain) + "\n", "utf-8")


def plain(value):
    """Return a NumPy value as JSON can hold it."""
    return value.tolist()


if __name__ == "__main__":
    main()
