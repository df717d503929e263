"""Figures of a network against the counts that its runs were made of."""

import json

import numpy as np
import numpy_runs
import pytest
from assessment_runs import first_of, sweep_of

from made_runs import made_search
from tfstab import SweepConfig, open_run
from tfstab.assessment import Figures
from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.frames import degradations_frame, recalls_frame
from tfstab.assessment.noise import figures_of_sizes
from tfstab.assessment.noise_findings import noise_sentences
from tfstab.assessment.record import estimate_json
from tfstab.errors import InputError
from tfstab.metrics import Estimate, wilson_interval
from tfstab.metrics.kept import estimate
from tfstab.sweep.intervals import as_number


def test_families_are_sorted_by_what_they_leave(figures):
    assert [f.name for f in figures.families] == ["fog", "gaussian_noise", "jpeg"]
    assert [len(f.images) for f in figures.families] == [60, 120, 60]
    for f in figures.families:
        accuracy = f.run.measures.accuracy
        assert f.kept.value == pytest.approx(accuracy.mean() / f.run.measures.clean_accuracy)
        assert f.kept.low < f.kept.value <= f.kept.high
    assert figures.families[2].kept.value == 1
    assert figures.mean_kept.value == pytest.approx(np.mean([f.kept.value for f in figures.families]))


def test_tables_for_pandas_agree_with_the_sweeps(figures):
    table, recalls = degradations_frame(figures), recalls_frame(figures)
    assert list(table.index) == ["fog", "gaussian_noise", "jpeg"] and table.loc["jpeg", "title"] == "JPEG compression"
    assert (table["accuracy_low"] <= table["accuracy"]).all() and (table["accuracy"] <= table["accuracy_high"]).all()
    assert len(recalls) == 3 + sum(3 * len(f.run.severities) for f in figures.families)
    clean = recalls[recalls["degradation"] == ""]
    assert clean["images"].sum() == 120 and (clean["recall"] * clean["images"]).sum() == pytest.approx(108)
    for _, rows in recalls.groupby(["degradation", "severity"], dropna=False):  # each wrong image is taken for a class
        others = rows["images"].sum() - rows["images"]
        wrong = ((1 - rows["recall"]) * rows["images"]).sum()
        assert (rows["taken"] * others).sum() == pytest.approx(wrong)
    for f in figures.families:
        m = f.run.measures
        assert table.loc[f.name, "accuracy"] == pytest.approx(m.accuracy.mean())
        assert table.loc[f.name, "clean"] == pytest.approx(m.clean_accuracy)
        for row in recalls[recalls["degradation"] == f.name].itertuples():
            of_class = m.labels == f.run.class_names.index(row[3])
            wrong = m.wrong_share[of_class, f.run.severities.index(row.severity)]
            assert row.recall == pytest.approx(1 - wrong.mean()) and row.images == of_class.sum()
        of_classes = recalls[recalls["degradation"] == f.name].groupby("class")["recall"].mean()
        told = table.loc[f.name]
        assert told["recall"] == pytest.approx(of_classes.min()) == pytest.approx(of_classes[told["recall_class"]])
        assert told["recall_low"] < told["recall"] or told["recall"] == 0
    groups = recalls.groupby(["degradation", "severity"], dropna=False)["recall"]
    assert all(group.is_monotonic_increasing for _, group in groups), "the lowest recall first, clean and degraded"


def test_ends_of_severities_are_in_order_also_where_stronger_ones_are_smaller(tmp_path):
    """Scaling falls from 1: half is lost between 0.8 and 0.6, or perhaps at none that was measured."""
    severities = (0.8, 0.6, 0.4)
    cases = {"lost": (first_of((0.9, 0.3, 0.1), 60), True), "perhaps": (first_of((0.9, 0.6, 0.45), 60), False)}
    for name, (right, whole) in cases.items():
        run = sweep_of(tmp_path / name, "scaling", right, severities)
        row = degradations_frame(Figures.of([run])).iloc[0]
        assert row["severity50_low"] < row["severity50"] < row["severity50_high"]
        assert np.isfinite(row["severity50_low"]) == whole
    never = sweep_of(tmp_path / "never", "scaling", first_of((1, 1, 1), 60), severities)
    rising = sweep_of(tmp_path / "never", "fog", first_of((1, 1, 1), 60))
    table = degradations_frame(Figures.of([never, rising]))
    assert table["severity50"].to_dict() == {"scaling": -np.inf, "fog": np.inf}
    assert (table["severity50_low"] <= table["severity50"]).all()
    assert (table["severity50"] <= table["severity50_high"]).all()


