"""Names in CSV files, where no text is a formula for a spreadsheet and numbers stay numbers, and in figures."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfstab.names import csv_cell, drawn_lines
from tfstab.report.tables import Table

CALC = "cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    "text",
    [f"={CALC}", f" ={CALC}", f"\t +{CALC}", f"\n-{CALC}", f"\u00a0@{CALC}", f"\u3000={CALC}", f"\u200b={CALC}",
     f"\ufeff={CALC}", f"\x00={CALC}", f" \uff1d{CALC}", f"\uff20{CALC}", "- 5", "-5 x", "\tname", "\rname"],
)  # fmt: skip
def test_a_formula_gets_an_apostrophe_whatever_stands_before_it(text):
    assert csv_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["", " ", "cat", " cat", "a=b", "-5", " -5.5", "+1e3", "-inf", -5, 2.5, None])
def test_what_is_no_formula_is_left_alone(value):
    assert csv_cell(value) == value


@given(st.text(st.characters(categories=("Cc", "Cf", "Zs", "Zl", "Zp")), max_size=4), st.sampled_from("=+-@＝＋－＠"))
def test_no_unseen_characters_hide_a_formula(unseen, sign):
    assert csv_cell(f"{unseen}{sign}A1")[0] == "'"


def test_a_table_as_csv():
    table = Table("Classes", ["class", f" ={CALC}"], [[f"  ={CALC}", -0.5]])
    assert list(csv.reader(io.StringIO(table.csv()))) == [["class", f"' ={CALC}"], [f"'  ={CALC}", "-0.5"]]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("ship", ["ship"]),
        ("ship, boat or other vessel", ["ship, boat or", "other vessel"]),
        ("ship, boat or other vessel on open water", ["ship, boat or", "other vessel o…"]),
        ("a_ship_without_a_space_in_its_name", ["a_ship_without_", "a_space_in_its…"]),
        ("5 $ or more, up to 9 $", [r"5 \$ or more, up", r"to 9 \$"]),
    ],
)
def test_a_long_name_in_a_figure_has_two_lines(text, lines):
    assert drawn_lines(text, 15).split("\n") == lines
