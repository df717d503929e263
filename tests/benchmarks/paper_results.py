"""Store the results of a reproduction of the paper in resources/paper/results.json, finished or not.

    TFSTAB_DATA=FOLDER make paper SCALE=full    # tfstab reproduce paper for each data set, then this script
    python tests/benchmarks/paper_results.py build/paper

`make guide` then rewrites the tables of README.md and of the guide, which `tests/guide/test_generated.py`
holds to the file. Of a data set that the folder does not have, the stored results are kept. An unfinished
reproduction adds what the stored results lack, so parts of a long one may be made in different folders; each of
its runs must be finished.
"""

import argparse
import json
import subprocess
from pathlib import Path

from tfstab.experiments.collected import collect, merged
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.scales import MODELS
from tfstab.experiments.stored import FILE, read_results, to_json
from tfstab.report.reproduction_report import unfinished
from tfstab.runs.atomic import write_text

ROOT = Path(__file__).parents[2]
DEPTH = 4  # of the values that have a line of their own


def commit():
    """Return the commit of this source, with "+" if it was changed since; "" without git."""
    try:
        said = subprocess.run(
            ["git", "describe", "--always", "--abbrev=40", "--match=", "--dirty=+"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return ""
    return said.stdout.strip()


def lines(value, depth=0):
    """Return a value as JSON, with the values of the upper levels on lines of their own."""
    if depth > DEPTH or not isinstance(value, dict | list) or not value:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    inner, outer = "\n" + " " * (depth + 1), "\n" + " " * depth
    if isinstance(value, list):
        return f"[{inner}" + f",{inner}".join(lines(one, DEPTH + 1) for one in value) + f"{outer}]"
    entries = [f"{json.dumps(key)}: {lines(one, depth + 1)}" for key, one in value.items()]
    return "{" + inner + f",{inner}".join(entries) + outer + "}"


def main():
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder that tfstab reproduce paper wrote with --out")
    parser.add_argument("--out", type=Path, default=ROOT / "resources" / "paper" / FILE)
    given = parser.parse_args()
    made = {
        name: Reproduction(given.folder / name)
        for name in MODELS
        if (given.folder / name / "reproduction.json").is_file()
    }
    if not made:
        parser.error(
            f"{given.folder} holds no reproduction: make one with tfstab reproduce paper --out {given.folder}."
        )
    begun = [str(run.path) for r in made.values() for run in r.runs if not run.complete]
    if begun:  # stored figures are not replaced by those of a longer run
        parser.error(f"not finished: {', '.join(begun)}; finish these runs, or move them out of the folder.")
    missing = {name: unfinished(r) for name, r in made.items()}
    results = collect(made, commit(), missing)
    if given.out.is_file():
        results = merged(results, read_results(given.out))
    write_text(given.out, lines(to_json(results)) + "\n")
    stored = read_results(given.out)
    for name, one in stored.data.items():
        print(f"{name}, scale {one.scale}: {len(one.figures)} figures")
        print("".join(f"  unfinished: {line}\n" for line in one.unfinished.values()), end="")
    print(f"kept: {', '.join(name for name in stored.data if name not in made) or 'nothing'}")
    print(f"{given.out}: {given.out.stat().st_size / 1000:.0f} kB, {len(stored.claims)} claims")


if __name__ == "__main__":
    main()
