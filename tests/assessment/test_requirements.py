"""Requirements: what they mean, when one is missed, and what continuous integration reads."""

import json
import math
import re
import time
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of

from made_runs import made_sweep
from tfstab import SweepConfig, open_run
from tfstab.assessment import Figures, assessment_json, check, failed, junit, parse_requirements, verdict
from tfstab.assessment.measured_by import SWEEP
from tfstab.assessment.outcomes import Outcome, outcomes_json
from tfstab.assessment.required import REQUIRE_HELP
from tfstab.assessment.requirements import check_planned
from tfstab.datasets.groups import drawn_remark
from tfstab.errors import InputError
from tfstab.metrics.kept import share_of


@pytest.mark.parametrize(
    ("text", "what", "severity", "least", "figure"),
    [
        ("recall stop under way under jpeg @ 10 : 60", "stop under way", 10, 0.6, "recall"),
        ("recall 1 under fog:60", "1", None, 0.6, "recall"),
        ("gaussian_noise@20:90", "gaussian_noise", 20, 0.9, "still right"),
        (" jpeg @ 10 : 55.5 % ", "jpeg", 10, 0.555, "still right"),
        ("kept  jpeg@10:55", "jpeg", 10, 0.55, "kept"),
        (" kept fog : 50 ", "fog", None, 0.5, "kept"),
        ("fog:50", "fog", None, 0.5, "kept"),
        ("mean:80", "mean", None, 0.8, "kept"),
        ("clean:100", "clean", None, 1, "accuracy"),
        ("accuracy jpeg@30:85", "jpeg", 30, 0.85, "accuracy"),
        ("accuracy fog : 50", "fog", None, 0.5, "accuracy"),
        ("recall:70", "", None, 0.7, "recall"),
        ("specificity stop under way under fog @ 20 : 97", "stop under way", 20, 0.97, "specificity"),
        (" recall speed limit: 30 km/h @ night : 60 % ", "speed limit: 30 km/h @ night", None, 0.6, "recall"),
    ],
)
def test_what_is_read(text, what, severity, least, figure):
    (r,) = parse_requirements([text])
    assert (r.text, r.what, r.severity, r.least, r.figure) == (text, what, severity, pytest.approx(least), figure)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("gausian_noise@20:90", "unknown requirement 'gausian_noise': did you mean 'gaussian_noise'?"),
        ("gaussian_noise@20", "cannot be read; expected FAMILY@SEVERITY:PERCENT"),
        ("", "cannot be read"),
        (":9", "cannot be read"),
        *(
            (
                text,
                "about precision, which cannot be required. To limit false alarms, require 'specificity CLASS:97': at "
                "most 3 % of the images of other classes may be taken for CLASS.",
            )
            for text in ("precision defect:90", "precision:90", "precision a under fog:9")
        ),
        (
            "specificity",
            "'specificity CLASS of OTHER:PERCENT' or 'specificity CLASS under FAMILY@SEVERITY:PERCENT', such",
        ),
        ("specificity:90", "names no class; expected 'specificity CLASS:90'"),
        ("recall 1:101", "asks for 101"),
        ("recall 1 under dusk:9", "unknown requirement 'dusk': did you mean 'underexposure'?"),
        (
            "overexposure:50",
            "unknown requirement 'overexposure': negative stops of underexposure are overexposure: `tfstab sweep MODEL "
            "DATA --degradation underexposure --severities -1,-2,-3` measures it, and an assessment does not.",
        ),
        ("recall 1 under fogg:9", "unknown requirement 'fogg': did you mean 'fog'?"),
        ("recall 1 under fog@x:9", "has the severity 'x'; expected a number"),
        ("kept mean:9", "names no degradation; expected 'kept FAMILY:9', or mean:9 for the mean over all degradations"),
        ("kept:9", "names no degradation; expected 'kept FAMILY:9'"),
        ("kept fogg@20:9", "unknown requirement 'fogg': did you mean 'fog'?"),
        ("accuracy mean:9", "names no degradation; expected 'accuracy FAMILY:9', or clean:9 for the accuracy of clean"),
        ("gaussian_noise@20:ninety", "asks for ninety; expected a number of percent from 0 to 100"),
        ("mean:101", "asks for 101"),
        ("clean:0.9", "asks for only 0.9 percent; give a percentage, such as 90"),
        ("mean:1.0", "such as 100"),
        ("mean:-1", "asks for -1"),
        ("mean:nan", "asks for nan"),
        ("mean@20:80", "has a severity; expected mean:80, as mean has none"),
        ("fog@x:9", "has the severity 'x'; expected a number"),
        ("jpeg@200:9", "quality of jpeg is [200]; expected one or more whole numbers from 1 to 99"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(text, sentence):
    with pytest.raises(InputError) as error:
        parse_requirements(["mean:1", text])
    assert sentence in str(error.value)


@pytest.mark.parametrize("text", [" " * 400 + "x", "accuracy" + " " * 400 + "x", "recall a" + " " * 2_000_000 + "x"])
def test_a_text_of_a_stranger_is_refused_at_once(text):
    """Spaces in a row could be matched in very many ways, and the viewer reads the requirements of any folder."""
    began = time.process_time()
    with pytest.raises(InputError, match="cannot be read"):
        parse_requirements([text])
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("rotation:9", "is about rotation, which is not swept; swept are: fog, gaussian_noise, jpeg."),
        ("recall 1 under rotation:9", "is about rotation, which is not swept; swept are: fog, gaussian_noise, jpeg."),
        ("recall 1 under fog@55:9", "is about density 55, which is not swept; expected one of 20, 40, 60."),
        (
            "fog@55:9",
            "is about density 55, which is not swept; expected one of 20, 40, 60. An assessment measures only "
            "these; to measure and require another, use `tfstab sweep MODEL DATA --degradation fog --severities 55 "
            "--require fog@55:9`.",
        ),
        ("recall 1 under fog@55:9", "--severities 55 --require 'recall 1 under fog@55:9'`."),
    ],
)
def test_what_is_not_swept_is_refused_before_and_after_a_run(figures, text, sentence):
    required = parse_requirements([text])
    with pytest.raises(InputError) as error:
        check(figures, required)
    assert sentence in str(error.value)
    with pytest.raises(InputError):
        check_planned(required, {f.name: f.run.severities for f in figures.families})


