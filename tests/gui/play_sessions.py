"""Plays 200 random sessions in the viewer and says what they found; run by `make viewer-sessions`.

Each ten sessions are played in a process of their own. Those that pass are kept in build/viewer-sessions and are not
played again: a campaign can be stopped and continued, also after a defect was mended. To start over, remove the folder.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

SEEDS, EACH = range(1, 21), 10  # sessions that a seed must have
TEST = Path(__file__).with_name("test_sessions_at_random.py")
KEPT = Path("build/viewer-sessions")
COUNTS = ("sessions", "actions", "scripts")


def main() -> int:
    KEPT.mkdir(parents=True, exist_ok=True)
    reports = {}
    for seed in SEEDS:
        reports[seed] = read(seed) or play(seed)
        print(f"seed {seed}: {told(reports[seed])}", flush=True)
    failed = [seed for seed, report in reports.items() if report["failure"]]
    if failed:
        print(f"These seeds failed: {failed}. Each has a log in {KEPT}.")
    total = {name: sum(report[name] for report in reports.values()) for name in COUNTS}
    stalls = sorted((stall for report in reports.values() for stall in report["stalls"]), reverse=True)
    print(f"all: {told({**total, 'stalls': stalls, 'failure': ''})}")
    print("The longest stalls:", *(f"  {ms:6.1f} ms  {what}" for ms, what in stalls[:12]), sep="\n")
    return 1 if failed else 0


def read(seed: int) -> dict | None:
    """Return the report of a seed that has passed, or None."""
    file = KEPT / f"seed-{seed}.json"
    report = json.loads(file.read_text()) if file.exists() else None
    return None if report is None or report["failure"] else report


def play(seed: int) -> dict:
    """Play the sessions of a seed."""
    file = KEPT / f"seed-{seed}.json"
    file.unlink(missing_ok=True)
    told_where = {"TFSTAB_SESSION_SEED": str(seed), "TFSTAB_SESSION_REPORT": str(file.resolve())}
    with (KEPT / f"seed-{seed}.log").open("w") as log:
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", "--numprocesses", "0", TEST],
            env={**os.environ, **told_where},
            stdout=log,
            stderr=log,
            check=False,
        )
    if not file.exists():  # the process crashed, or the test could not begin
        report = {**dict.fromkeys(COUNTS, 0), "stalls": [], "failure": f"pytest ended with code {ended.returncode}"}
        file.write_text(json.dumps(report))
    report = json.loads(file.read_text())
    if not report["failure"] and (ended.returncode or report["sessions"] < EACH):
        report["failure"] = f"pytest ended with code {ended.returncode} after {report['sessions']} sessions"
        file.write_text(json.dumps(report))
    return report


def told(report: dict) -> str:
    """Return counts in words."""
    words = f"{report['sessions']} sessions, {report['actions']} actions, {report['scripts']} scripts run again"
    if report["stalls"]:
        ms, what = report["stalls"][0]
        words += f", longest stall {ms:.0f} ms ({what})"
    return words + ("; FAILED" if report["failure"] else "")


if __name__ == "__main__":
    sys.exit(main())