def test_without_a_measured_degradation_the_table_for_pandas_is_empty(tmp_path, figures):
    searched = Figures.of([made_search(tmp_path / "search", [3.0, 4.0], labels=[0, 1])])
    table = degradations_frame(searched)
    assert not len(table) and list(table.columns) == list(degradations_frame(figures).columns)
    assert recalls_frame(searched)["class"].tolist() == ["0", "1"]


def test_clean_accuracy_is_of_all_images(figures):
    assert (figures.images, figures.clean) == (120, Estimate(0.9, *wilson_interval(108, 120)))
    assert (figures.model, figures.data, figures.classes) == ("made", "made", ("0", "1", "2"))
    assert figures.info["data"]["images"] == 120


def test_survivors_are_right_when_clean(figures):
    noise = figures.family("gaussian_noise")
    assert figures.sigma20 == estimate(noise.survivors(1)) and figures.sigma20.value == pytest.approx(0.9, abs=0.01)
    assert noise.middle_severity == 20 and noise.middle == figures.sigma20
    assert figures.family("fog").middle.value == pytest.approx(0.2, abs=0.01)
    assert figures.family("blur") is None


def test_where_accuracy_is_lost(figures):
    fog, jpeg, noise = (figures.family(name) for name in ("fog", "jpeg", "gaussian_noise"))
    assert fog.severity50.value == pytest.approx(20, abs=0.5) and fog.severity50.low < 20 < fog.severity50.high
    assert fog.severity10.value == pytest.approx(4, abs=0.2)
    assert noise.severity10.value == pytest.approx(20.5, abs=0.1) and noise.severity50.value == np.inf
    assert noise.severity50.low == np.inf  # the low end of its interval keeps more than half too
    assert jpeg.severity10.value == jpeg.severity10.low == np.inf
    few = FamilyFigures(jpeg.run, np.arange(20), np.ones((20, 3)), np.ones(20, bool)).severity10
    assert few.value == np.inf and 90 < few.low < 100  # 20 images that are all right do not prove 90 %


def test_the_severity_at_which_any_share_is_lost_and_the_accuracy_kept_are_those_of_the_sweep(figures, tmp_path):
    falling = sweep_of(tmp_path / "scaling", "scaling", first_of((0.9, 0.3, 0.1), 60), (0.8, 0.6, 0.4))
    for family in [*figures.families, *Figures.of([falling]).families]:
        sweep = open_run(family.run.path)
        for lost in (0.1, 0.2, 0.5):
            assert sweep.severity_of_loss(lost) == as_number(sweep.config, family.severity_of_loss(lost))
        table = sweep.to_pandas()[["accuracy_kept", "accuracy_kept_low", "accuracy_kept_high"]]
        np.testing.assert_array_equal(table.to_numpy().T, family.kept_at())
    never = open_run(figures.family("jpeg").run.path).severity_of_loss(0.2)
    assert (never.value, never.low) == (-np.inf, -np.inf), "a quality below all that were tried"
    assert open_run(figures.family("gaussian_noise").run.path).severity_of_loss().value == np.inf
    told = falling.severity_of_loss(0.2)
    assert told.low > told.value > told.high and 0.6 < told.value < 0.8  # the milder end first
    fog = figures.family("fog").run
    assert fog.severity_of_loss() == fog.severity_of_loss(0.5) == figures.family("fog").severity50


def test_the_severity_of_loss_of_a_class_is_that_of_its_images_alone(figures, tmp_path):
    fog = figures.family("fog")
    mine = fog.labels == 1
    alone = FamilyFigures(fog.run, fog.images[mine], fog.share_right[mine], fog.clean_right[mine])
    assert fog.run.severity_of_loss(0.2, class_index=1) == alone.severity_of_loss(0.2) != fog.severity_of_loss(0.2)
    for wrong in ({"lost": 0}, {"lost": 1}, {"lost": 20}, {"lost": "a fifth"}, {"class_index": 3}):
        with pytest.raises(InputError, match=f"{next(iter(wrong))} is "):
            fog.run.severity_of_loss(**wrong)
    both = sweep_of(tmp_path / "both", "rotation", first_of((0.9, 0.9), 60), (-10, 10))
    assert np.isnan(both.severity_of_loss(0.2).value)


