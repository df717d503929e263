"""A reproduction beside the stored results in sentences and tables, for results of which a few were changed."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tfstab.experiments.agreement import agreements, claim_agreements, class_agreements
from tfstab.experiments.claim import FAILS, HOLDS, UNDECIDED, UNTESTED
from tfstab.experiments.stored import stored_results
from tfstab.report.agreement_tables import Comparison


@pytest.fixture
def beside():
    """Compare changed results of MNIST, and those of CIFAR-10 as they are stored, with the stored ones."""
    stored = stored_results()

    def compare(**changes):
        comparison = Comparison({}, [], stored)
        for here in (replace(stored.data["mnist"], **changes), stored.data["cifar10"]):
            comparison.figures += agreements(here, stored.data[here.data])
            comparison.classes += class_agreements(here, stored.data[here.data])
        return comparison

    return compare


def test_what_differs_in_networks_settings_and_images_is_told_of_its_data_set(beside):
    mnist = stored_results().data["mnist"]
    assert not any(": networks" in line or ": runs" in line or "images differ" in line for line in beside().lines)
    networks = mnist.networks | {"augmented": mnist.networks["augmented"] | {"fingerprint": "0"}}
    told = [line for line in beside(networks=networks).lines if line.startswith(("MNIST", "CIFAR"))]
    assert told == ["MNIST: networks that differ from the stored ones: augmented."]
    made = json.loads(json.dumps(mnist.made))
    made["runs"]["sweeps/single"]["settings"]["another"] = 1
    told = [line for line in beside(made=made).lines if line.startswith(("MNIST", "CIFAR"))]
    assert told == ["MNIST: runs with other settings than the stored ones: noise sweep."]
    told = [line for line in beside(images={}).lines if line.startswith(("MNIST", "CIFAR"))]
    assert told == ["MNIST: the images differ from those of the stored results."]


@pytest.mark.parametrize(("changed", "more"), [(0, None), (5, ""), (6, ", and 1 more")])
def test_five_of_the_figures_that_differ_are_named(beside, changed, more):
    figures = list(stored_results().data["mnist"].figures)
    places = [k for k, figure in enumerate(figures) if figure.measure == "accuracy"][:changed]
    for k in places:
        figures[k] = replace(figures[k], value=0.25, low=0.25, high=0.25)
    comparison = beside(figures=tuple(figures))
    decided = [a for a in comparison.figures if a.differs is not None]
    count, *others = [line for line in comparison.lines if "figures agree" in line or line.startswith("These differ")]
    assert count.startswith(f"{len(decided) - changed} of {len(decided)} figures agree")
    if changed:
        first = figures[places[0]]
        assert (
            others[0].startswith(f"These differ: MNIST, {first.network}, ")
            and "accuracy: 25.00% instead of " in others[0]
        )
        assert others[0].count(" instead of ") == 5 and others[0].endswith(f"{more}.")
        assert ("more." in others[0]) == bool(more)
    cells = sum(c.cells for c in comparison.classes)
    assert f"{cells:,} of {cells:,} values of the classes' precision and recall agree." in comparison.lines


def test_tables_have_percentage_points_and_on_a_page_no_single_sigmas_and_members(beside):
    figures = list(stored_results().data["mnist"].figures)
    first = next(k for k, figure in enumerate(figures) if figure.measure == "accuracy" and figure.sigma is not None)
    figures[first] = replace(figures[first], value=figures[first].value - 0.25)
    gain = next(k for k, figure in enumerate(figures) if figure.measure == "gain")
    figures[gain] = replace(figures[gain], value=2 * figures[gain].value)
    comparison = beside(figures=tuple(figures))
    accuracy, other = comparison.accuracy_table(), comparison.other_table()
    assert min(row[6] for row in accuracy.rows) == pytest.approx(-25)
    assert max(row[5] for row in other.rows) == pytest.approx(2)
    assert {len(text.partition(".")[2]) for row in other.text_rows() for text in row[3:5]} == {3}
    shares = [a for a in comparison.figures if a.here.measure in ("accuracy", "kept")]
    assert len(accuracy.rows) == len(shares) and len(other.rows) == len(comparison.figures) - len(shares)
    short, without = comparison.accuracy_table(overall=True), comparison.other_table(overall=True)
    assert [row for row in accuracy.rows if ", sigma" not in row[2]] == list(short.rows) != list(accuracy.rows)
    assert [row for row in other.rows if "," not in row[1]] == list(without.rows) != list(other.rows)
    shown = {table.title: len(table.rows) for table in comparison.section().parts}
    assert shown[short.title] == len(short.rows) and shown[without.title] == len(without.rows)
    assert len(comparison.record()["accuracy"]) == len(accuracy.rows)


def test_the_largest_difference_of_a_class_is_in_percentage_points(beside):
    classes = stored_results().data["mnist"].classes
    more, less = np.eye(classes[0].recall.shape[1])[[3, 2]] / [[8], [4]]
    changed = replace(classes[0], recall=classes[0].recall + more - less)
    table = beside(classes=(changed, *classes[1:])).class_table()
    assert [row[5] for row in table.rows][:2] == [pytest.approx(25), 0] and table.rows[0][4] == 2


def test_verdicts_that_are_the_same_contradict_or_are_decided_in_only_one():
    stored = stored_results()
    verdicts = (HOLDS, FAILS, UNDECIDED, UNTESTED)
    some = [replace(claim, verdict=HOLDS) for claim in stored.claims[: len(verdicts)]]
    here = [replace(claim, verdict=verdict) for claim, verdict in zip(some, verdicts, strict=True)]
    comparison = Comparison({}, here, stored)
    comparison.claims = claim_agreements(here, some)
    comparison.figures = agreements(stored.data["mnist"], stored.data["mnist"])
    same, contradiction = comparison.lines[-2:]
    assert same == (
        "1 of 3 verdicts on the paper's claims are the same. Another 1 are not tested here, or not in the stored "
        "results."
    )
    assert contradiction.endswith(f'"{some[1].said}": {FAILS} here, but {HOLDS} in the stored results.')
    assert [row[-1] for row in comparison.claim_table().rows] == ["yes", "no", *2 * ["decided in only one"]]
