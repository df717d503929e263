"""Every number of the tables of a search and of two searches, from noise that is given."""

import math

import numpy as np
import pytest

from made_runs import made_search
from tfstab import SearchConfig
from tfstab.experiments.comparison_text import SAME_SEARCHED, SEARCHED, UNREFINED
from tfstab.experiments.search_comparison import SearchComparison
from tfstab.report.comparison_json import comparison_json
from tfstab.report.comparison_report import headline, tables
from tfstab.report.run_files import run_section
from tfstab.report.tables import search_class_table, search_table


@pytest.fixture(scope="module")
def searches(tmp_path_factory):
    folder, inf = tmp_path_factory.mktemp("searches"), np.inf
    labels = [0, 0, 0, 1, 1]
    first = made_search(folder / "a", [10, 30, inf, 50, 0], labels, clean=[0, 0, 0, 1, 2])
    second = made_search(folder / "b", [20, 15, 10, inf, 8], labels, clean=labels, name="other")
    return first, second


def test_minimum_noise(searches):
    rows = search_table(searches[0], "ABC").text_rows()
    assert [row[:5] for row in rows] == [
        ["0", "A", "B", "10.0", "0.039"], ["1", "A", "B", "30.0", "0.118"], ["2", "A", "not found", "–", "–"],
        ["3", "B", "C", "50.0", "0.196"], ["4", "B", "C", "–", "–"],
    ]  # fmt: skip
    assert rows[0][6] == f"{20 * math.log10(255 / 5):.2f}" and rows[0][7:] == ["0.55000", "100", "0", "converged"]
    (note,) = search_table(searches[0], "ABC").notes
    reasons = "queries (--max-queries was reached; more may find noise) or converged (the engine finished)."
    assert note.endswith(f"stop: why the search ended, {reasons}")
    assert rows[4][7:] == ["–", "0", "0", "misclassified when clean"] and rows[2][7:] == ["–", "100", "0", "queries"]


def test_minimum_noise_by_class_counts_only_images_that_needed_noise(searches):
    table, psnr = search_class_table(searches[0], "ABC"), [20 * math.log10(255 / half) for half in (15, 25)]
    assert table.columns == (
        "class", "images", "found", "median L2", "lower quartile", "upper quartile", "median PSNR", "falls to"
    )  # fmt: skip
    # Of class 0 the third image was not found and counts as the largest; the last image is wrong when clean.
    assert table.text_rows() == [
        ["A", "3", "2", "30.0", "10.0", "–", f"{psnr[0]:.2f}", "B (2)"],
        ["B", "1", "1", "50.0", "50.0", "50.0", f"{psnr[1]:.2f}", "C (1)"],
        ["all", "4", "3", "40.0", "10.0", "50.0", f"{(psnr[0] + psnr[1]) / 2:.2f}", "B (2), C (1)"],
    ]
    assert table.notes[1:] == [
        "Images misclassified when clean need no noise and are not counted: 1.",
        "An image for which no noise was found counts as needing more than all others.",
    ]
    assert table.records()[0]["upper quartile"] is None
    only = search_class_table([result for result in searches[0] if not result.needed_noise], "ABC")
    assert only.text_rows() == [["B", "0", "0", "–", "–", "–", "–", ""], ["all", "0", "0", "–", "–", "–", "–", ""]]
    assert len(only.notes) == 2


def test_of_what_images_are_taken_for_the_three_most_frequent_are_told(tmp_path):
    labels = [0, 1, 1, 2, 3]
    table = search_class_table(made_search(tmp_path / "run", np.ones(5), labels, classes=5), "ABCDE")
    assert [row[-1] for row in table.rows] == ["B (1)", "C (2)", "D (1)", "E (1)", "C (2), B (1), D (1)"]


def test_the_number_of_changed_values_has_no_decimals(tmp_path):
    run = made_search(tmp_path / "run", [8.0], config=SearchConfig(norm="l0"))
    assert search_table(run, "ABC").text_rows()[0][3] == "4" and "L0/255" not in search_table(run, "ABC").columns


def test_a_search_in_a_few_sentences(searches):
    section = run_section(searches[0])
    decibels = [20 * math.log10(255 / half) for half in (15, 25)]
    assert section.lines == [
        "Noise was found for 3 of the 4 images that needed it.",
        "1 further image is misclassified when clean and needs none.",
        "L2 of the minimum noise in grey levels: median 40.0, quartiles 10.0 and 50.0; median PSNR "
        f"{sum(decibels) / 2:.1f} dB.",
        "400 degraded images were scored.",
    ]
    assert [part.caption for part in section.parts if hasattr(part, "caption")] == [
        "Clean image, minimum noise and degraded image of the first 4"
    ]
    assert not section.warnings


def test_two_searches(searches):
    pair = SearchComparison(*searches)
    assert headline(pair)[1].startswith(
        "The median L2 of the noise found is 20.0 grey levels ('made') and 17.5 grey levels ('other'), over the 2 "
        "images that both get right when clean and find noise for. The median of these images' own ratios, 'other' "
        "over 'made', is 1.250 (too few images for an interval)."
    )
    assert headline(pair)[2] == "Left out, because no noise was found: 1 image of 'made', 1 of 'other'."
    (table,) = tables(pair)
    assert table.text_rows() == [["0", "2", "20.0", "17.5", "1.250", "–", "–"], ["1", "0", *["–"] * 5]]
    (told,) = comparison_json([pair])
    assert told["clean"]["images"] == 5 and told["clean"]["first"] == 0.8 and told["clean"]["second"] == 1
    assert told["mcnemar"] == {"only_first": 0, "only_second": 1, "p_value": 1}


@pytest.mark.parametrize(("first", "second"), [(np.inf, 9), (9, np.inf)])
def test_what_one_search_alone_did_not_find_is_told(tmp_path, first, second):
    pair = SearchComparison(made_search(tmp_path / "a", [5, first]), made_search(tmp_path / "b", [5, second], name="b"))
    missing = "1 image of 'made', 0 of 'b'" if first > 9 else "0 images of 'made', 1 of 'b'"
    assert headline(pair)[2:] == [f"Left out, because no noise was found: {missing}.", UNREFINED + SEARCHED]
    both = SearchComparison(pair.first, pair.first)
    assert len(headline(both)) == (4 if first > 9 else 3) and headline(both)[-1] == SAME_SEARCHED
