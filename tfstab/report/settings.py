"""Tables of the settings and versions of a report's runs: what all have in common once, the rest for each run."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tfstab.datasets.remarks import with_split
from tfstab.explanation import ExplanationRun
from tfstab.report.tables import Table
from tfstab.runs import RunFolder
from tfstab.runs.evidence import evidence_rows
from tfstab.runs.log import read_log
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun
from tfstab.wording import dated

SHORT = 16  # characters of a fingerprint


def settings_tables(runs: Sequence[SweepRun | SearchRun | ExplanationRun]) -> list[Table]:
    """Return a table of what the runs depend on, and one with a row for each run."""
    entries = [_environment(run) for run in runs]
    names = list(dict.fromkeys(name for entry in entries for name in entry))
    rows = []
    for name in names:
        values = list(dict.fromkeys(entry[name] for entry in entries if entry.get(name)))
        if values:
            rows.append((name, "; ".join(values)))
    tables = [Table("Network, data and versions", ("what", "value"), rows)]
    sweeps = [_sweep(run) for run in runs if isinstance(run, SweepRun)]
    if sweeps:
        columns = ("folder", "degradation", "severities", "images", "copies", "seed", "finished")
        tables.append(Table("Sweeps", columns, sweeps))
    searches = [_row(run) for run in runs if isinstance(run, SearchRun)]
    if searches:
        heads = ("folder", "images", "seed", "finished", "settings")
        tables.append(Table("Searches for minimum noise", heads, searches))
    explanations = [_row(run) for run in runs if isinstance(run, ExplanationRun)]
    if explanations:
        tables.append(Table("Explanations", ("folder", "images", "seed", "finished", "settings"), explanations))
    return tables


def last_day(runs: Sequence[RunFolder]) -> str:
    """Return the day (UTC) on which the last of the runs was worked on, in words; "" if their logs do not tell."""
    entries = (entry for run in runs for entry in read_log(run.path / "log.jsonl"))
    try:
        times = [float(entry["time"]) for entry in entries if isinstance(entry.get("time"), int | float)]
        day = datetime.fromtimestamp(max(times), UTC)
    except (ValueError, OverflowError, OSError):  # no time, or an impossible one
        return ""
    return dated(day)


def _environment(run: RunFolder) -> dict[str, str]:
    """Return the network, data, versions and device of a run."""
    model, data, environment = run.info["model"], run.info["data"], run.info.get("environment", {})
    found = {
        "network": f"{model['name']}, fingerprint {model['fingerprint'][:SHORT]}",
        "preprocessing of its inputs": str(model.get("preprocess") or ""),
        "decision threshold": str(model.get("threshold") or ""),
        "data": with_split(data["name"], data, "{}, {}"),
        "about the data": data["note"],
        "fingerprint of the data": data["fingerprint"][:SHORT],
    }
    found |= evidence_rows(run.info)
    found |= {name: str(version) for name, version in environment.get("versions", {}).items()}
    keys = ("device", "instruction_set")
    return found | {key.replace("_", " "): str(environment[key]) for key in keys if key in environment}


def _sweep(run: SweepRun) -> tuple[Any, ...]:
    """Return the row of a sweep."""
    severities = ", ".join(f"{s:g}" for s in run.severities)
    common = " (common noise)" if run.config.common_noise else ""
    title, axis = run.degradation.title, run.degradation.axis
    settings = (f"{title}{common}", f"{axis}: {severities}", len(run.clean.indices), run.config.copies)
    return (run.path.name, *settings, str(run.seed), run.extent)


def _row(run: SearchRun | ExplanationRun) -> tuple[Any, ...]:
    """Return the row of a search or of an explanation."""
    texts = {name.strip("_"): setting_text(value) for name, value in sorted(run.info["settings"].items())}
    settings = ", ".join(f"{name} {text}" for name, text in texts.items() if text)
    return run.path.name, len(run.clean.indices), str(run.seed), run.extent, settings


def setting_text(value: Any) -> str:
    """Return a setting as text."""
    if isinstance(value, list):
        return ", ".join(map(setting_text, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {setting_text(entry)}" for name, entry in value.items() if entry not in ("", []))
    return f"{value:g}" if isinstance(value, float) else str(value)
