"""The tables and figures of an explanation that `tfstab report --files` writes."""

from tfstab.explanation import ExplanationRun
from tfstab.report.page import Picture
from tfstab.report.tables import Table


def explanation_section(run: ExplanationRun) -> tuple[list[str], list[Table | Picture]]:
    """Return the summary, tables and figures of an explanation."""
    return run.summary().splitlines(), []