def test_images_weigh_equally_whatever_their_copies(figures):
    """Ten copies of a failing image weigh as one copy of a good one does."""
    noise = figures.family("gaussian_noise")
    shares = np.array([[0.0], [1.0]] * 3)
    assert FamilyFigures(noise.run, np.arange(6), shares, np.ones(6, bool)).kept.value == 0.5


def test_of_fewer_than_five_images_right_when_clean_there_are_no_shares(figures):
    """However many images are wrong when clean; one that degradation makes right would make 120 % of 100."""
    noise = figures.family("gaussian_noise")
    for right, known in ((4, False), (5, True)):
        few = FamilyFigures(noise.run, np.arange(60), np.ones((60, 3)), np.arange(60) < right)
        told = [few.kept.value, few.middle.value, few.severity10.value, *few.kept_at().ravel(), few.still_right(0).low]
        assert [not np.isnan(value) for value in told] == [known] * len(told)


def test_classes_are_of_the_images_that_all_families_have(figures):
    for c in figures.weakest_classes:
        mine = np.arange(60) % 3 == c.index
        shares = [f.share_right[:60][mine].mean() for f in figures.families]
        assert c.worst.name == "fog"
        assert (c.images, c.accuracy.value) == (20, pytest.approx(np.mean(shares)))
        assert c.mistaken_for == (c.index + 1) % 3 and c.share_of_errors.value == 1
        example = c.example()
        run = figures.family(example.family).run
        sample = run.sample(example.image, example.severity_index, example.copy)
        assert (example.family, example.severity) == ("fog", 20)  # the worst family, at its mildest severity
        assert (sample["class_index"], sample["predicted"]) == (c.index, example.predicted)
        assert run.clean.correct[run.clean.row(example.image)]
    values = [c.accuracy.value for c in figures.weakest_classes]
    assert values == sorted(values)


def test_minimum_noise_and_the_random_noise_that_the_same_images_tolerate(figures):
    noise = figures.noise
    assert (noise.count, noise.found) == (9, 8)  # the last image is wrong when clean
    assert (noise.size.value, noise.quartiles) == (4, (3, 5))
    assert (noise.compared, noise.tolerant) == (8, 8)  # the first ten images are right up to sigma 40
    assert np.isnan(noise.random_ratio.value) and noise.random_ratio.high == np.inf


def test_the_ratio_of_random_to_minimum_noise(tmp_path):
    right = np.ones((8, 2, 2), bool)
    right[:, 1] = False
    right[:2, 0, 0] = False  # half of their copies fail at sigma 10 already
    psnr = np.array([[30, 24], [20, 20]], np.float32)[None]
    sweep = sweep_of(tmp_path, "gaussian_noise", right, (10, 40), 2, psnr=psnr)
    search = made_search(tmp_path / "search", np.full(8, 5.0), np.arange(8) % 3)
    noise = Figures.of([sweep, search]).noise
    at_10, at_40 = (255 * np.sqrt(4 * np.mean(10 ** (-np.array(p) / 10))) for p in ([30, 24], [20, 20]))
    assert (noise.random_ratio.value, noise.tolerant) == (pytest.approx(at_40 / 5, rel=1e-5), 0)
    assert noise.random_ratio.low == pytest.approx(at_10 / 5, rel=1e-5)


@pytest.mark.parametrize("tolerant", [1, 3, 6, 10, 19, 20])
def test_no_ratio_of_random_to_minimum_noise_is_larger_than_what_was_tried(tolerant, tmp_path):
    """Nor for an image of tiny minimum noise, whose ratio is larger than the bounds of images that stay right."""
    right = first_of((1, tolerant / 20), 20)
    l2 = np.r_[np.linspace(22, 18, 10), np.linspace(6, 4, 9), 0.5]
    sweep = sweep_of(tmp_path, "gaussian_noise", right, (10, 40), psnr=np.full((20, 2, 1), 20, np.float32))
    noise = Figures.of([sweep, made_search(tmp_path / "search", l2, np.arange(20) % 3)]).noise
    tried = 255 * np.sqrt(4 * 10**-2) / l2  # of each image; a lower bound of the first ones
    ratio = noise.random_ratio
    assert (noise.tolerant, noise.strongest) == (tolerant, 40)
    assert ratio.low == pytest.approx(np.sort(tried)[5], rel=1e-5) and ratio.low <= np.median(tried)
    assert np.isnan(ratio.value) and (ratio.high <= max(tried) or (tolerant > 5 and ratio.high == np.inf))
    high = ratio.high if tolerant <= 5 else None
    assert estimate_json(ratio) == {"value": None, "interval_95": [ratio.low, high]}
    said = noise_sentences(noise).text
    assert ("must be at least 2.5 times as large to do the same (the lower end" in said) == (tolerant > 5)
    assert ("must be 2.6 to" in said and "times as large to do the same (the 95 % interval)" in said) == (tolerant <= 5)


