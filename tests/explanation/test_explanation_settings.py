"""The settings and the time of an explanation, the figures of its causes by hand, and what a run does not have."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from explanation.given_causes import layers

from made_runs import made_explanation
from tfstab.errors import InputError, RunError
from tfstab.explanation import ExplanationConfig, ExplanationRun
from tfstab.explanation import budget as budget_module
from tfstab.explanation.analyses import analyses
from tfstab.explanation.budget import Budget
from tfstab.explanation.classes import class_ratios
from tfstab.explanation.config import MOST_COPIES, MOST_QUERIES
from tfstab.explanation.details import OTHERWISE, unseen_classes
from tfstab.explanation.gain import edge_step, gains_from
from tfstab.explanation.plan import Piece
from tfstab.gui.content.why import why_of
from tfstab.report.explanation.cause import section as section_of_cause


def test_how_smooth_images_are():
    images = np.zeros((2, 1, 3, 1), np.uint8)
    images[1, 0, :, 0] = 0, 2, 8
    # Less their mean they are -+ (0, 1, 4): mean square 17 / 3, mean square difference (1 + 9) / 2.
    assert edge_step(images) == pytest.approx(np.sqrt(2 * (17 / 3) / 5))
    assert edge_step(images.swapaxes(1, 2)) == pytest.approx(np.sqrt(2 * (17 / 3) / 5))
    assert np.isnan(edge_step(images[:1])) and np.isnan(edge_step(np.zeros((3, 1, 1, 1), np.uint8)))
    assert np.isnan(edge_step(np.arange(8, dtype=np.uint8).reshape(8, 1, 1, 1).repeat(2, axis=1))), "flat images"
    assert edge_step(np.array([0, 0, 0, 1], np.uint8).reshape(2, 2, 1, 1)) == 1  # of -+ (0, 0.5): 2 / 8 over 1 / 4


def test_the_ratio_of_two_classes_by_hand():
    margins = np.exp([0, 1, 2, 3, 4, 10, 12, 14, 16, 18.0])
    classes = np.repeat([0, 1], 5)
    found = class_ratios(margins, classes)
    # The 25 differences of logarithms in order; the interval is 9.38 of them wide on each side (Mann-Whitney).
    pairs = np.sort(np.subtract.outer(np.arange(5), [10, 12, 14, 16, 18]).ravel())
    low, middle, high = np.log([getattr(found[0], end) for end in ("low", "value", "high")])
    assert (low, middle, high) == pytest.approx((pairs[3], pairs[12], pairs[22]))
    assert np.log(found[1].value) == pytest.approx(-middle)
    assert class_ratios(margins[1:], classes[1:]) == {} == class_ratios(margins[:-1], classes[:-1]), (
        "five images at least"
    )
    three = class_ratios(np.tile(margins, 3), np.concatenate([classes, classes + 1, classes + 2]))
    assert three.keys() == {0, 1, 2, 3}


def test_the_gains_of_layers_by_hand():
    arrays = layers([2.0, -4], step=3, taken=5)
    arrays |= {"noise_distance": np.array([[1.0, 8, 2], [2, 4, 2]]), "gradient": np.array([[1.0, 4, 0], [2, 8, 1]])}
    arrays["image_distance"] = np.sqrt(2) * np.array([[1.0, 2, 3], [1, 2, 3]])
    found = gains_from(arrays)
    np.testing.assert_allclose(found.gain, [[1, 4, 2 / 3], [1, 1, 1 / 3]])
    np.testing.assert_allclose(found.taken[:, 1], [5, 2.5])
    np.testing.assert_allclose(found.step[:, 1], 3)
    np.testing.assert_allclose(found.margin, [[2, 0.25, np.nan], [-2, -0.25, -4 / 3]])
    assert found.right.tolist() == [[True] * 3, [False] * 3] and found.last_hidden(0) == 1
    figures = found.figures()[1]
    assert figures.margin.value == 0.25 and figures.quotient.value == 0.25 / 4 and figures.gain.value == 2.5
    arrays["noise_taken"] = np.array([[1.0, 7.6, 1], [2, 2.1, 2.4]])
    assert gains_from(arrays).takes_image.tolist() == [True, False, False]
    arrays["noise_taken"][0, 1] = 0.95
    assert gains_from(arrays).takes_image.tolist() == [True, True, False], "all images but for a tenth"
    assert gains_from(layers([0.5, 0, -1])).right[:, 0].tolist() == [True, False, False]
    dead = {name: arrays[name] * [1, 0, 1] for name in ("noise_distance", "image_distance")}
    assert gains_from(arrays | dead).compare_images, "a layer that returns the same for all images"
    assert found.compare_images and not gains_from(arrays | {"image_distance": np.full((2, 3), np.nan)}).compare_images


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [("copies", 2, MOST_COPIES), ("max_queries", 100, MOST_QUERIES), ("seed", 0, 2**63 - 1)],
)
def test_the_ends_of_the_settings(name, lowest, highest):
    for value in (lowest, highest):
        assert getattr(ExplanationConfig(**{name: value}), name) == value
    for value in (lowest - 1, highest + 1):
        with pytest.raises(InputError, match=f"{name} is {value}"):
            ExplanationConfig(**{name: value})
    assert ExplanationConfig(sigma=0.5, only=["copies"]).changed == {"sigma": 0.5, "only": ("copies",)}
    assert ExplanationConfig(sigma=255).changed == {"sigma": 255} and "seed" not in ExplanationConfig().settings
    for sigma in (0, 256, np.nan):
        with pytest.raises(InputError, match="sigma is"):
            ExplanationConfig(sigma=sigma)


def pieces(images, name="copies"):
    return [Piece(analyses()[name], 0, images)]


def test_parts_fit_if_they_may_take_a_quarter_longer_than_those_before(tmp_path):
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in (
        {"part": "copies-0000000-0000004", "seconds": 100}, {"part": "copies-0000004-0000014", "seconds": 20},
        {"part": "copies-0000014-0000015", "seconds": 2e7}, {"part": "copies-0000014-0000015", "seconds": -1},
        {"part": "copies-0000014-0000014", "seconds": 9}, {"part": "features-0000000-0000001", "seconds": 1e7},
        {"part": "other", "seconds": 9}, {"part": 3}, {"said": "x"},
    )))  # fmt: skip
    budget = Budget(1)
    budget.learn_from(tmp_path)  # 2 s an image, the latest
    assert budget.fits(pieces(23)) and not budget.fits(pieces(24)) and not budget.fits(pieces(1, "features"))
    assert not budget.fits(pieces(12) + pieces(13))
    assert budget.fits(pieces(1000, "noise")), "nothing is known of it"
    budget.learn(pieces(10)[0], 10)
    assert budget.fits(pieces(46)) and not budget.fits(pieces(49))
    work = analyses()["noise"].work / analyses()["copies"].work
    assert budget.fits(pieces(int(46 / work), "noise")) and not budget.fits(pieces(int(49 / work) + 1, "noise"))
    assert Budget().fits(pieces(10**9))


def test_time_for_the_page_is_kept_and_more_on_a_busy_machine_but_at_most_a_quarter(monkeypatch):
    now = SimpleNamespace(wall=1000.0, computed=0.0)
    clock = SimpleNamespace(perf_counter=lambda: now.wall, process_time=lambda: now.computed)
    monkeypatch.setattr(budget_module, "time", clock)

    def left(minutes, computed):
        """Seconds for parts after 40 s, of which this process has computed for so many."""
        now.wall, now.computed = 1000.0, 0.0
        budget = Budget(minutes, page=True)
        now.wall, now.computed = 1040.0, computed
        budget.learn(pieces(10)[0], 12.5)  # 1.25 s an image
        return next(n for n in range(1000) if not budget.fits(pieces(n + 1))) * 1.25 * 1.25

    assert left(2, 40) == left(2, 80) == pytest.approx(120 - 40 - 8, abs=1.6), "two cores make the page no faster"
    assert left(2, 20) == pytest.approx(120 - 40 - 16, abs=1.6)
    assert left(2, 1) == pytest.approx(120 - 40 - 30, abs=1.6)
    with pytest.raises(InputError, match="minutes"):
        Budget(0, page=True)


def test_settings_of_an_explanation_name_what_is_wrong():
    with pytest.raises(InputError, match=r"unknown analysis 'layer'.*did you mean 'layers'"):
        ExplanationConfig(only=("layer",))
    with pytest.raises(RunError, match=r"^the settings of this explanation are damaged \(.*copy.*\): make the run"):
        ExplanationConfig.of_settings({"copy": 3}, 0)
    settings = ExplanationConfig(copies=7).settings
    assert ExplanationConfig.of_settings(settings, 5) == ExplanationConfig(copies=7, seed=5)


def test_classes_without_an_explained_image_are_named(tmp_path):
    run = made_explanation(tmp_path / "run", np.linspace(1, 2, 4))
    said = "No image of 2 of the 3 classes is explained (1 and 2), so nothing is said of them."
    assert said in run.summary().splitlines() and said in section_of_cause(run).lines
    assert why_of(run).scope == f"{said} Measured under noise: Gaussian noise and the minimum noise. {OTHERWISE}"
    vars(run.clean)["class_index"] = np.array([0, 1, 0, 1])
    run.info["data"]["class_names"] = ["cat", "dog", "fire truck"]
    assert unseen_classes(run) == "No image of class 'fire truck' is explained, so nothing is said of it."
    vars(run.clean)["class_index"] = np.array([0, 1, 2, 1])
    assert unseen_classes(run) == ""


def test_images_and_analyses_that_an_explanation_does_not_have(tmp_path):
    run = made_explanation(tmp_path / "run", np.linspace(1, 2, 4), l2=np.arange(4.0))
    done = {"noise", "copies", "layers"}
    assert set(run.left_out) == set(analyses()) - done and run.left_out[0] in analyses()
    table = run.to_pandas()
    assert list(table.columns) == ["label", "predicted", "l2", "falls_to", "margin", "noisy_right"]
    assert table.index.tolist() == [0, 1, 2, 3] and table["l2"].tolist() == [0, 1, 2, 3]
    vars(run.clean)["names"] = np.array([f"{k}.png" for k in range(4)])
    named = run.to_pandas()
    assert named.columns[0] == "file" and named["file"].tolist() == ["0.png", "1.png", "2.png", "3.png"]
    with pytest.raises(RunError, match=r"run has no part layers-0000002-0000004: resume the explanation\.$"):
        run.part("layers", 2, 4)
    for part in run.parts.values():
        part.unlink()
    with pytest.raises(InputError, match=r"^image 2 has not been explained yet: repeat the explanation, with more"):
        ExplanationRun(run.path).of(2)
