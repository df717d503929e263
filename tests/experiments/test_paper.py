"""The paper's tables as data are the paper's, number by number."""

import re
from pathlib import Path

import pytest

from tfstab.experiments.paper import paper_table, paper_tables

TEXT = Path(__file__).parents[3] / "shared" / "paper.txt"
CLASSES = {"mnist": 10, "cifar10": 10, "gtsrb": 43}


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


@pytest.mark.parametrize("data", ["mnist", "cifar10"])
def test_accuracy_is_the_mean_recall_of_classes_of_about_equal_size(data):
    for t in paper_tables():
        if t.data == data:
            assert 100 * sum(t.recall) / len(t.recall) == pytest.approx(t.accuracy, abs=0.6)


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
