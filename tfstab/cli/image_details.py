"""How `tfstab inspect` prints one image: the facts of a search, and the tables of any run."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tfstab.cli.output import echo, print_json, print_table
from tfstab.report.tables import Table
from tfstab.runs.info import UNKNOWN_CLASS, without_classes
from tfstab.search import MinimumNoise, SearchRun
from tfstab.search.norm import get_norm, sized
from tfstab.wording import counted, scored

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
    names, norm, known = run.class_names, get_norm(r.norm), not without_classes(run.info)
    true_score = f"{scored(r.clean_scores[r.class_index])} → {scored(r.true_score)}"
    rows = [
        ("true class", names[r.class_index] if known else UNKNOWN_CLASS),
        ("predicted clean", f"{names[int(r.clean_scores.argmax())]} ({scored(r.clean_scores.max())})"),
        ("predicted degraded", f"{names[r.predicted]} ({scored(r.score)})"),
        *([("true class's score", true_score)] if known else []),
        ("found", "yes" if r.found else "no"),
        ("norm minimised", norm.title),
        ("L2", f"{r.l2:.2f} grey levels"),
        ("L2 / 255", f"{r.l2_unit:.4f}"),
        ("Linf", f"{r.linf:.2f} grey levels"),
        ("L1", f"{r.l1:,.0f} grey levels"),
        ("L0", counted(r.l0, "value")),
        (
            f"{norm.title} of the 8-bit image",
            f"{sized(norm, r.size_uint8, '.2f')} {norm.unit}" if math.isfinite(r.size_uint8) else "none found",
        ),
        ("PSNR", f"{r.psnr:.2f} dB" if math.isfinite(r.psnr) else "infinite: there is no noise"),
        ("margin", f"{r.margin:.5f}"),
        ("objective", f"{r.objective:.6g}"),
        ("queries", f"{r.queries:,}"),
        ("gradients", f"{r.gradients:,}"),
        ("generations", f"{r.generations:,}"),
        ("stopped by", r.stop_reason),
    ]
    return Table(run.clean.title(r.image), ("what", "value"), rows)