def test_a_class_without_images_is_refused(figures):
    required = parse_requirements(["recall zebra:60"])
    check_planned(required, {})
    with pytest.raises(InputError, match=r"^requirement 'recall zebra:60' cannot be checked, as no image is of class"):
        check(figures, required)


def test_mean_needs_a_family_and_clean_does_not():
    with pytest.raises(InputError, match="swept are: none"):
        check_planned(parse_requirements(["mean:9"]), {})
    check_planned(parse_requirements(["clean:9"]), {})


def test_a_requirement_is_missed_only_by_more_than_the_interval(figures):
    e = figures.family("gaussian_noise").kept
    for least, status in (
        (100 * e.low - 0.01, "met"),
        (100 * e.low + 0.01, "not decided"),
        (100 * e.high - 0.01, "not decided"),
        (100 * e.high + 0.01, "missed"),
    ):
        (outcome,) = check(figures, parse_requirements([f"gaussian_noise:{least:.4f}"]))
        assert outcome.status == status and failed([outcome]) == (status == "missed")
        assert (outcome.estimate.value, outcome.estimate.low) == (e.value, e.low)
    for end, beyond in ((e.low, -1), (e.high, 1)):  # an end nearer than a point to the limit has a digit more
        for points, digits in ((0.98, r"\.\d"), (1.02, "")):
            (outcome,) = check(figures, parse_requirements([f"gaussian_noise:{100 * end + beyond * points:.4f}"]))
            assert re.search(rf"\(\d+{digits}–\d+{digits}\)", outcome.sentence)


