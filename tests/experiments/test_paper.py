"""The paper's tables as data are the paper's, number by number."""

import re
from pathlib import Path

import numpy as np
import pytest

from tfstab.experiments.paper import difference, paper_table, paper_tables

TEXT = Path(__file__).parents[3] / "shared" / "paper.txt"
CLASSES = {"mnist": 10, "cifar10": 10, "gtsrb": 43}
# Number of images of each class in the official test sets.
SIZES = {
    "mnist": [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
    "cifar10": [1000] * 10,
    "gtsrb": [
        60, 720, 750, 450, 660, 630, 150, 450, 450, 480, 660, 420, 690, 720, 270, 210, 150, 360, 390, 60, 90, 90, 120,
        150, 90, 480, 180, 60, 150, 90, 150, 270, 60, 210, 120, 390, 120, 60, 690, 90, 90, 60, 90,
    ],
}  # fmt: skip


def test_there_are_the_six_tables_with_all_their_classes():
    tables = paper_tables()
    assert [(t.table, t.data) for t in tables] == [
        (1, "cifar10"), (1, "mnist"), (2, "gtsrb"), (3, "cifar10"), (3, "mnist"), (4, "gtsrb"), (5, "cifar10"),
        (5, "mnist"), (6, "gtsrb"),
    ]  # fmt: skip
    for t in tables:
        assert len(t.precision) == len(t.recall) == CLASSES[t.data]
        assert all(0 < share <= 1 for share in t.precision + t.recall) and 60 < t.accuracy < 100
        assert paper_table(t.data, t.network, t.noisy) == t
    assert paper_table("mnist", "augmented", True) is None


def mean(values, sizes):
    return 100 * np.average(values, weights=sizes)


@pytest.mark.parametrize("table", paper_tables(), ids=lambda t: f"{t.table}-{t.data}")
def test_what_is_said_of_a_table_follows_from_its_numbers(table):
    """The accuracy that the recalls give, and the predictions that recalls and precisions give together."""
    sizes, recall, precision = np.array(SIZES[table.data]), np.array(table.recall), np.array(table.precision)
    half = 0.5 * 10.0**-table.digits
    ends = [mean(np.clip(recall + step, 0, 1), sizes) for step in (-half, half)]
    top1, macro = mean(recall, sizes), table.mean_recall
    predicted = [(sizes * (recall - s * half) / (precision + s * half)).sum() / sizes.sum() for s in (1, 0, -1)]
    assert macro == pytest.approx(100 * recall.mean())
    is_top1, is_macro = ends[0] <= table.accuracy <= ends[1], abs(macro - table.accuracy) < 0.0101
    assert table.accuracy_is == ("top-1" if is_top1 else "mean recall" if is_macro else "neither")
    if table.data == "gtsrb":
        assert f"{top1:.2f} %" in table.note and f"{100 * predicted[1]:.1f} % as many predictions" in table.note
        assert predicted[0] > 1.002  # whatever was rounded
        balanced = np.array([((recall - s * half) / (precision + s * half)).mean() for s in (1, -1)])
        assert (balanced[0] <= 1 <= balanced[1]) == ("same number of images of each class" in table.note)
    elif table.note:
        assert f"{top1:.1f} %" in table.note and f"from {ends[0]:.1f} to {ends[1]:.1f} %" in table.note
        assert abs(top1 - table.accuracy) > 0.3
    else:
        assert abs(top1 - table.accuracy) < 0.2 and predicted[0] <= 1 <= predicted[2]


@pytest.mark.parametrize(
    ("here", "printed", "digits", "expected"),
    [(0.9846, 0.98, 2, 0), (0.985001, 0.98, 2, 0.01), (0.9749, 0.98, 2, -0.01), (0.93235, 0.9323, 4, 0.0001)],
)
def test_values_are_compared_as_they_were_printed(here, printed, digits, expected):
    assert difference(here, printed, digits) == expected and str(difference(here, printed, digits)) != "-0.0"


@pytest.mark.skipif(not TEXT.is_file(), reason="the paper's text is not beside this checkout")
@pytest.mark.parametrize("number", range(1, 7))
def test_each_number_is_in_the_papers_text(number):
    """Each row of the printed table, a line of `class precision recall` groups, against the data."""
    text = TEXT.read_text("utf-8")
    text = text[re.search(rf"^Table {number}: Class specific", text, re.MULTILINE).start() :]
    ends = [match.end() for match in re.finditer(r"accuracy \(top-1\):.*", text)]
    tables = [t for t in paper_tables() if t.table == number]
    # Tables 3 and 5 print one half below the other, Table 1 side by side with both accuracies in one line.
    printed = text[: ends[1] if number in (3, 5) else ends[0]]
    assert re.findall(r"([\d.]+)%", printed) == [f"{t.accuracy:.2f}" for t in tables]
    rows = [line.split() for line in printed.splitlines()]
    groups = [
        row[k : k + 3]
        for row in rows
        if row and all(re.fullmatch(r"\d+(\.\d+)?", cell) for cell in row)
        for k in range(0, len(row), 3)
    ]
    first = 0 if tables[0].data == "gtsrb" else 1
    digits = 4 if first == 0 else 2
    expected = [
        [str(k), f"{p:.{digits}f}", f"{r:.{digits}f}"]
        for t in tables
        for k, (p, r) in enumerate(zip(t.precision, t.recall, strict=True), start=first)
    ]
    if number == 1:  # CIFAR-10 is the left half of each line
        groups = [group for half in (0, 2) for k, group in enumerate(groups) if k % 4 in (half, half + 1)]
    by_table = [
        groups[k * len(groups) // len(tables) : (k + 1) * len(groups) // len(tables)] for k in range(len(tables))
    ]
    found = [group for part in by_table for group in sorted(part, key=lambda group: int(group[0]))]
    assert found == expected
