"""How tight searches are follows from the least noise that any run of a reproduction found."""

import json
from math import inf, nan

import numpy as np
import pytest
from made_up_runs import change_result

from made_runs import made_explanation, made_search
from tfstab import SearchConfig
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.tightness import BOUNDARY, GENETIC, PAPER, REFINED, Tightness, tightness
from tfstab.report.tightness_table import tightness_section, tightness_table


@pytest.fixture
def reproduction(tmp_path):
    """A network of ten images, which three runs have searched, and another that one run has searched."""
    right = np.zeros(10, int)
    right[9] = 1  # the last image is wrong when clean
    paper = [inf, 80, 80, *[200] * 7]
    refined = [10, 20, 30, inf, 20, 20, 20, 20, 20, 0]
    unrefined = [12, 20, inf, inf, 22, 22, 22, 22, 24, 0]
    for lambda_, found in ((0.001, paper), (1.0, [inf, 90, 80, *[200] * 7])):
        config = SearchConfig(preset="paper", objective="eq2", lambda_=lambda_)
        made_search(tmp_path / "objectives" / f"eq2-lambda-{lambda_:g}", found, clean=right, config=config)
    made_search(tmp_path / "searches" / "single", refined, clean=right, unrefined=unrefined)
    made_explanation(
        tmp_path / "explanations" / "single-noise", np.ones(8), l2=[11.0, 16, 30, 40, 20, 20, 20, 21], clean=right[:8]
    )
    made_search(tmp_path / "searches" / "other", [5.0, 6.0], name="other")
    info = {"data": "mnist", "scale": "tiny", "networks": {"single": {}, "other": {}}, "class_names": ["a", "b", "c"]}
    (tmp_path / "reproduction.json").write_text(json.dumps(info))
    return Reproduction(tmp_path)


def test_each_search_is_held_against_the_least_noise_of_all(reproduction):
    found = {one.search: one for one in tightness(reproduction)}
    assert {one.network for one in found.values()} == {"single"}  # nothing to compare the other network's search with
    # The least noise known is 10, 16, 30, 40 and five times 20.
    expected = {
        PAPER["eq2"]: (8, 10, 10, 1),
        GENETIC: (7, 1.1, 1.25, 2),  # 1.2, 1.25, 1.1 four times, 1.2
        REFINED: (8, 1, 1.25, 1),
        BOUNDARY: (8, 1, 1.1, 0),
    }
    assert list(found) == list(expected)
    for search, (images, median, high, missing) in expected.items():
        one = found[search]
        assert (one.images, one.missing) == (images, missing)
        assert (one.median, one.high) == pytest.approx((median, high), rel=1e-6)


def test_the_table_and_its_sentence(reproduction):
    table = tightness_table({"mnist": reproduction})
    refined = next(row for row in table.records() if row["search"] == REFINED)
    assert (refined["data"], refined["network"], refined["not found"]) == ("MNIST", "single", 1)
    section = tightness_section({"mnist": reproduction})
    assert section.lines == [
        "MNIST, noise found divided by the least noise known, median of each network: genetic search 1.100; refined "
        "genetic search 1.000; boundary walk 1.000."
    ]


def test_nothing_is_said_without_images(tmp_path):
    assert str(Tightness.of("single", GENETIC, [inf], [3.0])) == str(Tightness("single", GENETIC, 0, nan, nan, 1))
    info = {"data": "mnist", "scale": "tiny", "networks": {"single": {}}, "class_names": []}
    (tmp_path / "reproduction.json").write_text(json.dumps(info))
    assert tightness_section({"mnist": Reproduction(tmp_path)}) is None


def test_noise_that_was_found_late_is_that_of_the_last_generation(reproduction):
    history = np.array([[9.0, 9, 7, 0], [9.0, 9, 12, 0.5]])
    change_result(reproduction.folder / "searches" / "single", history=history, generations=np.array(2))
    found = {one.search: one for one in tightness(Reproduction(reproduction.folder))}
    assert (found[GENETIC].images, found[GENETIC].median, found[GENETIC].missing) == (7, pytest.approx(1.1), 2)
