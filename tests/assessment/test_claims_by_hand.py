"""What is claimed of families and classes at the bounds of its conditions, on runs and numbers made by hand."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of

from made_runs import made_search, made_sweep
from tfstab import SweepConfig
from tfstab.assessment import Figures, verdict
from tfstab.assessment.classes import CleanClass, Example
from tfstab.assessment.clean_findings import clean_class_finding
from tfstab.assessment.family_findings import worst_finding
from tfstab.assessment.levels import level_of
from tfstab.assessment.losses import instead_of_half
from tfstab.assessment.noise import figures_of_sizes
from tfstab.assessment.plot import GUESSING, kept_figure
from tfstab.assessment.ranking import Extreme, Standing, compared, others, standings
from tfstab.assessment.recall_findings import WIDER, doubtful_findings, open_sentence
from tfstab.assessment.small_images import small_finding
from tfstab.assessment.undecided import _narrowing
from tfstab.degradations import BUILT_IN
from tfstab.metrics import Estimate
from tfstab.metrics.kept import Kept, estimate, share_of
from tfstab.names import quoted


def figures_of(folder, **shares):
    """Figures of families of which these shares of the images are right at their first severities; (shares, images)."""
    return Figures.of([
        sweep_of(folder, name, first_of(right, images), BUILT_IN[name].severities[: len(right)])
        for name, (right, images) in shares.items()
    ])  # fmt: skip


def said(figures, *kinds):
    """Level and text of the findings of these kinds."""
    return [(finding.level, finding.text) for finding in verdict(figures, ()).of_kind(*kinds)]


# --- families ---


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
        f"From density 40 % on under fog, {lost} At the strongest severity tried, 100 % (91–100) of the images of "
        "other classes are taken for 1." in verdict(Figures.of([run]), ()).lead
    )
    other = made_sweep(
        tmp_path / "jpeg", replace(config, degradation="jpeg", severities=(90, 60, 40)), 1 - predicted,
        labels=1 - labels, classes=2,
    )  # fmt: skip
    both = verdict(Figures.of([run, other]), ()).lead
    assert (
        "At the strongest severity tried, 100 % (91–100) of the images of other classes are taken for 1 under fog and "
        "100 % (91–100) for 0 under JPEG compression." in both
    )
    alike = made_sweep(
        tmp_path / "alike", replace(config, degradation="jpeg", severities=(90, 60, 40)), predicted, labels=labels,
        classes=2,
    )  # fmt: skip
    same = verdict(Figures.of([run, alike]), ()).lead
    assert "are taken for 1 under fog and 100 % (91–100) under JPEG compression." in same, "the class is named once"


def test_open_questions_say_how_many_images_each_family_has(tmp_path):
    figures = figures_of(tmp_path, fog=((0.47, 0.47), 60), contrast=((0.46, 0.46), 50))
    text = said(figures, "undecided")[0][1]
    assert text.endswith("(so far 50 to 60) would decide this for both.")
    (fog,) = (family.run for family in figures.families if family.name == "fog")
    assert said(Figures.of([fog]), "undecided")[0][1].endswith("(so far 60) would decide this.")
    near = said(figures_of(tmp_path / "near", fog=((0.48, 0.48), 50)), "undecided")[0][1]
    assert near.endswith(" This is too close to say how many images would decide it: intervals of half the width take "
                         "about four times as many.")  # fmt: skip
    mixed = figures_of(tmp_path / "mixed", fog=((0.49, 0.49), 1000), contrast=((0.48, 0.48), 100))
    assert said(mixed, "undecided")[0][1].endswith("(so far 1,000) would decide this for fog.")
    few = said(figures_of(tmp_path / "few", fog=((0.8, 0.8), 5), contrast=((0.6, 0.6), 5)), "undecided")
    few = [text for _, text in few]
    unknown = " 5 images under a degradation cannot tell how many would decide this."
    assert few and all(text.endswith(unknown) for text in few), "they say too little of how images differ"


@pytest.mark.parametrize(
    ("needed", "text"),
    [
        ((300, 100, 400, 200), "about 400 images under each degradation (so far 60) would decide this."),
        ((300, 100, np.inf, 200), "about 200 images under each degradation (so far 60) would narrow it down to"),
        ((300, np.inf, 100, np.inf), "about 300 images under each degradation (so far 60) would narrow it down"),
        ((np.inf, 100, np.inf, np.inf), "it takes more than 100 times as many images to decide this."),
        ((100, np.inf), "it takes more than 100 times as many images to decide this."),
        ((300, 100, 5000, 200), "about 200 images under each degradation (so far 60) would narrow it down to"),
        ((5000, 5000, np.inf, np.inf), "it takes more than 100 times as many images to decide this."),
        ((5000, 100), "This is too close to say how many images would decide it"),
    ],
)  # fmt: skip
def test_how_many_images_leave_one_or_three_candidates(needed, text):
    """Of five candidates, the one that is ahead and the two that need most images are left.

    A number beyond 30 times the images measured is not named.
    """
    family = SimpleNamespace(images=np.arange(60))
    assert text in _narrowing(
        Extreme([family] * (len(needed) + 1), list(needed)), SimpleNamespace(available=None, info={"data": {}})
    )


def test_where_some_degradations_have_enough_images_only_the_others_are_named():
    fog, noise, blur = (
        SimpleNamespace(images=np.arange(n), title=t) for n, t in ((300, "fog"), (70, "noise"), (60, "blur"))
    )
    nothing = SimpleNamespace(available=None, info={"data": {}})
    said = [_narrowing(Extreme([fog, *rest], [200] * len(rest)), nothing) for rest in ((noise,), (noise, blur))]
    assert "about 200 images under each degradation (so far, noise has only 70) would decide this" in said[0]
    assert "(so far, noise and blur have only 60 to 70) would" in said[1]


def test_why_an_interval_does_not_decide_a_recall_is_said_at_the_first_class_where_that_is_so():
    recalls = {"cat": Estimate(0.5, 0.2, 0.95), "dog": Estimate(0.6, 0.45, 0.7), "elk": Estimate(0.7, 0.5, 0.8)}
    fog = SimpleNamespace(title="fog", name="fog")
    doubtful = [
        SimpleNamespace(index=k, name=name, family=fog, images=30, recall=recall, clean=1.0, most_kept=0.95)
        for k, (name, recall) in enumerate(recalls.items())
    ]
    assert [WIDER in finding.text for finding in doubtful_findings(doubtful)] == [False, True, False]


def recall_of(index, name, family, keeps=False):
    return SimpleNamespace(family=family, index=index, class_name=name, name=quoted(name), images=30 + 10 * index,
                           clean=1.0, keeps=keeps, recall=Estimate(1.0, 0.9, 1.0))  # fmt: skip


def test_classes_that_are_listed_are_quoted_alike():
    family = SimpleNamespace(one_common=True, title="fog")
    few = [recall_of(k, name, family) for k, name in enumerate(("deer", "fire truck"))]
    assert open_sentence(few) == (
        " The images of classes 'deer' (30) and 'fire truck' (40) are too few to exclude a loss of more than a tenth "
        "of their recall."
    )


@pytest.mark.parametrize(
    ("fog", "noise", "said"),
    [
        ([False, None], [True, None], "class deer (30) are too few to exclude a loss of more than a tenth of its "
         "recall under fog."),
        ([False, False], [True, True], "classes deer (30) and elk (40) are too few to exclude a loss of more than a "
         "tenth of their recall under fog."),
        ([False, False], [True, False], "classes deer (30 under fog) and elk (40 under fog and noise) are too few to "
         "exclude a loss of more than a tenth of their recall under these degradations."),
        ([False, None], [False, None], "class deer (30) are too few to exclude a loss of more than a tenth of its "
         "recall."),
    ],
)  # fmt: skip
def test_a_loss_of_recall_is_left_open_only_under_the_degradations_that_do_not_exclude_it(fog, noise, said):
    """For each of two degradations: whether classes deer and elk certainly keep their recall; None for no class."""
    recalls = [
        recall_of(k, name, SimpleNamespace(one_common=True, title=title), keeps[k])
        for title, keeps in (("fog", fog), ("noise", noise))
        for k, name in enumerate(("deer", "elk"))
        if keeps[k] is not None
    ]
    assert open_sentence(recalls) == f" The images of {said}"


def test_the_middle_of_an_even_number_of_severities_is_the_stronger_one(tmp_path):
    fours = figures_of(tmp_path, fog=((1, 1, 1, 1), 6), jpeg=((1, 1, 1, 1, 1), 6)).families
    assert {family.name: family.middle_severity for family in fours} == {"fog": 55, "jpeg": 50}


def test_the_figure_marks_what_guessing_keeps_only_where_its_axis_ends_beyond_that(tmp_path):
    """Of 100 images, 80 are of one class; always answering it would keep 160 % of an accuracy of 50 %."""
    labels, legends = (np.arange(100) >= 80).astype(int), []
    for name, right in (("weak", 50), ("good", 90)):
        clean = np.where(np.arange(100) % 10 < right / 10, labels, 1 - labels)
        config = SweepConfig(degradation="fog", severities=(20, 40), copies=1)
        run = made_sweep(tmp_path / name, config, clean[:, None, None].repeat(2, 1), labels, clean, classes=2)
        figure = kept_figure(Figures.of([run]))
        dotted = [drawn for drawn in figure.axes[0].collections if drawn.get_linestyle()[0][1] is not None]
        legends.append((len(dotted), GUESSING in [text.get_text() for text in figure.legends[0].texts]))
    assert legends == [(0, False), (1, True)]


def test_what_guessing_keeps_is_not_known_where_no_clean_image_is_right(tmp_path):
    clean = np.arange(8) >= 4
    runs = [
        sweep_of(tmp_path, name, first_of((1,), count), (20,), clean=clean[:count])
        for name, count in (("fog", 4), ("brightness", 8))
    ]
    assert np.isnan(Figures.of(runs).chance_kept)
    assert Figures.of(runs[1:]).chance_kept == pytest.approx(3 / 8 / 0.5)


@pytest.mark.parametrize(
    ("kept", "level"), [(0.499, "bad"), (0.5, "mid"), (0.9, "mid"), (0.901, "good"), (1.1, "good"), (0, "bad")]
)
def test_the_limits_of_the_levels(kept, level):
    assert level_of(kept) == level


def test_a_commonest_class_that_is_right_almost_as_often_makes_the_accuracy_low(tmp_path):
    """Of 1,000 clean images 700 are right, and 610 are of class 0: the same answer for all keeps 87 % of that."""
    labels, right = np.repeat([0, 1], [610, 390]), np.arange(1000) % 10 < 7
    run = made_sweep(
        tmp_path / "fog", SweepConfig(degradation="fog", severities=(50,), copies=1),
        np.where(right, labels, 1 - labels)[:, None, None], labels, np.where(right, labels, 1 - labels), classes=2,
    )  # fmt: skip
    ((level, text),) = said(Figures.of([run]), "clean")
    assert level == "bad" and re.fullmatch(
        r"Of 1,000 clean images, 70 % \(\d\d–\d\d\) are right\. Of the images, 61 % are of class 0: a model that "
        r"always answers 0 would be right on 61 %\. So look at the recall of class 1: "
        r"273 of 390 when clean \(70 %, 65–75\)\.", text
    )  # fmt: skip
    assert len(said(Figures.of([run]), "classes")) == 1
    threes, half = np.arange(90) % 3, np.arange(90) % 2
    search = made_search(tmp_path / "search", np.full(90, 5.0), threes, (threes + half) % 3)
    ((level, text),) = said(Figures.of([search]), "clean")
    assert level == "bad" and re.fullmatch(
        r"Of 90 clean images, only 50 % \(\d\d–\d\d\) are right\. Always .* be right on 33 %\.", text
    )


def test_families_under_which_it_may_as_well_guess_are_counted_beyond_four(tmp_path):
    """The commonest of three classes has 40 of 120 images, or 40 of 118."""
    names = ("contrast", "gaussian_blur", "jpeg", "rotation", "gamma")
    figures = figures_of(tmp_path, fog=((0.9, 0.3), 118), **dict.fromkeys(names, ((0.9, 0.3), 120)))
    ((_, text),) = said(figures, "chance")
    assert "and under 2 other degradations, the network's" in text and text.endswith("the same class (33–34 %).")


# --- how many images decide ---


@pytest.mark.parametrize(
    ("together", "needed"),
    [
        (Estimate(0.5625, 0.4375, 0.75), 60 * 4),  # 1/8 down to the end, 1/16 to the limit
        (Estimate(0.4375, 0.25, 0.5625), 60 * 4),
        (Estimate(0.5625, -0.0625, 1), 60 * 100),
        (Estimate(0.5625, -0.0675, 1), np.inf),
        (Estimate(0.5, 0.4, 0.6), np.inf),
        (Estimate(0.875, 0.75, 0.9), 60 * (0.025 / (0.9 - 0.875)) ** 2),
        (Estimate(0.7, 0.6, 0.8), 0),
    ],
)
def test_images_that_narrow_an_interval_down_to_the_limit(together, needed):
    family = SimpleNamespace(images=np.arange(60))
    assert Standing(family, together, 0.95).images_needed == pytest.approx(needed)


def test_half_of_the_accuracy_is_not_less_than_half():
    ends = [Standing(None, Estimate(0.4, 0.3, high), 0.95).breaks for high in (0.499, 0.5)]
    assert ends == [True, False]


def test_intervals_of_more_families_are_wider(tmp_path):
    figures = figures_of(tmp_path, fog=((1,), 9), jpeg=((1,), 9), contrast=((0.5,), 9))
    for count in (1, 2, 3):
        assert standings(figures.families[:count])[0].confidence == pytest.approx(1 - 0.06 / count)


@pytest.mark.parametrize(
    ("own", "other", "comparisons", "higher"),
    [  # half widths of 3 and 4 points make one of 5, which is 1.107 times as wide for one comparison, 1.314 for three
        (Estimate(0.856, 0.826, 0.99), Estimate(0.8, 0.6, 0.84), 1, 1),
        (Estimate(0.855, 0.825, 0.99), Estimate(0.8, 0.6, 0.84), 1, 0),
        (Estimate(0.856, 0.826, 0.99), Estimate(0.8, 0.6, 0.84), 3, 0),
        (Estimate(0.866, 0.836, 0.99), Estimate(0.8, 0.6, 0.84), 3, 1),
        (Estimate(0.744, 0.5, 0.774), Estimate(0.8, 0.76, 0.99), 1, -1),
        (Estimate(0.745, 0.5, 0.775), Estimate(0.8, 0.76, 0.99), 1, 0),
        (Estimate(0.744, 0.5, 0.774), Estimate(0.8, 0.76, 0.99), 3, 0),
    ],
)
def test_two_estimates_are_told_apart_by_their_facing_ends(own, other, comparisons, higher):
    assert compared(own, other, comparisons) == higher


def test_the_others_of_a_class_are_the_images_of_all_other_classes():
    parts = [np.array(part) for part in ([1, 0.5, 0.25], [0, 1], [0.75, 0.75, 1, 0.5])]
    classes = [
        SimpleNamespace(right=Kept(np.arange(len(part)), part, np.ones(len(part))), counted=np.ones(len(part), bool))
        for part in parts
    ]
    for k, found in enumerate(others(classes)):
        rest = share_of(np.concatenate(parts[:k] + parts[k + 1 :]))
        assert (found.value, found.low, found.high) == pytest.approx((rest.value, rest.low, rest.high))


# --- classes ---


def test_each_family_and_each_image_weighs_the_same_in_what_a_class_is_mistaken_for(tmp_path):
    """Noise has four copies of ten images, taken for class 2; fog one of twelve, taken for class 1.

    By copies, class 2 would be the commonest mistake. Image 4 is wrong when clean, and the last two images, which only
    fog has, are an example but do not count.
    """
    labels = np.where(np.isin(np.arange(12), (0, 8)), 1, 0)
    mine = np.array([1, 2, 3, 4, 5, 6, 7, 9])  # of class 0, in both runs
    clean = np.where(np.arange(12) == 4, 1, labels)
    noise = np.broadcast_to(labels[:10, None, None], (10, 2, 4)).copy()
    for image, copies in zip(mine, (0, 1, 3, 1, 0, 0, 0, 0), strict=True):
        noise[image, 0, :copies] = 2
        noise[image, 1, :2] = 2
    fog = np.broadcast_to(labels[:, None, None], (12, 2, 1)).copy()
    fog[[4, 10, 11], 0] = 1
    fog[labels == 0, 1] = 1
    runs = [
        made_sweep(tmp_path / name, SweepConfig(degradation=name, severities=severities, copies=copies), *made)
        for name, severities, copies, made in (
            ("gaussian_noise", (10, 20), 4, (noise, labels[:10], clean[:10])),
            ("fog", (20, 40), 1, (fog, labels, clean)),
        )
    ]
    figures = Figures.of(runs)
    weak, good = figures.weakest_classes
    assert [family.name for family in figures.families] == ["fog", "gaussian_noise"]
    assert (weak.index, weak.images, weak.clean.value, weak.mistaken_for) == (0, 8, 7 / 8, 1)
    ones = np.array([2, 2, 2, 4, 2, 2, 2, 2]) / 8
    twos = np.array([2, 3, 5, 3, 2, 2, 2, 2]) / 16
    assert weak.accuracy.value == pytest.approx(1 - (ones + twos).mean())
    assert weak.share_of_errors == pytest.approx(estimate(Kept(mine, ones, ones + twos)))
    assert weak.example() == Example("fog", 10, 0, 0, 20, 1)
    assert (good.index, good.accuracy.value, good.mistaken_for, good.share_of_errors) == (1, 1, None, None)
    assert good.example() is None
    only_noise = Figures.of(runs[:1]).weakest_classes[0]
    assert only_noise.example() == Example("gaussian_noise", 3, 0, 0, 10, 2), "the image with most such copies"
    fog[:, 0, 0] = labels
    later = made_sweep(tmp_path / "later", SweepConfig(degradation="fog", severities=(20, 40), copies=1), fog, labels)
    assert Figures.of([later]).weakest_classes[0].example() == Example("fog", 1, 1, 0, 40, 1)


def test_the_class_that_comes_closest_to_weak_is_the_one_with_the_lowest_upper_end(tmp_path):
    labels = np.repeat([0, 1, 2], [20, 10, 20])
    right = np.r_[np.arange(20) < 18, np.arange(10) < 7, np.arange(20) < 17]
    predicted = np.where(right, labels, (labels + 1) % 3)[:, None, None]
    run = made_sweep(tmp_path / "fog", SweepConfig(degradation="fog", severities=(50,), copies=1), predicted, labels)
    ((level, text),) = said(Figures.of([run]), "classes")
    assert level == "unsure" and "Class 1 comes closest: under fog 70 % (" in text
    assert "of its 10 measured images are right, and 100 % (" in text


def test_a_class_that_is_mostly_wrong_when_clean_is_in_the_lead(tmp_path):
    labels = np.repeat([0, 1, 2, 3], [100, 100, 40, 9])
    right = np.r_[np.arange(100) < 97, np.arange(100) < 80, np.arange(40) < 1, np.zeros(9, bool)]
    clean = np.where(right, labels, (labels + 1) % 4)
    config = SweepConfig(degradation="fog", severities=(50,), copies=1)
    figures = Figures.of([made_sweep(tmp_path / "fog", config, clean[:, None, None], labels, clean, classes=4)])
    assert [c.index for c in figures.clean_classes] == [3, 2, 1, 0]
    told = verdict(figures)
    assert [found.about for found in told.of_kind("class")] == [("2",)], "nine images of class 3 are too few"
    ((level, text),) = said(figures, "clean classes")
    assert (
        level == "bad"
        and told.lead.endswith(text)
        and text
        == (
            "When clean, 1 of the 40 images of class 2 is right (2 %, 0–13), compared with 85 % (79–89) of the others; "
            "39 of the 40 are taken for 3. If class 2 is rare among the training images, its recall may rise with more "
            "training images of it, or with a weight on the scores, which needs no training (`tfstab guide "
            "rare-classes`)."
        )
    )
    ((_, bullet),) = said(figures, "class")
    assert "Of the same images when clean, 2 % (0–13) are right." in bullet, "Wilson's here too; the exact one is 0–14"
    few = CleanClass(4, "few", np.r_[np.full(4, 4), np.zeros(6, int)])  # fewer are right than of class 2, perhaps
    many = replace(figures, clean_classes=[few, CleanClass(2, "2", np.zeros(400, int)), *figures.clean_classes[2:]])
    assert clean_class_finding(many).about == ("2",), "the surest first"
    mended = np.where(np.arange(249) < 226, labels, clean)  # 26 of the 40 are right: weak, but not mostly wrong
    figures = Figures.of([made_sweep(tmp_path / "b", config, labels[:, None, None], labels, mended, classes=4)])
    assert said(figures, "clean classes") == [], "the lead says it all"
    assert clean_class_finding(figures, ["2"]) is None, "another finding says it"
    named = verdict(figures).lead
    assert verdict(figures).text.count("When clean, 26 of the 40 images of class 2") == 1
    assert "When clean, 26 of the 40 images of class 2 are right (65 %, " in named
    assert (
        verdict(figures).text.count("of the others; 14 of the 40 are taken for 3.")
        == named.count("; 14 of the 40 are taken for 3.")
        == 1
    )
    assert "little harm" not in named
    both = np.where(np.r_[np.ones(100), np.arange(100) < 68, np.arange(40) < 20, np.ones(9)], labels, (labels + 1) % 4)
    figures = Figures.of([made_sweep(tmp_path / "c", config, labels[:, None, None], labels, both, classes=4)])
    assert "Right less often than the others when clean, too: 1 (68 of 100)." in verdict(figures).lead


def test_a_lead_that_names_the_weakest_class_has_four_parts_at_most(tmp_path):
    labels = np.repeat([0, 1, 2], [100, 100, 40])
    right = np.r_[np.arange(100) < 97, np.arange(100) < 90, np.arange(40) < 26]
    clean = np.where(right, labels, (labels + 1) % 3)
    lost = np.where(np.arange(240) % 2, labels, (labels + 1) % 3)
    noise = made_sweep(
        tmp_path / "noise", SweepConfig(sigmas=(20,), copies=1), clean[:, None, None], labels, clean, classes=3
    )
    fog, jpeg = (
        made_sweep(
            tmp_path / name,
            SweepConfig(degradation=name, severities=(50,), copies=1),
            np.where(rows % 5, taken, (labels + 1) % 3)[:, None, None],
            labels,
            clean,
            classes=3,
        )
        for name, taken, rows in (("fog", lost, np.arange(240)), ("jpeg", clean, np.ones(240)))
    )
    told = verdict(Figures.of([noise, fog, jpeg]), ())
    assert "of class 2 are right (65 %, " in told.lead and told.lead.count(". ") <= 4
    assert "little harm" not in told.lead and any("little harm" in f.text for f in told.of_kind("spared"))


# --- minimum noise ---


def test_noise_of_length_0_is_found_but_not_compared(tmp_path):
    sweep = sweep_of(tmp_path, "gaussian_noise", first_of((1, 0), 5), (10, 40))
    figures = figures_of_sizes({0: 0.0, 1: 4.0, 2: np.inf, 3: 2.0, 9: 8.0}, "l2", sweep)
    assert (figures.count, figures.found, figures.compared, figures.tolerant) == (5, 4, 2, 0)
    assert figures.size.value == 4 and figures.quartiles == (2, 8)