def test_each_figure_is_the_one_that_the_help_names(figures):
    outcomes = check(figures, parse_requirements(["gaussian_noise@20:97", "mean:67", "clean:85", "fog:1"]))
    values = figures.sigma20, figures.mean_kept, figures.clean, figures.family("fog").kept
    assert [o.estimate for o in outcomes] == list(values)
    assert [o.status for o in outcomes] == ["missed", "not decided", "not decided", "met"]
    assert outcomes[0].sentence == (
        "gaussian_noise@20:97 is missed: of the images that are right when clean, 91 % (83–96) are still right under "
        "Gaussian noise, sigma 20; 97 % is required."
    )
    assert "is not decided by the images tested: the accuracy of clean images is 90 %" in outcomes[2].sentence
    fog, clean = figures.family("fog"), figures.clean_classes
    for text, shares in (
        ("recall 1 under fog@20:99", fog.share_right[:, 0]),
        ("recall 1 under fog:5", fog.share_right),
    ):
        (one,) = check(figures, parse_requirements([text]))
        mine = shares[fog.labels == 1]
        assert one.estimate == share_of(mine if mine.ndim == 1 else mine.mean(axis=1))
    assert one.sentence.startswith("recall 1 under fog:5 is met: of the 20 images of class 1, ")
    assert one.sentence.endswith(" are right under fog, averaged over the severities; 5 % is required.")
    required = ["accuracy fog@20:75", "accuracy fog:90", "recall 1:60", "recall:95"]
    accuracy, mean, recall, macro = check(figures, parse_requirements(required))
    assert accuracy.estimate == share_of(fog.share_right[:, 0])
    assert mean.estimate == share_of(fog.share_right.mean(axis=1))
    assert recall.estimate == next(one.accuracy for one in clean if one.name == "1")
    assert macro.estimate.value == np.mean([one.right.mean() for one in clean])
    assert [o.sentence.partition(": ")[2] for o in (accuracy, mean, recall, macro)] == [
        "the accuracy under fog, density 20 %, is 45 % (32–59); 75 % is required.",
        "the mean accuracy under fog is 23 % (15–33); 90 % is required.",
        "of the 40 clean images of class 1, 90 % (76–97) are right; 60 % is required.",
        "the mean recall of 3 classes when clean is 90.0 % (82.4–94.8); 95 % is required.",
    ]


@pytest.fixture(scope="module")
def regained(tmp_path_factory):
    """Of 500 images, 328 are right when clean. Under fog of density 20, 239 of these stay right; 43 others become so.

    At density 40, half of those that are right when clean stay right, and no other becomes right.
    """
    place = np.arange(500)
    mild = (place < 239) | ((place >= 328) & (place < 371))
    right = np.stack([mild, place < 164], axis=1)[:, :, None]
    run = sweep_of(tmp_path_factory.mktemp("regained"), "fog", right, severities=(20, 40), clean=place < 328)
    return Figures.of([run])


def test_the_accuracy_kept_at_a_severity_counts_images_that_become_right(regained):
    texts = ["kept fog@20:75", "kept fog@40:50", "kept fog:60", "fog:60"]
    mild, strong, mean, same = check(regained, parse_requirements(texts))
    (family,) = regained.families
    assert [one.estimate.value for one in (mild, strong)] == pytest.approx([282 / 328, 164 / 328])
    for k, one in enumerate((mild, strong)):
        e = one.estimate
        assert (e.value, e.low, e.high) == pytest.approx(family.kept_at()[:, k].tolist())
    assert mild.sentence == (
        "kept fog@20:75 is met: the accuracy kept under fog, density 20 %, is 86 % (78–93); 75 % is required."
    )
    assert (mean.estimate, mean.status) == (same.estimate, same.status) and mean.estimate == family.kept
    assert strong.estimate == check(regained, parse_requirements(["fog@40:50"]))[0].estimate


def test_where_the_accuracy_kept_decides_otherwise_it_is_told_from_the_images_still_right(regained):
    missed, still_open, alike = check(regained, parse_requirements(["fog@20:80", "fog@20:77", "fog@20:95"]))
    said = (
        "The accuracy kept at this severity is 86 % (78–93). It also counts images that are wrong when clean but right "
        "when degraded. To require it instead"
    )
    assert missed.status == "missed" and missed.sentence.endswith(
        f", 73 % (67–78) are still right under fog, density 20 %; 80 % is required. {said}, write 'kept fog@20:80'."
    )
    assert still_open.status == "not decided" and still_open.sentence.endswith(f"{said}, write 'kept fog@20:77'.")
    assert " about 660 images in all would decide this (so far 500). " in still_open.sentence
    assert alike.status == "missed" and alike.sentence.endswith("95 % is required.")


