"""How `tfstab inspect` prints one image: the facts of a search, and the tables of any run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tfstab.cli.output import echo, print_json, print_table
from tfstab.report.tables import Table
from tfstab.search import MinimumNoise, SearchRun
from tfstab.search.facts import search_facts as facts_of

if TYPE_CHECKING:
    from tfstab.explanation.failure import Failure


def print_details(tables: Sequence[Table], summary: str, why: "Failure | None", as_json: bool) -> None:
    """Print a summary, why the image is misclassified, and tables, or all of it as JSON."""
    if as_json:
        said: dict[str, Any] = {"summary": summary.splitlines()} if summary else {}
        said |= {} if why is None else {"why": why.to_json()}
        print_json(said | {table.title: table.records() for table in tables})
        return
    for text in (summary, "" if why is None else str(why)):
        if text:
            echo(f"{text}\n")
    for table in tables:
        print_table(table)


def search_facts(run: SearchRun, r: MinimumNoise) -> Table:
    """Return prediction, norms and course of the search of one image."""
    return Table(run.clean.title(r.image), ("what", "value"), facts_of(run, r))
