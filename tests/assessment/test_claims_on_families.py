"""How much harm a verdict says degradations do, and where half is lost, just inside and outside its limits."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of
from findings_by_hand import figures_of, said

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.assessment import Figures, verdict
from tfstab.assessment.family_findings import worst_finding
from tfstab.assessment.levels import level_of
from tfstab.assessment.losses import instead_of_half
from tfstab.assessment.ranking import standings
from tfstab.assessment.small_images import small_finding
from tfstab.degradations import BUILT_IN


def test_one_family_alone_is_neither_all_of_them_nor_the_least_harmful(tmp_path):
    figures = figures_of(tmp_path, fog=((0.2, 0.1), 200))
    ((level, text),) = said(figures, "worst", "broken", "spared")
    assert level == "bad" and text.startswith("Under fog the network keeps 15 % ")


def test_the_worst_is_bad_as_soon_as_it_breaks_the_network_and_the_least_harmful_is_named(tmp_path):
    figures = figures_of(tmp_path, fog=((0.3, 0.2), 200), contrast=((0.8, 0.7), 200))
    ((level, text),) = said(figures, "worst")
    assert level == "bad" and text.startswith("Of the 2 degradations measured, fog does the most harm: ")
    ((level, text),) = said(figures, "spared")
    assert level == "mid" and re.fullmatch(
        r"Contrast does the least harm: the network keeps 75 % \(\d\d–\d\d\) of its accuracy, averaged over the "
        r"severities\.",
        text,
    )
    assert said(figures_of(tmp_path / "mid", fog=((0.8, 0.7), 200), contrast=((1, 1), 200)), "worst")[0][0] == "mid"


def test_families_that_do_little_harm_are_named_from_the_best_on(tmp_path):
    figures = figures_of(tmp_path, fog=((1, 0.98), 300), contrast=((1, 1), 300))
    text = "Contrast and fog do little harm: the network keeps more than 90 % of its accuracy, averaged over the "
    assert said(figures, "spared") == [("good", f"{text}severities.")]
    worst = said(figures, "worst")[0][1]
    assert "costs the network more than a tenth of its accuracy, averaged over the severities. " in worst
    assert worst.count("averaged over") == 1


def test_what_little_harm_hides_at_the_strongest_severity_is_told_if_it_is_certain(tmp_path):
    figures = figures_of(tmp_path, fog=((1, 1, 1, 0.8), 400), contrast=((0.3, 0.3), 400))
    ((_, text),) = said(figures, "spared")
    assert re.fullmatch(
        r"Fog does .+ accuracy, averaged over the severities\. At the strongest severity, [a-z]+ [\d. %]+, it keeps "
        r"80 % \(\d\d–\d\d\)\.",
        text,
    )
    both = figures_of(tmp_path / "both", fog=((1, 1, 1, 0.8), 400), jpeg=((1, 1, 1, 0.75), 400), gamma=((1, 1), 400))
    ((_, text),) = said(both, "spared")
    assert re.search(
        r"At the strongest severity, less than 90 % is kept under JPEG compression "
        r"\(75 %, \d\d–\d\d, at quality [\d.]+\) and fog \(80 %, \d\d–\d\d, at density [\d.]+ %\)\.$",
        text,
    )
    few = figures_of(tmp_path / "few", fog=((1, 1, 1, 0.88), 400), contrast=((0.3, 0.3), 400))
    assert "strongest" not in said(few, "spared")[0][1], "88 % may be 90 %"


def test_of_four_equal_families_all_that_may_be_worst_are_named(tmp_path):
    names = ("fog", "contrast", "jpeg", "rotation")
    figures = figures_of(tmp_path, **dict.fromkeys(names, ((0.7, 0.7), 60)))
    text = said(figures, "worst")[0][1]
    assert re.fullmatch(
        r"No single degradation clearly stands out: any of the 4 degradations may do the most harm. The largest losses "
        r"measured are under [\w ]+ \(70 % of the accuracy kept, \d+–\d+\), "
        r"[\w ]+ \(70 %, \d+–\d+\) and [\w ]+ \(70 %, \d+–\d+\)\.",
        text,
    )
    worse = figures_of(tmp_path / "best", **dict.fromkeys(names, ((0.7, 0.7), 60)), scaling=((1, 1), 60))
    assert (
        "of the 5 degradations, any of 4 may do the most harm. The largest losses measured among them are under "
        in (said(worse, "worst")[0][1])
    )
    best = dict.fromkeys(("scaling", "gamma", "brightness", "occlusion"), ((1, 1), 60))
    of_eight = figures_of(tmp_path / "half", **dict.fromkeys(names, ((0.7, 0.7), 60)), **best)
    text = said(of_eight, "worst")[0][1]
    assert " seems to do the most harm (70 % of the accuracy kept, " in text
    assert all(title in text for title in ("fog", "contrast", "JPEG compression", "rotation")), text


def test_the_shorter_side_of_small_images_counts():
    """Of images of 8 rows and 3 columns; half of 3 pixels is the third of these severities."""

    def standing(name, **settings):
        run = SimpleNamespace(
            clean=SimpleNamespace(images=np.zeros((1, 8, 3, 1))), severities=(4, 1, 1.5, 2), degradation=BUILT_IN[name]
        )
        family = SimpleNamespace(name=name, title=BUILT_IN[name].title, run=run)
        return SimpleNamespace(**{"harmless": False, "family": family} | settings)

    blurs = [standing("defocus_blur", harmless=True), standing("fog"), standing("gaussian_blur")]
    found = small_finding(blurs)
    assert found.about == ("gaussian_blur",) and "only 3 x 8 pixels" in found.text
    assert "any model: Gaussian blur from sigma 1.5 on." in found.text
    assert small_finding(blurs[:2]) is None


def test_only_eight_families_are_named_in_a_list_and_all_built_in_ones_need_no_count(tmp_path):
    shares = dict.fromkeys(BUILT_IN, ((1, 1), 100))
    figures = figures_of(tmp_path, **shares | {"fog": ((0.1, 0.1), 60)})
    text = worst_finding(standings(figures.families)).text
    assert not text.startswith("Of the")
    fewer = worst_finding(standings(figures.families[:17])).text
    assert fewer.startswith("Of the 17 degradations measured, ")
    ((_, text),) = said(figures, "spared")
    assert f" and {len(BUILT_IN) - 8} others do little harm" in text and text.count(",") == 7


@pytest.mark.parametrize(("shares", "level"), [((1, 1, 0.9), "good"), ((1, 0.7, 0.5), "mid"), ((0.9, 0.3, 0.1), "bad")])
def test_how_bad_gaussian_noise_of_sigma_20_is(tmp_path, shares, level):
    run = sweep_of(tmp_path, "gaussian_noise", first_of(shares, 200), (10, 20, 40))
    ((found, text),) = said(Figures.of([run]), "gaussian")
    assert found == level and "are still right under Gaussian noise of sigma 20. The network loses" in text
    weak = sweep_of(tmp_path / "weak", "gaussian_noise", first_of(shares, 200), (10, 19, 40))
    ((found, text),) = said(Figures.of([weak]), "gaussian")
    assert found == "mid" and text.startswith("Under Gaussian noise, the network loses 10 % of its accuracy at ")


def test_where_a_tenth_and_a_half_are_lost_in_words(tmp_path):
    """Of 400 images 92 % are right at the strongest severity, of which the interval reaches below 90 %."""
    some, none, most = (
        figures_of(tmp_path / str(last), jpeg=((1, 1, last), 400)).families[0] for last in (0.92, 1, 0.3)
    )
    text = said(Figures.of([some.run]), "family")[0][1]
    assert re.search(
        r"The network keeps 90 % of its accuracy up to at least quality \d\d, and more than half up to quality 50", text
    )
    assert text.endswith("up to quality 50, the strongest tried.")
    others = dict.fromkeys(("fog", "contrast", "gamma"), ((1, 1, 0.5), 400))
    among = said(figures_of(tmp_path / "among", jpeg=((1, 1, 0.935), 400), **others), "family")[-1][1]
    assert among.endswith(" The network keeps 90 % of its accuracy up to at least quality 50, the strongest tried.")
    assert (
        "The network loses less than 10 % of its accuracy up to quality 50"
        in said(Figures.of([none.run]), "family")[0][1]
    )
    value, what = instead_of_half(some)
    assert value == "92 %"
    assert re.fullmatch(
        r"of its accuracy is kept under JPEG compression at quality 50, the strongest tried \(8\d–9\d\)", what
    )
    assert instead_of_half(none)[0] == "100.0 %"
    assert instead_of_half(most) is None
    tenth = figures_of(tmp_path / "tenth", fog=((1, 0.7), 60)).families[0]
    value, what = instead_of_half(tenth)
    assert value == "70 %" and what.startswith(
        "of its accuracy is kept under fog at density 40 %, the strongest tried (5"
    )
    at_once = figures_of(tmp_path / "once", fog=((0.2, 0.1), 60)).families[0]
    value, what = instead_of_half(at_once, named=False)
    assert value == "20 %" and what.startswith("of its accuracy is kept at density 20 %, the mildest tried (1")


def test_of_two_classes_half_is_hardly_lost_so_the_severity_is_named_from_which_on_it_guesses(tmp_path):
    """Of 80 images of two classes, 60 are right at density 20 %; from 40 % on, all are taken for class 1."""
    labels = np.arange(80) % 2
    at_first = np.where(np.arange(80) < 60, labels, 1 - labels)
    predicted = np.stack([at_first, *[np.ones(80, int)] * 2], axis=1)[:, :, None]
    config = SweepConfig(degradation="fog", severities=(20, 40, 55), copies=1)
    run = made_sweep(tmp_path / "fog", config, predicted, labels=labels, classes=2)
    family = Figures.of([run]).families[0]
    same = "accuracy may be no better than with one constant answer"
    assert instead_of_half(family) == ("density 40 %", f"of fog: from there on, {same}")
    assert instead_of_half(family, named=False) == ("density 40 %", f"from there on, {same}")
    mild = made_sweep(
        tmp_path / "mild", replace(config, severities=(20, 40)), predicted[:, :2], labels=labels, classes=2
    )
    (mild,) = Figures.of([mild]).families
    assert instead_of_half(mild) == ("density 40 %", f"of fog, the strongest tried: there, {same}")
    assert instead_of_half(mild, named=False) == ("density 40 %", f"the strongest tried: there, {same}")
    assert "half" not in said(Figures.of([run]), "family")[0][1]
    same = "that of always answering the same class (50 %)."
    lost = f"the network's accuracy is at most 50 % (38–62), not clearly better than {same}"
    assert (
        f"From density 40 % on under fog, {lost} At the strongest severity tried, the network nearly always "
        "answers the same class: 100 % (91–100) of the images of other classes are taken for 1."
        in verdict(Figures.of([run]), ()).lead
    )
    other = made_sweep(
        tmp_path / "jpeg", replace(config, degradation="jpeg", severities=(90, 60, 40)), 1 - predicted,
        labels=1 - labels, classes=2,
    )  # fmt: skip
    both = verdict(Figures.of([run, other]), ()).lead
    assert (
        "answers the same class under each of these degradations: 100 % (91–100) of the images of other classes are "
        "taken for 1 under fog and 100 % "
        "(91–100) for 0 under JPEG compression." in both
    )
    alike = made_sweep(
        tmp_path / "alike", replace(config, degradation="jpeg", severities=(90, 60, 40)), predicted, labels=labels,
        classes=2,
    )  # fmt: skip
    same = verdict(Figures.of([run, alike]), ()).lead
    assert "are taken for 1 under fog and 100 % (91–100) under JPEG compression." in same, "the class is named once"


def test_the_middle_of_an_even_number_of_severities_is_the_stronger_one(tmp_path):
    fours = figures_of(tmp_path, fog=((1, 1, 1, 1), 6), jpeg=((1, 1, 1, 1, 1), 6)).families
    assert {family.name: family.middle_severity for family in fours} == {"fog": 55, "jpeg": 50}


@pytest.mark.parametrize(
    ("kept", "level"), [(0.499, "bad"), (0.5, "mid"), (0.9, "mid"), (0.901, "good"), (1.1, "good"), (0, "bad")]
)
def test_the_limits_of_the_levels(kept, level):
    assert level_of(kept) == level