@pytest.mark.parametrize(
    ("available", "says"),
    [
        (400, " All 400 images given have been measured."),
        (600, " Without --minutes and --precision, the sweep measures all of the 600 images given."),
    ],
)
def test_what_a_sweep_advises_is_possible_with_a_sweep(tmp_path, available, says):
    run = sweep_of(tmp_path, "fog", first_of((0.7,), 400), severities=(20,))
    several = parse_requirements(["fog@20:70", "lowest recall under fog:70"])
    for outcome in check(Figures.of([run], available), several, by=SWEEP):
        assert outcome.status == "not decided" and outcome.sentence.endswith(says)
    (none,) = check(
        replace(Figures.of([run], 600), classes=("0", "1", "2", "rare")),
        parse_requirements(["recall rare:5"]),
        by=SWEEP,
    )
    assert none.sentence.endswith(
        "no image of class rare was measured; without --minutes and --precision, the sweep measures all images given."
    )


def test_the_examples_of_the_help_are_requirements_of_each_form():
    lines = [line.partition(" – ")[0] for line in REQUIRE_HELP.split("\n\n") if " – " in line]
    examples = [example.strip("'") for line in lines for example in line.split(", ")]
    found = parse_requirements(examples)
    forms = {(r.figure, r.what, r.under, r.severity) for r in found}
    assert len(examples) == len(forms) == 17


def test_an_end_that_no_rounding_brings_to_the_limit_has_no_further_digit(tmp_path):
    none = np.zeros((100, 1, 1), bool)
    run = sweep_of(tmp_path, "fog", none, severities=(20,), clean=none[:, 0, 0])
    (outcome,) = check(Figures.of([run]), parse_requirements(["clean:1"]))
    assert outcome.estimate.low == 0
    assert outcome.sentence == (
        "clean:1 is not decided by the images tested: the accuracy of clean images is 0 % (0–4); 1 % is required. "
        "If the value stays as measured, about 1,400 images in all would decide this (so far 100)."
    )
    assert check(Figures.of([run]), parse_requirements(["clean:0"]))[0].status == "met"


@pytest.mark.parametrize(
    ("available", "says"),
    [
        (None, ""),
        (100, " All 10 images given of this class have been measured, so more minutes hardly help."),
        (150, " More minutes measure more of the images given."),
    ],
)
def test_where_one_image_of_each_group_is_measured_groups_are_said_to_be_needed(tmp_path, available, says):
    """Of class 1, 10 of 100 images. With 150 given, of which 100 were scored, it is not known how many it has."""
    labels, config = np.repeat([1, 0], [10, 90]), SweepConfig(degradation="fog", severities=(20,), copies=1)
    fog = np.where(np.arange(100) < 2, 0, labels)
    run = made_sweep(tmp_path / "fog", config, fog[:, None, None], labels, labels, classes=2)
    run.info["data"]["remarks"] = drawn_remark(available or 100, 1000)
    said = "If the value stays as measured, images of about {} groups{} in all would decide this (so far {})."
    of_class, of_all = check(Figures.of([run], available), parse_requirements(["recall 1 under fog:70", "fog:97"]))
    assert of_class.sentence.endswith(f" {said.format(130, ' of this class', 10)}{says}")
    everything = {100: " All 100 images given have been measured, so more minutes hardly help.",
                  150: " The 150 images given are probably too few for this."}  # fmt: skip
    assert of_all.sentence.endswith(f" {said.format('2,600', '', 100)}{everything.get(available, '')}")
    (lowest,) = check(Figures.of([run], available), parse_requirements(["lowest recall under fog:70"]))
    lowest_says = said.format(130, " of class 1", 10)
    if available == 150:
        everything[150] = " More minutes measure more of the 150 images given."
    assert lowest.sentence.endswith(f"to decide: 1 (10 images). {lowest_says}{everything.get(available, '')}")


@pytest.fixture(scope="module")
def outcomes(figures):
    return check(figures, parse_requirements(["gaussian_noise@20:97", "mean:67", "fog:1"]))


