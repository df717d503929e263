"""The verdict says what the numbers support, and no more."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from assessment_runs import CLASSES, first_of, sweep_of, texts

from made_runs import made_search
from tfstab.assessment import Figures, verdict
from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.frames import degradations_frame
from tfstab.assessment.noise_findings import NO_BOUND
from tfstab.assessment.opened import Assessment
from tfstab.assessment.ranking import extreme, standings
from tfstab.assessment.record import assessment_json
from tfstab.assessment.reference import Reference, ReferenceFamily, reference_figures
from tfstab.assessment.words import at_least, number
from tfstab.experiments.comparison import compare
from tfstab.metrics import Estimate
from tfstab.metrics.outlook import round_up
from tfstab.metrics.paired import mean_difference
from tfstab.metrics.shares import inside, interval, percent, rounded
from tfstab.report.numbers import big_numbers, family_table, loss_table
from tfstab.report.run_report import report_page
from tfstab.wording import listed

FAMILIES = ("fog", "contrast", "gaussian_blur", "jpeg", "rotation")


SEVERITIES = {"contrast": (0.75, 0.5, 0.3), "gaussian_blur": (1, 2, 3), "jpeg": (90, 50, 10), "rotation": (5, 10, 20)}


def figures_of(folder, shares, images=200, clean=None):
    """Figures of the first families, each with these shares of the images right at its three severities."""
    order = np.random.default_rng(0).permuted(np.tile(np.arange(images), (len(shares), 1)), axis=1)
    right = [first_of(share, images)[row] for share, row in zip(shares, order, strict=True)]
    if clean is not None:
        right = [r & clean[:, None, None] for r in right]
    names = FAMILIES[: len(shares)]
    return Figures.of(
        [
            sweep_of(folder, name, r, SEVERITIES.get(name, (20, 40, 60)), clean=clean)
            for name, r in zip(names, right, strict=True)
        ]
    )


def test_a_clear_case(tmp_path):
    v = verdict(figures_of(tmp_path, [(0.5, 0.2, 0.05), (0.8, 0.5, 0.1), (0.9, 0.8, 0.7), (1, 1, 0.99)]), ())
    assert v.lead == (
        "Of the 4 degradations measured, fog does the most harm: the network keeps 25 % (20–30) of its accuracy, "
        "averaged over the severities. From density 40 % on under fog (at most 20 %, 14–27) and at factor 0.3 under "
        "contrast (10 %, 6–16), the network's accuracy is lower than that of always answering the same class "
        "(34 %). JPEG compression does little harm: the network keeps more than 90 % of its accuracy, averaged over "
        "the severities."
    )
    assert [f.kind for f in v.findings] == [
        "worst", "chance", "small", "classes", *["family"] * 4, "spared", "clean", "undecided",
    ]  # fmt: skip
    assert [f.level for f in v.of_kind("family")] == ["bad", "unsure", "mid", "good"]
    assert [f.level for f in v.of_kind("clean", "worst")] == ["bad", "good"] and v.level == "bad"
    assert v.of_kind("family")[0].text == (
        "Fog: 25 % (20–30) of the accuracy is kept, averaged over the severities. At the middle severity, density 40 %"
        ", 20 % (14–27) of the images that are right when clean are still right. The network loses 10 % of its "
        "accuracy before density 20 %, the mildest tried, and half of it at density 20 % (at the latest at 25)."
    )
    assert v.of_kind("undecided")[0].about == ("contrast",)


def test_severities_that_leave_little_of_a_small_image_are_named(tmp_path):
    """Images of 2 x 2 pixels; half a side is one pixel. A family that does little harm is not named."""
    right = [first_of(shares, 200) for shares in ((0.9, 0.5, 0.1), (0.9, 0.5, 0.1), (1, 1, 1))]
    families = {"gaussian_blur": (0.5, 1, 2), "motion_blur": (0.4, 0.6, 0.8), "defocus_blur": (1, 2, 3)}
    swept = [
        sweep_of(tmp_path, name, r, severities) for (name, severities), r in zip(families.items(), right, strict=True)
    ]
    (small,) = verdict(Figures.of(swept), ()).of_kind("small")
    assert small.text == (
        "The images are only 2 x 2 pixels, and severities of half their side or more may leave too little of them for "
        "any model: Gaussian blur from sigma 1 on. Accuracy that is lost there may say little about this model."
    )
    assert small.about == ("gaussian_blur",)


def test_ties_are_not_ranked(tmp_path):
    f = figures_of(tmp_path, [(0.4, 0.3, 0.2), (0.45, 0.3, 0.2), (0.9, 0.9, 0.8), (1, 1, 1)])
    v = verdict(f, ())
    first, second = f.families[:2]
    assert v.lead.startswith(
        f"Of the 4 degradations measured, {first.title} seems to do the most harm "
        f"({rounded(first.kept.value)} % of the accuracy kept, {interval(first.kept)}), but the images tested do not "
        f"rule out {second.title} ({inside(second.kept)}). Less than half of its accuracy is kept under "
        f"{first.title} and {second.title}. From density 20 % on under fog (at most "
        "40 %, 33–48) and from factor 0.5 on under contrast (at most 30 %, 23–37), the network's accuracy is not "
        "clearly better than that of always answering the same class (34 %). JPEG"
    )
    assert "most harm: the" not in v.lead and set(v.of_kind("worst")[0].about) == {"fog", "contrast"}
    start = "Not decided: which of fog and contrast does the most harm. This is too close to say"
    assert any(text.startswith(start) for text in texts(v, "undecided"))


def test_many_candidates_are_counted(tmp_path):
    v = verdict(figures_of(tmp_path, [(0.8, 0.7, 0.6)] * 5, images=60), ())
    assert re.fullmatch(
        r"No single degradation clearly stands out: any of the 5 degradations may do the most harm. The largest losses "
        r"measured are under [\w ]+ \(70 % of the accuracy kept, \d+–\d+\), "
        r"[\w ]+ \(70 %, \d+–\d+\) and [\w ]+ \(70 %, \d+–\d+\)\.",
        v.of_kind("worst")[0].text,
    )
    assert not v.of_kind("broken", "spared")
    assert texts(v, "undecided")[-1].endswith(
        "the most harm. If the values stay as measured, it takes more than 100 times as many images to decide this."
    )
    few = verdict(figures_of(tmp_path / "few", [(0.8, 0.7, 0.6)] * 5, images=15), ())
    assert texts(few, "undecided")[-1].endswith(
        "does the most harm. 15 images under a degradation cannot tell how many would decide this."
    )
    v = verdict(figures_of(tmp_path / "spread", [(x, x, x) for x in (0.6, 0.61, 0.62, 0.75, 0.8)], images=60), ())
    narrowed = r"about [\d,]+ images under each degradation \(so far 60\) would narrow it down to 3 of them\.$"
    assert re.search(narrowed, texts(v, "undecided")[-1])


def test_few_images_decide_nothing(tmp_path):
    v = verdict(figures_of(tmp_path, [(1, 0, 0), (1, 1, 1)], images=5), ())
    assert {f.level for f in v.of_kind("family")} == {"unsure"}
    assert "Less than half" not in v.lead and "little harm" not in v.lead and "most harm: the" not in v.lead
    assert len(v.of_kind("undecided")) >= 2


def few_images(tmp_path):
    """Fog on 200 images, half of which are right when clean, and contrast on four of them."""
    clean = np.arange(200) % 2 == 0
    fog = sweep_of(tmp_path, "fog", first_of((0.9, 0.6, 0.3), 200) & clean[:, None, None], clean=clean)
    return [fog, sweep_of(tmp_path, "contrast", np.ones((4, 3, 1), bool), (0.8, 0.6, 0.4), clean=clean[:4])]


def test_what_too_few_images_leave_is_not_stated_and_how_many_more_it_takes_is(tmp_path):
    figures = Figures.of(few_images(tmp_path))
    (told,) = texts(verdict(figures, (), seconds=3600.0), "few")
    assert told == (
        "How much accuracy is kept under 1 of 2 degradations cannot be said yet, as fewer than 5 of the images are "
        "right when clean: contrast. About 10 images under each would be enough, which may take about 2 more minutes."
    )
    assert texts(verdict(replace(figures, available=9), ()), "few")[0].endswith(
        "About 10 images would be enough, but only 9 were given."
    )
    v = verdict(figures, ())
    assert v.lead.startswith(told.partition(", which may")[0]) and "contrast (" not in v.text
    assert not texts(verdict(figures_of(tmp_path / "all", [(1, 1, 1), (1, 1, 1)]), ()), "few")
    families = {f["name"]: f for f in assessment_json(figures, v)["families"]}
    assert (families["contrast"]["kept"], families["contrast"]["right"], families["fog"]["right"]) == (None, 2, 100)
    assert {str(e) for e in families["contrast"]["still_right"]} == {"None"} and families["fog"]["kept"] is not None
    assert family_table(figures).notes == [
        "–: fewer than 5 of the images are right when clean.",
        "Measured in one direction only: contrast (less contrast).",
    ]
    page = report_page(few_images(tmp_path / "again"))
    opened = Assessment(tmp_path / "again")
    for text in (str(opened), opened._repr_html_()):
        assert text.count("Measured in one direction only: contrast (less contrast).") == 1
    assert "Measured in one direction only: contrast (less contrast). In the other direction, other classes" in page
    assert "Not drawn, as fewer than 5 of the images are right when clean: contrast." in page


def test_a_network_that_nothing_harms(tmp_path):
    v = verdict(figures_of(tmp_path, [(1, 1, 0.97), (1, 1, 1)], images=400), ())
    assert v.lead.startswith("None of the 2 degradations costs the network more than a tenth of its accuracy, ")
    assert v.of_kind("worst")[0].level == "good"


def test_where_no_loss_is_measured_none_is_called_the_largest(tmp_path):
    v = verdict(figures_of(tmp_path / "few", [(1, 1, 1), (1, 1, 1)], images=5), ())
    (told,) = v.of_kind("worst")
    assert re.fullmatch(
        r"No image tested that is right when clean became wrong under any of the 2 degradations\. The images are too "
        r"few to exclude a loss: under \w+, 100 % \(\d+–100\) of the accuracy is kept, averaged over the severities\.",
        told.text,
    )
    assert told.level == "unsure" and "most harm" not in v.text and "largest losses" not in v.text
    assert "if at all" not in v.text
    assert texts(v, "family")[0].endswith(
        "As measured, the network loses less than 10 % of its accuracy up to density 60 %, the strongest tried, but "
        "the images are too few to exclude a larger loss."
    )
    many = verdict(figures_of(tmp_path / "many", [(1, 1, 1), (1, 1, 1)], images=400), ())
    assert many.lead.startswith("No image tested that is right when clean became wrong under any of the 2 degr")
    half = texts(verdict(figures_of(tmp_path / "half", [(0.8, 0.8, 0.8), (1, 1, 1)], images=5), ()), "family")[0]
    assert "As measured, it loses less than half up to" in half and "if at all" not in half


def test_all_break_it(tmp_path):
    v = verdict(figures_of(tmp_path, [(0.2, 0.1, 0), (0.3, 0.2, 0.1)]), ())
    assert "Each of the 2 degradations costs it more than half of its accuracy." in texts(v, "broken")


def test_images_without_classes_have_no_clean_accuracy(tmp_path):
    figures = figures_of(tmp_path, [(1, 1, 0.5), (1, 1, 1)], 90)
    without = replace(figures, info=figures.info | {"data": figures.info["data"] | {"remarks": "classes as predicted"}})
    told = verdict(without, ())
    assert told.lead.startswith(
        "90 images without classes: what the network predicts for a clean image counts as right"
    )
    assert not any("are right." in finding.text for finding in told.of_kind("clean"))
    assert told.findings[0].kind == "clean" and "without classes" not in verdict(figures, ()).text
    table = degradations_frame(without)
    assert set(table["recall_class"]) == {""} and table["recall"].isna().all(), "a class has no recall"


def test_a_network_that_guesses_is_told_first(tmp_path):
    clean = np.arange(90) % 10 < 3
    figures = figures_of(tmp_path, [(1, 1, 0.5), (1, 1, 1)], 90, clean)
    v = verdict(figures, [other_network(figures, Estimate(0.5, 0.49, 0.51))])
    assert v.lead.startswith("Of 90 clean images, 30 % (21–41) are right. That may be no better than guessing")
    assert v.level == "bad"
    assert "guessing among 3 classes (33.3 %), so the other figures may mean nothing" in v.lead
    assert v.findings[0].kind == "clean" and v.findings[0].level == "bad"
    assert v.of_kind("reference") == []  # to keep all of a guess is no merit
    assert {finding.kind for finding in v.findings} == {"clean", "family"} and v.text == v.lead


@pytest.mark.parametrize(("right", "low"), [(24, True), (50, True), (56, True), (60, False), (62, False)])
def test_a_low_clean_accuracy_comes_first(right, low, tmp_path):
    """Of 100 clean images; 56 are below 60, and of 56 or more guessing keeps less than two thirds."""
    figures = figures_of(tmp_path, [(1, 1, 1), (1, 1, 0.9)], 100, np.arange(100) % 100 < right)
    v = verdict(figures, ())
    if right == 24:
        assert v.lead.startswith("Of 100 clean images, 24 %") and "guessing" in v.lead
    elif low:
        assert re.match(
            rf"Of 100 clean images, only {right} % \(\d\d–\d\d\) are right\. "
            rf"A network that kept all of this accuracy would still misclassify {100 - right} % of the images\. ",
            v.lead,
        )
        floor = "Always answering the same class would be right on 34 %."
        assert (floor in v.lead) == (right == 50), "said only if it is high"
    assert (v.findings[0].kind == "clean") == low
    assert ("clean images" in v.lead) == low
    assert v.of_kind("clean")[0].level == ("bad" if low else "mid")


def test_families_under_which_it_may_as_well_guess_are_told_with_the_severity(tmp_path):
    v = verdict(figures_of(tmp_path, [(0.9, 0.35, 0.33), (0.95, 0.9, 0.2), (1, 1, 0.5), (1, 1, 0.34)], 120), ())
    (finding,) = v.of_kind("chance")
    assert finding.text == (
        "At factor 0.3 under contrast, the network's accuracy is 20 % (13–29), lower than that of always answering the "
        "same class (33 %). From density 40 % on under fog (at most 35 %, 26–45) and at quality 10 under JPEG "
        "compression (34 %, 25–44), the network's accuracy is not clearly better than that."
    )
    assert finding.level == "bad" and finding.about == ("fog", "contrast", "jpeg")
    assert finding.text in v.lead and v.findings.index(finding) < 3


def test_lower_than_always_answering_the_same_class_holds_for_all_families_at_once(tmp_path):
    """Of 200 images, 53 are right: lower than 34 % for one family, with 95 % confidence, but not for five at once."""
    shares = (0.9, 0.5, 0.265)
    (alone,) = texts(verdict(figures_of(tmp_path / "one", [shares], 200), ()), "chance")
    assert alone == (
        "At density 60 % under fog, the network's accuracy is 26 % (20–34), lower than that of always answering the "
        "same class (34 %)."
    )
    (many,) = texts(verdict(figures_of(tmp_path / "many", [shares] * 5, 200), ()), "chance")
    assert "not clearly better than" in many and "lower" not in many
    (reached,) = texts(verdict(figures_of(tmp_path / "reached", [(0.9, 0.32, 0.05)], 200), ()), "chance")
    assert "at most 32 % (25–39), not clearly better than" in reached


def test_guessing_that_is_not_of_the_worst_family_is_no_part_of_the_lead(tmp_path):
    v = verdict(figures_of(tmp_path, [(0.6, 0.6, 0.55), (1, 1, 0.33)], 200), ())
    (finding,) = v.of_kind("chance")
    assert finding.about == ("contrast",) and finding.text not in v.lead


def test_of_five_families_under_which_it_may_as_well_guess_all_are_named(tmp_path):
    (text,) = texts(verdict(figures_of(tmp_path, [(0.9, 0.5, 0.3)] * 5, 120), ()), "chance")
    assert text == (
        "At density 60 % under fog (30 %, 21–40), at factor 0.3 under contrast (30 %, 21–40), at sigma 3 under "
        "Gaussian blur (30 %, 21–40), at quality 10 under JPEG compression (30 %, 21–40) and at angle 20 under "
        "rotation (30 %, 21–40), the network's accuracy is not clearly better than that of always answering the same "
        "class (33 %)."
    )


@pytest.mark.parametrize(
    ("shares", "images", "clean"),
    [
        ((1, 0.8, 0.5), 200, None),  # clearly better than a third
        ((0.9, 0.3, 0.9), 200, None),  # better again at the strongest severity
        ((1, 0.5, 0), 4, None),  # even the clean images do not show that it is better
        ((1, 1, 0.5), 90, np.arange(90) % 10 < 3),  # it guesses when clean: another finding says so
    ],
)
def test_guessing_is_not_claimed(tmp_path, shares, images, clean):
    assert not texts(verdict(figures_of(tmp_path, [shares], images, clean), ()), "chance")


def test_what_is_lost_before_the_mildest_severity_tried_has_no_number(tmp_path):
    """All curves are straight lines from the clean images there; an interval that reaches farther makes it unsure."""
    figures = figures_of(tmp_path, [(0.1, 0.1, 0.05), (0.5, 0.45, 0.4)])
    both, half = texts(verdict(figures, ()), "family")
    assert both.endswith("right. The network loses half of its accuracy before density 20 %, the mildest tried.")
    assert "10 % of its accuracy before factor 0.75, the mildest tried, and half of it at factor 0.75 (" in half
    number = big_numbers(figures)[2]
    assert (number.value, number.what) == (
        "10 %", "of its accuracy is kept under fog at density 20 %, the mildest tried (6–16)",
    )  # fmt: skip
    table = loss_table(figures)
    assert table.rows[0][1:3] == ("before density 20 %", "before density 20 %")
    assert table.notes[-1].startswith("Before a severity:")
    few = figures_of(tmp_path / "few", [(0.45, 0.05, 0)], 20)
    (unsure,) = texts(verdict(few, ()), "family")
    assert "half of it probably before density 20 %, the mildest tried (at the latest at " in unsure
    assert loss_table(few).rows[0][2].startswith("before density 20 % (up to ")
    late = figures_of(tmp_path / "late", [(0.95, 0.85, 0.6)], 20)
    (begins_before,) = texts(verdict(late, ()), "family")
    assert re.search(r"10 % of its accuracy at density \d+ % \(at the latest at \d+\)", begins_before)


def test_gaussian_noise_and_minimum_noise(figures):
    v = verdict(figures, ())
    (text,) = texts(v, "gaussian")
    assert text == (
        "Of the images that are right when clean, 91 % (83–96) are still right under Gaussian noise of sigma 20. "
        "Over all images, including those wrong when clean, the network loses 10 % of its accuracy at sigma "
        "20 (15–24), and half of it not before sigma 39, if at all."
    )
    (text,) = texts(v, "noise")
    assert text == (
        "The smallest noise found that changes the prediction of a typical image has an L2 of 4.0 grey levels "
        "(2.0–5.0), as if each of its 4 values were changed by 2.0 grey levels. For a quarter of the 9 images, 3.0 or "
        "less is enough; for another quarter, the smallest noise found is 5.0 or more. For one of them it found "
        "none. For a typical image, random noise, which is not fitted to the image, must be at least 10 times as large "
        "to do the same (the lower end of the 95 % interval). The exact factor is not known, because all 8 images "
        "compared stay right under all random noise tried (up to sigma 40)."
    )


def test_a_search_that_found_nothing(tmp_path):
    runs = [made_search(tmp_path / "search", np.full(5, np.inf))]
    v = verdict(Figures.of(runs), ())
    assert texts(v, "noise") == ["The search found no noise that flips any of 5 images."]
    assert v.lead.startswith("Of 5 clean images, 100 %")


def test_a_search_that_found_noise_for_one_image_of_many(tmp_path):
    l2 = np.array([5.0, *np.full(29, np.inf)])
    run = made_search(tmp_path / "search", l2)
    said = "The search found noise that changes the prediction of 1 of 30 images; for a typical image it found none."
    assert texts(verdict(Figures.of([run]), ()), "noise") == [said]
    assert said in report_page([run])
    assert "Median and quartiles of the L2 of the minimum noise are not reached: " in run.summary()
    other = made_search(tmp_path / "other", l2[::-1])
    assert "There is no image that both get right when clean and find noise for" in compare(run, other).summary()


@pytest.mark.parametrize("count", [5, 30])
def test_a_search_that_found_little_does_not_say_what_a_typical_image_needs(tmp_path, count):
    l2 = np.where(np.arange(count) < count // 3, 7.0, np.inf)
    figures = Figures.of([made_search(tmp_path / "search", l2)])
    assert texts(verdict(figures, ()), "noise") == [
        f"The search found noise that changes the prediction of {count // 3} of {count} images, with an L2 of 7.0 "
        f"grey levels; for the others it found none. {NO_BOUND}"
    ]
    assert big_numbers(figures)[-1].value == "not known"


def test_a_question_that_the_intervals_in_brackets_would_answer_is_explained(tmp_path):
    said = "Many questions are answered at once, so this takes wider intervals than those in brackets."
    told = [texts(verdict(figures_of(tmp_path / str(k), [(k, k, k)] * 5, images=60), ()), "undecided")[0]
            for k in (0.5, 0.65)]  # fmt: skip
    assert [said in text for text in told] == [False, True], told


def test_names_from_strangers_stay_on_their_line(figures):
    hostile = replace(figures, classes=("\x1b[31mred\nline", "b" * 500, "2"))
    for finding in verdict(hostile, ()).findings:
        assert not re.search(r"[\x00-\x1f]", finding.text) and len(finding.text) < 700


def other_network(own, kept, name="other", severities=None, classes=CLASSES):
    """A reference with the families of these figures, each keeping `kept`."""
    families = {
        f.name: ReferenceFamily(f.name, f.run.degradation.version, severities or f.run.severities, kept)
        for f in own.families
    }
    return Reference(name, name, "photographs", (64, 64, 3), 500, classes, kept, kept, families)


def test_the_comparison_is_of_the_same_severities_and_says_how_fair_it_is(tmp_path):
    own = figures_of(tmp_path, [(0.9, 0.8, 0.7), (0.9, 0.8, 0.7), (0.9, 0.8, 0.7)])
    near, better = Estimate(0.79, 0.76, 0.82), Estimate(0.95, 0.94, 0.96)
    others = [other_network(own, near), other_network(own, better, "strong")]
    (text,) = texts(verdict(own, others), "reference")
    assert text.startswith("Under 3 degradations at the same severities it keeps 80 % (76–83) of its accuracy")
    assert "less than the bundled example network strong (95 %, 94–96), not clearly different from other (79 %," in text
    assert "it ignores clean accuracy (here 100 %), and the data differ (other: photographs, " in text
    assert "The image size differs, too (here 2 x 2): Gaussian blur does less harm to larger images." in text
    (text,) = texts(verdict(own, [other_network(own, near, classes=10)]), "reference")
    assert "(other: photographs, 64 x 64, 10 classes, 79 % right when clean)" in text
    assert text.endswith(
        "larger images. The number of classes differs, too (here 3): with fewer classes, guessing keeps more of the "
        "accuracy."
    )
    assert not texts(verdict(own, [other_network(own, near, severities=(1, 2))]), "reference")
    same = replace(other_network(own, near), size=(2, 2, 3))  # grey or in colour: the pixels are as many
    (text,) = texts(verdict(own, [same]), "reference")
    assert text.endswith("the data differ (other: photographs, 2 x 2, 3 classes, 79 % right when clean).")
    (text,) = texts(verdict(own, [same, other_network(own, near, "larger", classes=10)]), "reference")
    assert (
        "The image size of larger differs, too (here 2 x 2):" in text
        and "The number of classes of larger differs, too (here 3):" in text
    )
    of_fog = replace(same, families={"fog": same.families["fog"]})
    (text,) = texts(verdict(own, [of_fog]), "reference")
    assert (
        text.startswith("Under fog, averaged over the severities, it keeps 80 % (")
        and "not clearly different from the bundled example network other (" in text
    )
    assert text.endswith(" 2 degradations are left out because the bundled networks have not been measured under them.")
    of_two = replace(same, families={name: same.families[name] for name in ("fog", "contrast")})
    (text,) = texts(verdict(own, [of_two]), "reference")
    assert text.startswith("Under 2 degradations at the same")
    assert text.endswith(" 1 degradation is left out because the bundled networks have not been measured under it.")
    stronger = {name: replace(f, severities=(5, 6)) if name == "fog" else f for name, f in same.families.items()}
    (text,) = texts(verdict(own, [replace(same, families=stronger)]), "reference")
    assert text.endswith("right when clean). 1 degradation is left out because the severities differ.")
    few = Figures.of(few_images(tmp_path / "few"))
    fog = same.families["fog"]
    both = replace(same, families={"fog": fog, "contrast": replace(fog, severities=(0.8, 0.6, 0.4))})
    (text,) = texts(verdict(few, [both]), "reference")
    assert text.endswith("1 degradation is left out because fewer than 5 of the images are right when clean.")
    own.info["model"]["fingerprint"] = "other"  # the network itself
    assert not texts(verdict(own, others[:1]), "reference")


def test_the_images_that_are_said_to_decide_do_decide(tmp_path):
    """A family kept at 56 %: with the number of images that is named, the interval leaves 50 % out."""
    shares = (0.9, 0.56, 0.22)
    (few,) = standings(figures_of(tmp_path / "few", [shares], images=60).families)
    assert few.doubtful == 0.5 and 60 < few.images_needed < 2000
    (many,) = standings(figures_of(tmp_path / "many", [shares], images=round(few.images_needed * 1.15)).families)
    assert many.doubtful is None
    (fewer,) = standings(figures_of(tmp_path / "fewer", [shares], images=round(few.images_needed * 0.8)).families)
    assert fewer.doubtful == 0.5


def test_the_images_that_the_data_have_limit_what_is_advised(tmp_path):
    """Two doubtful families: one takes more images than the other, and than there are."""
    figures = figures_of(tmp_path, [(0.45, 0.44, 0.43), (0.48, 0.47, 0.46)], images=60)
    some, many = sorted(s.images_needed for s in standings(figures.families))
    said = {}
    for available in (None, round(many * 2), round(some * 1.2), 70):
        said[available] = texts(verdict(replace(figures, available=available), ()), "undecided")[0]
    assert f"about {round_up(many):,} images under each degradation (so far 60) would" in said[None]
    given = f" (so far 60 of the {round(many * 2):,} given) would"
    assert said[round(many * 2)] == said[None].replace(" (so far 60) would", given)
    fewer = said[round(some * 1.2)]
    assert f"about {round_up(some):,} images" in fewer and fewer.endswith(
        f" (so far 60 of the {round(some * 1.2):,} given) would decide this for fog."
    )
    assert said[70].endswith("More minutes cannot decide this: only 70 images were given.")
    (limited,) = texts(verdict(replace(figures, available=70, limited=True), ()), "undecided")[:1]
    more = (
        "Not all of the {:,} images given have been measured yet: with more minutes, more of them are measured, which "
    )
    more += "may decide more of this."
    for available, left in ((round(many * 2), True), (round(some * 1.2), True), (70, False), (60, False)):
        said_last = texts(verdict(replace(figures, available=available), ()), "undecided")[-1]
        assert (said_last == more.format(available)) == left
    assert limited.endswith(" would decide this for both. It was limited to 70 of the data's images: raise this limit.")
    (clean,) = texts(verdict(replace(figures, available=1499), ()), "clean")
    assert clean.startswith("Of 60 clean images (of 1,499 given), ")
    (clean,) = texts(verdict(replace(figures, available=60), ()), "clean")
    assert clean.startswith("Of 60 clean images, ")


@pytest.mark.parametrize("seed", range(8))
def test_any_small_result_has_a_verdict(tmp_path, seed):
    rng = np.random.default_rng(seed)
    images = int(rng.integers(1, 7))
    clean = rng.random(images) < rng.random()
    runs = [
        sweep_of(
            tmp_path, name, rng.random((images, 3, 1)) < rng.random(), SEVERITIES.get(name, (20, 40, 60)), clean=clean
        )
        for name in FAMILIES[: rng.integers(1, 4)]
    ]
    v = verdict(Figures.of(runs))
    assert v.lead and not re.search(r"\bnan\b|\binf\b|None\b(?! of)", v.lead + " ".join(f.text for f in v.findings))


def test_each_of_more_families_must_differ_by_more_to_be_left_out():
    """6 of 40 images exclude 0 from an interval of 94 %, but not from one of 97 %."""
    right = [np.arange(40) >= lost for lost in (6, 0, 0)]
    families = [FamilyFigures(None, np.arange(40), r[:, None].astype(float), np.ones(40, bool)) for r in right]
    assert [len(extreme(families[:count], harmful=True).members) for count in (1, 2, 3)] == [1, 1, 3]
    assert len(extreme(families[:2], harmful=False).members) == 1
    d = mean_difference(*(family.overall.part for family in families[:2]), confidence=0.97)
    needed = 40 * ((d.value - d.low) / d.value) ** 2  # for the difference to be as large as half of its interval
    assert extreme(families, harmful=True).images_needed == [pytest.approx(needed)] * 2


def test_a_family_that_is_excluded_is_not_named_though_one_that_is_named_keeps_more():
    """The second loses half of the images that the first loses, so it is less harmful; the third loses other images."""
    lost = [range(20), range(10), range(30, 39)]
    families = [
        FamilyFigures(None, np.arange(80), 1.0 - np.isin(np.arange(80), rows)[:, None], np.ones(80, bool))
        for rows in lost
    ]
    assert extreme(families[:2], harmful=True).members == families[:1]
    found = extreme(families, harmful=True)
    assert found.members == [families[0], families[2]] and len(found.images_needed) == 1


def test_a_family_that_keeps_no_more_than_a_candidate_but_is_none_is_explained(tmp_path):
    """Contrast loses a part of the images that fog loses, so it does less harm; JPEG compression loses other images."""
    lost = {"fog": range(20), "contrast": range(10), "jpeg": range(30, 39)}
    severities = {"fog": 40, "contrast": 0.3, "jpeg": 50}
    rows = np.arange(80)
    runs = [
        sweep_of(tmp_path, name, ~np.isin(rows, own)[:, None, None], (severities[name],)) for name, own in lost.items()
    ]
    assert (
        "but the images tested do not rule out JPEG compression (89 %, 79–95). Contrast seems to cost more accuracy "
        "than JPEG compression, but compared on the same images, it certainly costs less than fog."
    ) in verdict(Figures.of(runs), ()).lead


def test_where_most_degradations_may_do_the_most_harm_none_stands_out(tmp_path):
    """No two of the first five degradations lose the same images; contrast loses ten of the twenty that fog loses."""
    lost = {"fog": range(20), "jpeg": range(60, 74), "scaling": range(40, 53), "rotation": range(20, 32),
            "occlusion": range(32, 40), "contrast": range(10), "brightness": (), "gamma": ()}  # fmt: skip
    severities = {"fog": 40, "contrast": 0.3, "jpeg": 50, "scaling": 0.7, "rotation": 20, "occlusion": 16,
                  "brightness": 60, "gamma": 3}  # fmt: skip
    rows = np.arange(80)
    runs = [
        sweep_of(tmp_path, name, ~np.isin(rows, own)[:, None, None], (severities[name],)) for name, own in lost.items()
    ]
    families = Figures.of(runs).families
    assert [f.name for f in extreme(families, harmful=True).members] == [*list(lost)[:5]]
    assert re.fullmatch(
        r"No single degradation clearly stands out: of the 8 degradations, any of 5 may do the most harm. The largest "
        r"losses measured among them are under fog \(75 % of the accuracy kept, \d+–\d+\), "
        r"JPEG compression \(82 %, \d+–\d+\) and scaling \(84 %, \d+–\d+\)\.",
        verdict(Figures.of(runs), ()).of_kind("worst")[0].text,
    )
    text = verdict(Figures.of([*runs, *few_more(tmp_path)]), ()).of_kind("worst")[0].text
    assert text.startswith(
        "Of the 10 degradations measured, fog seems to do the most harm (75 % of the accuracy kept, "
    )
    assert text.endswith(" or 2 others.")
    assert "seems to cost" not in text, "contrast seems to do more harm than occlusion, which is not named"


def few_more(folder):
    """Two more families that lose nothing, so that five of ten are candidates."""
    return [sweep_of(folder, name, np.ones((80, 1, 1), bool), (at,)) for name, at in
            (("translation", 12), ("pixelate", 4))]  # fmt: skip


def test_candidates_whose_intervals_do_not_overlap_are_explained(tmp_path):
    """Fog was measured on 20 images, contrast on 400, of whose first 20 it keeps nearly as few."""
    fog, contrast = np.arange(20) < 6, np.where(np.arange(400) < 20, np.arange(400) < 9, np.arange(400) % 4 > 0)
    runs = [sweep_of(tmp_path, name, right[:, None, None], (40,)) for name, right in
            (("fog", fog), ("contrast", contrast))]  # fmt: skip
    assert (
        "do not rule out contrast (more contrast) (74 %, 68–78). Intervals in brackets that do not overlap do not "
        "decide this, because all degradations are compared at once, and any two only on the images that both have."
    ) in verdict(Figures.of(runs), ()).lead


def test_it_is_said_which_candidate_was_tested_on_far_fewer_images(tmp_path):
    fog, contrast = np.arange(400) % 4 > 0, np.arange(20) > 1
    runs = [sweep_of(tmp_path, name, right[:, None, None], (40,)) for name, right in
            (("fog", fog), ("contrast", contrast))]  # fmt: skip
    lead = verdict(Figures.of(runs), ()).lead
    assert "do not rule out contrast (more contrast) (90 %, 68–99, tested on only 20 images)." in lead


@pytest.mark.parametrize(("common", "few"), [(0, "no image"), (4, "only 4 images")])
def test_degradations_of_different_images_are_not_ranked(tmp_path, common, few):
    """Fog on the first 40 images and contrast on the next 40, which says nothing of which does more harm."""
    fog = sweep_of(tmp_path, "fog", (np.arange(40) >= 6)[:, None, None], (40,))
    later = np.arange(40) + 40 - common
    contrast = sweep_of(tmp_path, "contrast", (np.arange(40) >= 5)[:, None, None], (0.3,), indices=later)
    found = verdict(Figures.of([fog, contrast]), ())
    assert "but the images tested do not rule out contrast (88 %, 73–96)." in found.lead
    assert texts(found, "spared") == []
    assert texts(found, "undecided")[-1] == (
        f"Not decided: which of fog and contrast does the most harm. Some of them have {few} in common: measure all "
        "on the same images."
    )


def test_extremes_of_no_family():
    assert extreme([], harmful=True).members == [] and standings([]) == []


def test_numbers_in_words():
    assert percent(Estimate(0.39, 0.341, 0.4399)) == "39 % (34–44)"
    assert percent(Estimate(0.998, 0.9951, 0.9992)) == "99.8 % (99.5–100.0)"
    assert percent(Estimate(0.9, 0.9, 1.0)) == "90 % (90–100)"  # 0.9 * 100 is a little less than 90 as a binary number
    assert inside(Estimate(0.39, 0.34, 0.44)) == "39 %, 34–44"
    assert (rounded(0.9999), rounded(1.0), rounded(0.0001), rounded(0.0)) == ("99.9", "100", "0.1", "0")
    assert [number(x) for x in (0.0412, 3.26, 34.4, 1234.5)] == ["0.041", "3.3", "34", "1,234"]
    assert (at_least(10.9), at_least(1.69), at_least(0.0)) == ("10", "1.6", "0")
    assert [round_up(x) for x in (7.2, 94, 101, 1234)] == [8, 94, 110, 1300]
    assert listed(["a", "b", "c", "d", "e"], "or") == "a, b, c and 2 others" and listed(["a", "b"], "or") == "a or b"
    assert listed(list("abcdefg"), most=7) == "a, b, c, d, e, f and g" and listed(["a"]) == "a"


def test_the_bundled_networks_figures_can_be_read():
    for one in reference_figures():
        assert one.families and all(0 <= f.kept.low <= f.kept.value <= f.kept.high for f in one.families.values())


def test_families_that_are_decided_need_no_more_images(tmp_path):
    few = figures_of(tmp_path, [(1.0, 0.99, 0.98), (0.3, 0.2, 0.1), (0.8, 0.7, 0.6), (0.5, 0.5, 0.5)], images=400)
    found = {one.family.name: (one.words, one.doubtful, one.images_needed) for one in standings(few.families)}
    assert found == {
        "fog": ("hardly touches", None, 0), "contrast": ("breaks", None, 0), "gaussian_blur": ("between", None, 0),
        "jpeg": ("undecided", 0.5, math.inf),  # it is exactly on the limit
    }  # fmt: skip
