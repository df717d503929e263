"""The paper's Tables 1 to 6 and the accuracies below them, beside those of a reproduction."""

from collections.abc import Mapping
from typing import Any

from tfstab.experiments.claim import NAMES
from tfstab.experiments.paper import PaperTable, difference, paper_table
from tfstab.experiments.reproduction import Reproduction
from tfstab.metrics import ClassMetrics, wilson_interval
from tfstab.report.class_tables import class_table
from tfstab.report.tables import Table
from tfstab.sweep import SweepRun

CLEAN, NOISY, UNCLIPPED = TESTS = ("clean", "noisy", "noisy, not clipped")
PERCENT_DIGITS = 2  # decimals of the accuracies that the paper prints
EXACT = 4  # least decimals of printed recalls whose mean is exact to a hundredth of a percentage point


def accuracy_table(reproductions: Mapping[str, Reproduction]) -> Table:
    """Return accuracy and mean recall of each network on clean and noisy images in %, the paper's and ours.

    Parameters
    ----------
    reproductions : Mapping
        The reproductions, by data set.

    Returns
    -------
    Table
        One row for each network and test: clean images, noisy ones, and noisy ones that are not clipped.
    """
    rows = []
    for r in reproductions.values():
        for kind in r.kinds:
            if kind in r.clean:
                m = r.clean[kind]
                rows.append(_row(r, kind, CLEAN, m, wilson_interval(m.correct, m.total), m.total, None))
            for test, sweeps in ((NOISY, r.sweeps), (UNCLIPPED, r.unclipped)):
                if kind in sweeps:
                    rows.append(_noisy_row(r, kind, test, sweeps[kind]))
    columns = (
        *("data", "network", "test", "paper", "here", "from", "to", "difference"),
        *("recall, paper", "recall, here", "recall, difference", "right when clean", "images"),
    )
    return Table("Accuracy", columns, rows, (NOTE, PRINTED))


NOTE = (
    "Top-1 accuracy in %; noisy: over all copies at all sigmas. From, to: 95 % interval, Wilson's for clean images, "
    "Korn and Graubard's for noisy ones. Recall: mean of the recalls of all classes. Right when clean: accuracy on "
    "noisy copies of the images that are right when clean."
)
PRINTED = (
    "Paper: as printed. What it calls the accuracy in Tables 2 and 6 (GTSRB) is the mean recall, so these are compared "
    "by the recall; in Table 4 it is neither. For MNIST and CIFAR-10, the paper prints recalls with too few decimals "
    "to compute their mean. It does not say whether it clips noisy images."
)


def _noisy_row(r: Reproduction, kind: str, test: str, run: SweepRun) -> tuple[Any, ...]:
    """Return the row of `accuracy_table` for a sweep."""
    m = run.measures
    right = 100 * m.class_metrics(clean_correct=True).accuracy
    return _row(r, kind, test, m.class_metrics(), m.intervals.overall, len(m), right)


def _row(
    r: Reproduction, kind: str, test: str, metrics: ClassMetrics, interval: Any, images: int, right: float | None
) -> tuple[Any, ...]:
    """Return one row of `accuracy_table`; `right` is in %, the ends of `interval` are shares."""
    here, recall, low, high = (100 * float(x) for x in (metrics.accuracy, metrics.mean_recall, *interval))
    printed = printed_recall = less = less_recall = None
    if (paper := paper_table(r.data, kind, test != CLEAN)) is not None:
        printed = paper.accuracy
        if paper.accuracy_is != "mean recall":
            less = difference(here, printed, PERCENT_DIGITS)
        if paper.digits >= EXACT:
            printed_recall = round(paper.mean_recall, PERCENT_DIGITS)
            less_recall = difference(recall, printed_recall, PERCENT_DIGITS)
    recalls = (printed_recall, recall, less_recall)
    return NAMES[r.data], kind, test, printed, here, low, high, less, *recalls, right, images


def class_comparison_table(r: Reproduction, kind: str, test: str, metrics: ClassMetrics) -> Table:
    """Return the precision and recall of each class beside those of the paper's Tables 1 to 6, if they have them.

    Parameters
    ----------
    r : Reproduction
        The reproduction.
    kind : str
        The network.
    test : str
        One of TESTS.
    metrics : ClassMetrics
        What it reached in this test.

    Returns
    -------
    Table
        One row for each class. Differences are of values rounded as the paper rounds them.
    """
    paper, names = paper_table(r.data, kind, test != CLEAN), r.info["class_names"]
    title = f"{_number(paper)}: {NAMES[r.data]}, {kind} network, {test} images"
    here = f"accuracy (top-1) {metrics.accuracy:.2%} and mean recall {metrics.mean_recall:.2%} here"
    if paper is None:
        return class_table(title, metrics, names, [f"{here}."])
    rows = []
    for k, name in enumerate(names):
        row: list[Any] = [k, name]
        for printed, ours in ((paper.precision[k], metrics.precision[k]), (paper.recall[k], metrics.recall[k])):
            row += [printed, float(ours), difference(float(ours), printed, paper.digits)]
        rows.append(row)
    kinds = ("precision", "recall")
    columns = ("class", "name", *(f"{what}{end}" for what in kinds for end in (", paper", ", here", ", difference")))
    rounded = f"Differences are of values rounded to {paper.digits} decimals, as the paper prints them."
    notes = (f"{here}; {paper.accuracy:.2f} % printed in the paper. {rounded}", *filter(None, [paper.note]))
    return Table(title, columns, rows, notes, dict.fromkeys(columns[2:], paper.digits))


def _number(paper: PaperTable | None) -> str:
    """Return which table of the paper it is."""
    return "Not in the paper" if paper is None else f"Table {paper.table}"