def test_junit_counts_what_is_missed_and_skips_what_is_not_decided(outcomes):
    root = ElementTree.fromstring(junit(outcomes, "my\x1bmodel & <co>\ud800"))
    (suite,) = root
    assert (root.tag, suite.tag) == ("testsuites", "testsuite")
    assert [suite.get(k) for k in ("name", "tests", "failures", "errors", "skipped")] == [
        "my\N{REPLACEMENT CHARACTER}model & <co>?", "3", "1", "0", "1",
    ]  # fmt: skip
    assert [[child.tag for child in case] for case in suite] == [["failure"], ["skipped"], ["system-out"]]
    assert [case.get("name") for case in suite] == ["gaussian_noise@20:97", "mean:67", "fog:1"]
    assert suite[0][0].get("message") == outcomes[0].sentence == suite[0][0].text
    assert all(case.get("classname") and float(case.get("time")) == 0 for case in suite)
    (strictly,) = ElementTree.fromstring(junit(outcomes, strict=True))
    assert strictly.get("name") == f"tfstab assess: {outcomes[0].model}" != "tfstab assess: "
    assert [strictly.get(k) for k in ("failures", "skipped")] == ["2", "0"]
    assert [(case[0].tag, case[0].get("type")) for case in strictly] == [
        ("failure", "missed"), ("failure", "not decided"), ("system-out", None),
    ]  # fmt: skip


def test_a_figure_that_does_not_exist_is_not_decided(outcomes):
    from tfstab.metrics.estimate import NO_ESTIMATE

    none = Outcome(outcomes[0].requirement, NO_ESTIMATE, "not decided", "")
    assert outcomes_json([none])[0]["value"] is None and not failed([none]) and failed([none], strict=True)


def test_the_record_of_an_assessment_has_every_number_with_its_interval(figures, outcomes):
    v = verdict(figures, ())
    record = assessment_json(figures, v, outcomes, {"budget": {"minutes": 5, "rate": math.inf}})
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert (record["format"], record["model"]["name"], record["images"]) == (1, "made", 120)
    assert record["budget"] == {"minutes": 5, "rate": None}
    assert [f["name"] for f in record["families"]] == ["fog", "gaussian_noise", "jpeg"]
    fog, noise, jpeg = record["families"]
    assert fog["kept"] == {
        "value": figures.families[0].kept.value,
        "interval_95": [figures.families[0].kept.low, figures.families[0].kept.high],
    }
    assert (noise["copies"], fog["copies"], noise["images"]) == ([4, 4], [1, 1], 120)
    assert noise["severity50"] == {"value": None, "interval_95": [None, None]}  # not reached
    assert [e["value"] for e in noise["still_right"]] == pytest.approx([1, 98 / 108, 65 / 108])
    assert (fog["standing"], jpeg["standing"]) == ("breaks", "hardly touches")
    assert (fog["most_harmful"], jpeg["most_harmful"], jpeg["least_harmful"]) == (True, False, True)
    assert record["minimum_noise"]["count"] == 9 and record["minimum_noise"]["l2"]["value"] == 4
    assert record["verdict"]["lead"] == v.lead and len(record["verdict"]["findings"]) == len(v.findings)
    assert [c["index"] for c in record["classes"]] == [c.index for c in figures.weakest_classes]
    assert [r["status"] for r in record["requirements"]] == ["missed", "not decided", "met"]


def test_the_record_has_the_fewest_and_the_most_copies_of_an_image(tmp_path, monkeypatch):
    monkeypatch.setattr("made_runs.MOST_ROWS", 12)
    run = sweep_of(tmp_path, "gaussian_noise", first_of((1, 0.5), 6, 4), (10, 20), 4)
    *_, last = run.parts.values()
    last.unlink()
    figures = Figures.of([open_run(run.path)])
    (family,) = assessment_json(figures, verdict(figures, ()), [], {})["families"]
    assert family["copies"] == [2, 4]
    assert not family["most_harmful"] and not family["least_harmful"], "there is no other"


def test_what_there_was_no_time_for_is_not_decided(figures):
    planned = ["gaussian_noise", "fog", "jpeg", "brightness"]
    brightness, mean, fog = check(figures, parse_requirements(["brightness:5", "mean:5", "fog:0"]), planned)
    assert brightness.sentence == (
        "brightness:5 is not decided: the assessment ended before it came to brightness; give it more minutes."
    )
    assert mean.sentence.startswith("mean:5 is not decided: only 3 of 4 degradations were measured")
    assert [brightness.status, mean.status, fog.status] == ["not decided", "not decided", "met"]
    assert not failed([brightness, mean]) and "nan" not in junit([brightness, mean])
    with pytest.raises(InputError, match="contrast, which is not swept"):
        check(figures, parse_requirements(["contrast:5"]), planned)