def test_the_ratio_is_known_if_those_that_stay_right_are_above_it_anyway(tmp_path):
    sweep = sweep_of(
        tmp_path, "gaussian_noise", first_of((1, 0.2), 20), (10, 40), psnr=np.full((20, 2, 1), 20, np.float32)
    )
    l2 = np.r_[np.full(4, 1.0), np.full(16, 10.0)]
    noise = Figures.of([sweep, made_search(tmp_path / "search", l2, np.arange(20) % 3)]).noise
    assert noise.tolerant == 4 and noise.random_ratio.value == pytest.approx(5.1, rel=1e-5)
    assert "must be 5.1 times as large (5.1–5.1) to do the same: the median" in noise_sentences(noise).text


def test_noise_of_length_0_is_found_but_not_compared(tmp_path):
    sweep = sweep_of(tmp_path, "gaussian_noise", first_of((1, 0), 5), (10, 40))
    figures = figures_of_sizes({0: 0.0, 1: 4.0, 2: np.inf, 3: 2.0, 9: 8.0}, "l2", sweep)
    assert (figures.count, figures.found, figures.compared, figures.tolerant) == (5, 4, 2, 0)
    assert figures.size.value == 4 and figures.quartiles == (2, 8)


def test_a_network_that_gets_nothing_right_has_no_ratios(tmp_path):
    nothing = np.zeros((6, 3, 1), bool)
    figures = Figures.of([sweep_of(tmp_path, "fog", nothing, clean=np.zeros(6, bool))])
    assert figures.clean.value == 0 and np.isnan(figures.families[0].kept.value)
    assert np.isnan(figures.families[0].severity50.value) and np.isnan(figures.mean_kept.value)


def test_severities_on_both_sides_of_the_neutral_one_have_no_crossing(tmp_path):
    run = sweep_of(tmp_path, "brightness", first_of((0.2, 0.9), 10), (-100, 20))
    assert np.isnan(Figures.of([run]).families[0].severity50.value)


def test_runs_must_fit_each_other(runs, tmp_path):
    other = sweep_of(tmp_path, "fog", first_of((1, 1, 1), 6), name="another")
    with pytest.raises(InputError, match="are of several networks"):
        Figures.of([runs[0], other])
    again = sweep_of(tmp_path / "again", "fog", first_of((1, 1, 1), 60))
    with pytest.raises(InputError, match="both of fog"):
        Figures.of([*runs, again])
    with pytest.raises(InputError, match="no run was given"):
        Figures.of([])


def test_images_of_one_index_must_be_the_same(tmp_path):
    config = SweepConfig(degradation="fog", severities=(50,))
    noise = numpy_runs.sweep(tmp_path / "noise", data=numpy_runs.dataset(9))
    fits = numpy_runs.sweep(tmp_path / "fits", config, numpy_runs.dataset(9).take(4))
    other = numpy_runs.sweep(tmp_path / "other", config, numpy_runs.dataset(9, seed=1))
    assert [len(f.images) for f in Figures.of([noise, fits]).families] in ([9, 4], [4, 9])
    assert [Figures.of([fits], available).limited for available in (None, 4, 9)] == [False, True, False]
    fits.info["data"]["remarks"] = "damaged files left out: 5"  # which have an index, so that the last one is 8 of 4
    assert not Figures.of([fits], 4).limited
    with pytest.raises(InputError, match="are of different images"):
        Figures.of([noise, other])


def test_runs_without_fingerprints_of_their_images_are_compared(tmp_path):
    for seed, family in enumerate(("fog", "jpeg")):
        run = numpy_runs.sweep(tmp_path / family, SweepConfig(degradation=family), numpy_runs.dataset(seed=seed))
        info = json.loads((run.path / "run.json").read_text())
        for key in ("images_fingerprint", "indices_fingerprint"):
            del info["data"][key]
        (run.path / "run.json").write_text(json.dumps(info))
    with pytest.raises(InputError):
        Figures.of([open_run(tmp_path / family) for family in ("fog", "jpeg")])
