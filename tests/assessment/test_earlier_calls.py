"""What assessment.json records of an earlier call is believed within bounds, as it may come from a stranger."""

import json

import pytest

from tfstab.assessment.results import (
    RESULTS,
    earlier_available,
    earlier_note,
    earlier_options,
    earlier_seconds,
    earlier_settings,
    earlier_steps,
    earlier_unmeasured,
    earlier_unsearched,
    measured_before,
    slowdown,
)
from tfstab.runs.files import BEGUN


@pytest.mark.parametrize(
    ("read", "entry", "values"),
    [
        (earlier_seconds, "report_seconds", {0: None, 0.5: 0.5, 3599: 3599, 3600: None, "5": None}),
        (lambda folder: slowdown(folder, 2.0), "image_seconds", {1: 2, 4: 1, 0.1: 4, 0: 1, -1: 1, "1": 1}),
        (measured_before, "seconds", {-1: 0, 0.5: 0.5, 999_999_999: 999_999_999, 10**9: 0, "5": 0}),
        (earlier_available, "available", {0: None, 1: 1, 7: 7, 7.5: None}),
        (earlier_note, "input_note", {None: "", "": None, "x": "x", "a\nb": None, 5: None}),
        (earlier_unsearched, "unsearched", {None: "", "": "", "x": "x", "a\nb": "", 5: ""}),
        (earlier_steps, "next_steps", {None: [], "x": [], ("x", "y"): ["x", "y"], ("x", "a\nb"): [], ("x", 5): []}),
    ],
)
def test_what_an_earlier_call_recorded_is_believed_within_bounds(tmp_path, read, entry, values):
    for value, expected in values.items():
        (tmp_path / RESULTS).write_text(json.dumps({entry: value}))
        assert read(tmp_path) == expected
    (tmp_path / RESULTS).rename(tmp_path / "other.json")
    (tmp_path / RESULTS).symlink_to(tmp_path / "other.json")
    missing = read(tmp_path)
    (tmp_path / RESULTS).unlink()
    assert read(tmp_path) == missing != "x"


def test_options_that_an_earlier_call_advised_are_known_ones_with_a_text_each(tmp_path):
    unit, moved = {"preprocess": "unit"}, {"classes": "b,a", "threshold": "0.9"}
    known = (unit, unit), (unit | {"out": "/"}, unit), (moved, moved)
    for value, expected in (*known, ({"classes": 5}, {}), (["classes"], {}), ({"threshold": "0.9)"}, {})):
        (tmp_path / RESULTS).write_text(json.dumps({"input_options": value}))
        assert earlier_options(tmp_path) == expected


def test_options_of_an_earlier_call_are_believed_if_a_form_can_take_them(tmp_path):
    known = {"minutes": 2.5, "seed": 3, "limit": 40, "images": "5:9", "no_search": True, "require": ["clean:95"]}
    false = {"minutes": 1e9, "seed": True, "limit": 4.5, "images": "", "no_search": "yes", "require": ["a\nb"]}
    for value, expected in ((known | {"out": "/"}, known), (false, {}), ("limit", {}), (None, {})):
        (tmp_path / RESULTS).write_text(json.dumps({"settings": value}))
        assert earlier_settings(tmp_path) == expected


def test_options_of_a_call_that_was_killed_come_before_those_of_the_one_that_ended(tmp_path):
    (tmp_path / RESULTS).write_text(json.dumps({"settings": {"limit": 40}}))
    for begun, expected in (('{"settings": {"limit": 7, "out": "/"}}', {"limit": 7}), ("x", {"limit": 40})):
        (tmp_path / BEGUN).write_text(begun)
        assert earlier_settings(tmp_path) == expected


def test_the_check_of_the_inputs_in_a_call_that_was_killed_comes_before_that_of_the_one_that_ended(tmp_path):
    (tmp_path / RESULTS).write_text(json.dumps({"input_note": "Use a.", "input_options": {"preprocess": "a"}}))
    for begun, expected in (("{}", ("Use a.", {"preprocess": "a"})), ('{"input_note": null}', ("", {}))):
        (tmp_path / BEGUN).write_text(begun)
        assert (earlier_note(tmp_path), earlier_options(tmp_path)) == expected


def test_families_that_an_earlier_call_left_out_are_known_ones_in_their_order(tmp_path):
    for value, expected in ((["fog", "rain", "jpeg"], ["jpeg", "fog"]), ("fog", []), (None, [])):
        (tmp_path / RESULTS).write_text(json.dumps({"unmeasured": value}))
        assert earlier_unmeasured(tmp_path) == expected
