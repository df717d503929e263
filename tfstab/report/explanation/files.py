"""The tables and figures of an explanation that `tfstab report --files` writes."""

from tfstab.explanation import ExplanationRun
from tfstab.report.explanation.topics import sections_of
from tfstab.report.page import Picture
from tfstab.report.tables import Table


def explanation_section(run: ExplanationRun) -> tuple[list[str], list[Table | Picture]]:
    """Return the summary, and the tables and figures of all topics."""
    parts = [part for section in sections_of(run).values() for part in section.parts]
    return run.summary().splitlines(), parts
