"""Which degradations the verdict names as the most harmful, and how many images decide between them."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from assessment_runs import sweep_of, texts
from verdict_figures import figures_of

from tfstab.assessment import Figures, verdict
from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.ranking import extreme, standings
from tfstab.metrics.outlook import round_up
from tfstab.metrics.paired import mean_difference
from tfstab.metrics.shares import inside, interval, rounded


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
    hardened = replace(figures, available=70, limited=True, of_hardening=True)
    (aside,) = texts(verdict(hardened, ()), "undecided")[:1]
    assert "Only 70 of the data's images were compared. If a limit of images was given, raise it" in aside
    assert aside.endswith("such as photos/val, some of the test images are set aside for validation.")
    (clean,) = texts(verdict(replace(figures, available=1499), ()), "clean")
    assert clean.startswith("Of 60 clean images (of 1,499 given), ")
    (clean,) = texts(verdict(replace(figures, available=60), ()), "clean")
    assert clean.startswith("Of 60 clean images, ")


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
        "but the images tested do not rule out JPEG compression (89 %, 79–95). Contrast is ruled out: "
        "compared on the same images, it certainly costs less accuracy than fog."
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
        "do not rule out contrast (more contrast) (74 %, 68–78). Some intervals in brackets do not overlap, but "
        "this does not decide it: each holds for one degradation alone, and comparing all of them at once takes larger "
        "differences. Any two are compared only on the images that both have."
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


def test_families_that_are_decided_need_no_more_images(tmp_path):
    few = figures_of(tmp_path, [(1.0, 0.99, 0.98), (0.3, 0.2, 0.1), (0.8, 0.7, 0.6), (0.5, 0.5, 0.5)], images=400)
    found = {one.family.name: (one.words, one.doubtful, one.images_needed) for one in standings(few.families)}
    assert found == {
        "fog": ("hardly touches", None, 0), "contrast": ("breaks", None, 0), "gaussian_blur": ("between", None, 0),
        "jpeg": ("undecided", 0.5, math.inf),  # it is exactly on the limit
    }  # fmt: skip
