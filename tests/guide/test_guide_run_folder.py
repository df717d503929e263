"""The page on run folders: its tables name the files, fields and types that runs really have."""

import json
import re
from dataclasses import replace

import assessment_runs
import numpy as np
import numpy_runs
import pyarrow.parquet as pq
import pytest

from tfstab import guide
from tfstab.assessment import Figures, verdict
from tfstab.assessment.record import assessment_json
from tfstab.explanation.analyses import analyses
from tfstab.guide.markdown import sections
from tfstab.runs.info import FORMAT

OPTIONAL = {
    "environment/batch_size",
    "model/preprocess",
    "model/threshold",
    "data/available",
    "data/begun",
    "input_note",
}
TYPES = {"text": str, "integer": int, "object": dict, "list of text": list}


@pytest.fixture(scope="module")
def page():
    """The rows of the table of each section, by the section's title."""
    lines = {part.heading.title: part.source.splitlines() for part in sections(guide.read("run-folder"))}
    tables = {title: [line for line in found if line.startswith("|")][2:] for title, found in lines.items()}
    return {title: [[cell.strip() for cell in row[1:-1].split("|")] for row in rows] for title, rows in tables.items()}


def typed(rows):
    """The type of each name in the first column of a table; types are separated by commas if they differ."""
    types = {}
    for named, described, _ in rows:
        names, kinds = re.findall(r"`([^`]+)`", named), re.split(r", (?![^(]*\))", described)
        types |= dict(zip(names, kinds if len(kinds) > 1 else kinds * len(names), strict=True))
    return types


def check_arrays(said, path):
    with np.load(path) as arrays:
        assert set(arrays.files) == set(said)
        for name in arrays.files:
            kind, _, shape = said[name].partition(" ")
            assert arrays[name].dtype.name.startswith({"text": "str"}.get(kind, kind)), name
            assert arrays[name].ndim == (len(re.findall(r"[\w]+", shape))), name


def test_fields_of_a_sweep(page, tmp_path):
    named = {"names": np.array(list("abcdefghi")), "groups": np.arange(9)}  # which only some images have
    run = numpy_runs.sweep(tmp_path / "sweep", data=replace(numpy_runs.dataset(9), **named))
    info = json.loads((run.path / "run.json").read_text())
    said, nested = typed(page["run.json"]), ("model", "data", "environment")
    found = {name: value for name, value in info.items() if name not in nested}
    found |= {f"{group}/{name}": value for group in nested for name, value in info[group].items()}
    assert set(said) - set(found) == OPTIONAL and set(found) <= set(said)
    assert [name for name, value in found.items() if not isinstance(value, TYPES[said[name]])] == []
    assert [row[0] for row in page["Versions of the format"]] == [str(FORMAT), "1"]

    check_arrays(typed(page["clean.npz"]), run.path / "clean.npz")

    schema = pq.read_schema(next((run.path / "parts").glob("*.parquet")))
    stored = {"float": "float32", "dictionary<values=string, indices=int8, ordered=0>": "text"}
    assert typed(page["Parts of a sweep"]) == {f.name: stored.get(str(f.type), str(f.type)) for f in schema}


def test_fields_of_a_search_and_of_an_explanation(page, tmp_path):
    run = numpy_runs.search(tmp_path / "search", numpy_runs.dataset(1), queries=200)
    check_arrays(typed(page["Parts of a search"]), next((run.path / "parts").iterdir()))
    said = {
        names[0]: names[1:] for row in page["Parts of an explanation"] if (names := re.findall(r"`(\w+)`", str(row)))
    }
    assert {name: set(arrays) for name, arrays in said.items()} == {
        name: set(analysis.fields) for name, analysis in analyses().items()
    }


def test_fields_of_an_assessment(page, tmp_path):
    right = assessment_runs.first_of((0.9, 0.5, 0.2), images=12)
    figures = Figures.of([assessment_runs.sweep_of(tmp_path, "fog", right)])
    record = assessment_json(figures, verdict(figures))
    of_a_call = {"minutes", "seconds", "report_seconds", "image_seconds", "unmeasured", "unsearched"}
    of_a_call |= {"input_note", "input_options", "settings", "next_steps"}
    assert set(typed(page["Assessments"])) == set(record) | of_a_call
    assert set(typed(page["Figures of a family"])) == set(record["families"][0])
    assert set(typed(page["Figures of a class"])) == set(record["classes"][0])
