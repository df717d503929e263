"""Check a release: `make release-check`. Builds sdist and wheel and tries them in clean environments.

Checked are the metadata (twine, validate-pyproject), the versions, the wheel's size, the licences of the bundled files,
and that the sdist is complete. Then each supported Python that this machine has gets an environment without extras and
one with the extras `cluster`, `onnx` and `tflite`; in each, the command, the guide, an assessment and the viewer are
used.

An environment takes minutes and 3 GB, and is removed when it has passed. What has passed is kept in build/release for
this wheel, so that a stopped check goes on where it was.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import release_contents as contents
import release_environments as environments

FOLDER = contents.ROOT / "build" / "release"


def main() -> None:
    """Run all checks, print a table, and exit with 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", action="store_true", help="keep the figures for `make guide`")
    options = parser.parse_args()
    sdist, wheel, faults = build()
    faults += contents.version_faults() + contents.wheel_faults(wheel) + contents.sdist_faults(sdist)
    faults += contents.metadata_faults([sdist, wheel])
    say(f"{sdist.name}: {sdist.stat().st_size / 1e6:.1f} MB; {wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB")
    rows = []
    for python in environments.pythons():
        for extras in ((), environments.EXTRAS):
            try:
                rows.append(passed(python, wheel, extras))
            except (environments.CheckError, subprocess.SubprocessError) as error:
                faults.append(f"Python {python.version} {extras}: {error}")
                say(faults[-1])
    faults += gpu_faults(wheel)
    write_table(rows)
    if contents.still_unreleased():
        say("note: CHANGELOG.md has no section for this version yet")
    for fault in faults:
        say(f"FAULT: {fault}")
    if options.store and not faults:
        store(wheel, sdist, rows)
    say(f"{len(rows)} environments passed; {len(faults)} faults")
    sys.exit(bool(faults))


def say(text: str) -> None:
    """Print a line at once, since the check takes minutes."""
    print(text, flush=True)


def build() -> tuple[Path, Path, list[str]]:
    """Build sdist and wheel from the tracked files alone; return them, and what the build warned of."""
    source, dist = FOLDER / "source", FOLDER / "dist"
    for folder in (source, dist):
        shutil.rmtree(folder, ignore_errors=True)
    for name in contents.tracked():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(contents.ROOT / name, source / name)
    # With a fixed date the same files give the same wheel, so that what has passed is known again.
    environment = os.environ | {"SOURCE_DATE_EPOCH": "1735689600"}
    command = [sys.executable, "-m", "build", "--outdir", dist, source]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    (FOLDER / "build.log").write_text(done.stdout + done.stderr, "utf-8")
    if done.returncode:
        say(done.stdout + done.stderr)
        sys.exit("the build failed")
    warnings = [line for line in (done.stdout + done.stderr).splitlines() if "absent from the `packages`" in line]
    return next(dist.glob("*.tar.gz")), next(dist.glob("*.whl")), warnings


def passed(python: environments.Python, wheel: Path, extras: tuple[str, ...]) -> dict[str, object]:
    """Return the figures of an environment, from an earlier check of the same wheel if there is one."""
    key = hashlib.sha256(wheel.read_bytes()).hexdigest()
    name = "-".join((python.version, *extras))
    kept = FOLDER / f"{name}.json"
    if kept.is_file() and (row := json.loads(kept.read_text("utf-8")))["wheel"] == key:
        say(f"{name}: passed before")
        return row
    row = {"wheel": key, "python": python.version, "extras": ", ".join(extras) or "none"}
    row |= environments.check(python, wheel, extras, FOLDER / name)
    say(f"{name}: passed, {row}")
    kept.write_text(json.dumps(row), "utf-8")
    shutil.rmtree(FOLDER / name)
    return row


def gpu_faults(wheel: Path) -> list[str]:
    """Say if pip finds no packages for `tfstab[gpu]`, which exist for Linux only."""
    if sys.platform != "linux":
        return []
    try:
        packages = environments.resolve_gpu(environments.pythons()[0], wheel, FOLDER / "gpu")
    except (environments.CheckError, subprocess.SubprocessError) as error:
        return [f"tfstab[gpu] cannot be resolved: {error}"]
    say(f"tfstab[gpu] resolves to {packages} packages")
    return []


def store(wheel: Path, sdist: Path, rows: list[dict[str, object]]) -> None:
    """Keep the figures among the guide's results."""
    sys.path.append(str(contents.ROOT / "tests" / "guide"))
    from results_store import write

    figures = [{name: value for name, value in row.items() if name != "wheel"} for row in rows]
    sizes = {"wheel": wheel.stat().st_size, "sdist": sdist.stat().st_size}
    write("installs", "make release-check", values=sizes | {"environments": figures})


def write_table(rows: list[dict[str, object]]) -> None:
    """Print the figures and keep them as a table."""
    columns = [
        "python",
        "extras",
        "packages",
        "downloaded",
        "installed",
        "install",
        "assess",
        "viewer",
        "viewer on X11",
    ]
    lines = ["| " + " | ".join(columns) + " |", "| " + " | ".join("---" for _ in columns) + " |"]
    lines += ["| " + " | ".join(str(row.get(column, "")) for column in columns) + " |" for row in rows]
    (FOLDER / "table.md").write_text("\n".join(lines) + "\n", "utf-8")
    say("downloaded and installed in MB; install, assess and viewer in seconds")
    say("\n".join(lines))


if __name__ == "__main__":
    main()
