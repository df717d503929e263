"""The verdict says what the numbers support, and no more."""

import re
from dataclasses import replace

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of, texts
from verdict_figures import FAMILIES, SEVERITIES, figures_of, other_network

from made_runs import made_search
from tfstab.assessment import Figures, verdict
from tfstab.assessment.frames import degradations_frame
from tfstab.assessment.noise_findings import NO_BOUND
from tfstab.assessment.opened import Assessment
from tfstab.assessment.record import assessment_json
from tfstab.assessment.reference import reference_figures
from tfstab.assessment.words import at_least, number
from tfstab.degradations.alone import applied_alone
from tfstab.experiments.comparison import compare
from tfstab.metrics import Estimate
from tfstab.metrics.outlook import round_up
from tfstab.metrics.shares import inside, percent, rounded
from tfstab.report.numbers import big_numbers, family_table, loss_table
from tfstab.report.run_report import report_page
from tfstab.wording import listed


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
        applied_alone(),
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
