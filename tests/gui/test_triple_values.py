"""What triples and galleries show and say of an image, against values worked out by hand; no window."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from numpy_runs import NAMES, brightness, search, sweep

from tfstab import SweepConfig
from tfstab.gui.content import triple
from tfstab.gui.content.entry import Entry
from tfstab.gui.content.gallery import Gallery, SortKey, gallery_of_search, gallery_of_sweep
from tfstab.gui.content.live_triple import live_triple
from tfstab.gui.content.overview import clean_number
from tfstab.gui.content.points import read_points
from tfstab.gui.content.predictions import score_bars
from tfstab.gui.content.replay import replay_triple
from tfstab.metrics import Estimate
from tfstab.search.result import HISTORY


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    return sweep(tmp_path_factory.mktemp("values") / "sweep")


@pytest.fixture(scope="module")
def jpeg(tmp_path_factory):
    config = SweepConfig(degradation="jpeg", severities=(60, 5, 1))
    return sweep(tmp_path_factory.mktemp("values") / "jpeg", config)


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    return search(tmp_path_factory.mktemp("values") / "search")


# --- triple ---


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Image 897: deer/Deer_0097.PNG", "image-897-deer-deer-0097"),
        ("Image 5: a.b/c.jpeg, sigma 20, copy 1", "image-5-a.b-c-sigma-20-copy-1"),
        ("Image 3", "image-3"),
    ],
)
def test_a_name_for_files_of_images_has_no_suffix_of_its_own(searched, title, name):
    assert replace(triple.triple_of_search(searched.result(1), NAMES), title=title).file_name == name


def test_the_triple_of_a_search_in_words(searched):
    result = replace(searched.result(1), queries=12345, generations=1234)
    said = triple.triple_of_search(result, NAMES)
    groups = {heading: dict(lines) for heading, lines in said.facts}
    clean, now = result.clean_scores, result.scores
    assert said.title == "Image 1" and list(groups) == ["Image 1", "Noise", "Search"] and said.noise_is == "Noise"
    assert groups["Image 1"] == {
        "True class": "dog [1]", "Prediction when clean": f"dog [1]  ({clean[1]:.3f})",
        "Prediction when degraded": f"cat [0]  ({now[0]:.3f})",
        "Score of the true class": f"{clean[1]:.3f} → {now[1]:.3f}",
        "Lead over the true class": f"{now[0] - now[1]:+.3g}",
    }  # fmt: skip
    l2 = math.sqrt(sum(float(v) ** 2 for v in result.noise.ravel()))
    assert groups["Noise"] == {
        "L2": f"{l2:.2f}", "L2 / 255": f"{l2 / 255:.4f}", "Linf": f"{np.abs(result.noise).max():.2f}",
        "L2, 8-bit image": f"{result.l2_uint8:.2f}", "PSNR": f"{20 * math.log10(255 / (l2 / 4)):.2f} dB",
    }  # fmt: skip
    assert groups["Search"] == {
        "Minimised": "L2", "Found": "yes", "Stop reason": "query limit reached", "Queries": "12,345",
        "Generations": "1,234", "Objective": f"{result.objective:.6g}",
    }  # fmt: skip
    assert said.clean_says == f"dog, score {clean[1]:.3f}" and said.degraded_says == f"cat, score {now[0]:.3f}"
    assert [(bar.name, bar.actual, bar.predicted) for bar in said.bars] == [
        ("cat", False, True), ("dog", True, False), ("2", False, False),
    ]  # fmt: skip
    assert [bar.clean for bar in said.bars] == pytest.approx([clean[0], clean[1], clean[2]])
    assert [bar.degraded for bar in said.bars] == pytest.approx([now[0], now[1], now[2]])
    none = triple.triple_of_search(replace(result, size_uint8=math.nan), NAMES)
    assert dict(none.facts[1][1])["L2, 8-bit image"] == "none found that flips the prediction"
    none = triple.triple_of_search(replace(result, size_uint8=math.nan, found=False), NAMES)
    assert dict(none.facts[1][1])["L2, 8-bit image"] == "–" and dict(none.facts[2][1])["Found"] == "no"
    wrong = triple.triple_of_search(searched.result(8), NAMES)
    assert dict(wrong.facts[1][1])["PSNR"] == "infinite (unchanged)"


def test_the_triple_of_a_point_in_words(swept):
    points = read_points(swept, 0)
    right = int(np.flatnonzero((points.image == 0) & (points.predicted == 0) & (points.severity_index == 1))[0])
    wrong = int(np.flatnonzero((points.image == 0) & (points.predicted == 1))[0])
    for place, is_right in ((right, True), (wrong, False)):
        image, severity, copy = points.key(place)
        said = triple.triple_of_point(swept, points, place)
        sigma = (5, 90, 30)[severity]
        assert said.title == f"Image 0, sigma {sigma}, copy {copy}" and said.noise_is == "Noise"
        degraded = swept.degraded_image(image, severity, copy)
        np.testing.assert_array_equal(said.degraded, degraded)
        np.testing.assert_array_equal(said.noise, degraded - swept.clean.images[0])
        scores = brightness(degraded[None])[0]
        (_, own), (heading, noise) = said.facts
        own, noise = dict(own), dict(noise)
        assert own["Correct when clean"] == "yes"
        assert own["Correct when degraded"] == ("yes" if is_right else "no")
        margin = f"at most {1 - 2 * scores[0]:+.3g}" if is_right else f"{scores[1] - scores[0]:+.3g}"
        assert own["Lead over the true class"] == margin and heading == "Noise"
        l2 = np.linalg.norm(said.noise.astype(float))
        assert noise == {
            "Sigma": f"{sigma} grey levels", "Copy": f"{copy} (0 to 5)", "L2": f"{l2:.2f}",
            "L2 / 255": f"{l2 / 255:.4f}", "Linf": f"{np.abs(said.noise).max():.2f}",
            "PSNR": f"{20 * math.log10(255 / (l2 / 4)):.2f} dB",
        }  # fmt: skip
        assert said.degraded_says == f"{'cat' if is_right else 'dog'}, score {scores.max():.3f}"
        assert said.clean_says == f"cat, score {swept.clean.scores[0].max():.3f}"
        known = {bar.name: bar.degraded for bar in said.bars}
        assert known["2"] is None and known["cat"] == pytest.approx(scores[0], abs=1e-5)


def test_a_point_of_another_family_is_a_difference(jpeg):
    points = read_points(jpeg, 1)
    said = triple.triple_of_point(jpeg, points, 0)
    image, severity, _ = points.key(0)
    assert said.title == f"Image {image}, quality {(60, 5, 1)[severity]}" and said.noise_is == "Difference"
    names = [name for name, _ in said.facts[1][1]]
    assert said.facts[1][0] == "Difference" and "Copy" not in names and names[0] == "Quality"


def test_an_image_without_a_class_has_no_true_one(searched, monkeypatch):
    run, result = searched, searched.result(1)
    assert any(bar.actual for bar in triple.triple_of_search(result, NAMES, run=run).bars)
    assert clean_number(Estimate(1, 0.2, 1), run.info, 4).caption == "clean accuracy of 4 images (20–100)"
    monkeypatch.setitem(run.info["data"], "remarks", "resized to 4 x 4 (stretch), classes as predicted")
    said = triple.triple_of_search(result, NAMES, run=run)
    assert not any(bar.actual for bar in said.bars) and dict(said.facts[0][1])["True class"].startswith("unknown; ")
    names = ["True class", "Prediction when clean", "Prediction when degraded"]
    assert [name for name, _ in said.facts[0][1]] == names
    assert clean_number(Estimate(1, 0.2, 1), run.info, 4).caption.startswith("clean accuracy, by definition")


def test_score_bars_put_predicted_and_actual_first():
    names = list("abcdefgh")
    clean = np.array([0.05, 0.3, 0.05, 0.1, 0.2, 0.15, 0.1, 0.05])
    bars = score_bars(clean, {7: 0.6, 2: 0.1}, 2, names)
    assert [bar.name for bar in bars] == ["h", "c", "b", "e", "f"]
    assert [(bar.actual, bar.predicted) for bar in bars[:3]] == [(False, True), (True, False), (False, False)]
    assert [bar.degraded for bar in bars] == [0.6, 0.1, None, None, None]
    same = score_bars(clean, {2: 0.4}, 2, names)
    assert [bar.name for bar in same] == ["c", "b", "e", "f", "d"] and same[0].actual and same[0].predicted


def test_predicted_and_true_class_come_first_whatever_their_scores_and_the_others_by_theirs():
    clean = np.array([0.01, 0.02, 0.9, 0.03, 0.0, 0.0, 0.04, 0.0])
    bars = score_bars(clean, {7: 0.6, 2: 0.1, 1: 0.05}, 2, list("abcdefgh"))
    assert [bar.name for bar in bars] == ["h", "c", "b", "g", "d"]
    six = score_bars(clean[:6], {2: 0.1}, 2, list("abcdef"))
    assert [bar.name for bar in six] == ["c", "d", "b", "a", "e", "f"], "a single class is not left out"


def test_other_norms_and_gradients_of_a_search_are_told(searched):
    result = searched.result(1)
    for norm, named in (("l2", None), ("l1", ("L1", f"{result.l1:,.0f}")), ("l0", ("L0", f"{result.l0:,} values"))):
        groups = dict(triple.triple_of_search(replace(result, norm=norm, gradients=1234), NAMES).facts)
        assert [pair for pair in groups["Noise"] if pair[0] in ("L1", "L0")] == ([named] if named else [])
        assert ("Gradients", "1,234") in groups["Search"]
    assert "Gradients" not in dict(dict(triple.triple_of_search(result, NAMES).facts)["Search"])


def test_a_replayed_generation_has_its_noise_within_the_grey_levels(searched):
    result = searched.result(1)
    shares = result.history[:, HISTORY.index("share_misclassified")]
    first = int(np.flatnonzero(shares > 0)[0])
    assert 0 < first < len(shares), "at first, nothing is misclassified"
    noise = np.zeros((4, 4, 1), np.float32)
    noise[0, 0], noise[1, 1], noise[2, 2] = -300, 300, 1
    for kept in (first, first + 1, len(shares)):
        course = SimpleNamespace(at=lambda generation, kept=kept: (kept, noise), generations=[1, kept])
        said = replay_triple(result, course, kept + 3, searched)
        np.testing.assert_array_equal(said.degraded, np.clip(result.clean + noise, 0, 255))
        np.testing.assert_array_equal(said.noise, said.degraded - result.clean)
        (_, own), (_, lengths) = said.facts
        assert dict(own)["Misclassified"] == ("yes" if kept > first else "not yet")
        assert said.degraded_says == f"generation {kept}: {'misclassified' if kept > first else 'still dog'}"
        assert lengths[:2] == (
            ("L2", f"{np.linalg.norm(said.noise):.2f}"), ("Linf", f"{np.abs(said.noise).max():.2f}"),
        )  # fmt: skip
        assert said.clean_says == f"dog, score {result.clean_scores.max():.3f}"


def test_the_triple_of_a_search_in_work(searched):
    noise = np.full((4, 4, 1), -100.0, np.float32)
    live = SimpleNamespace(
        image=2, noise=noise, flipped=False, state="working", generation=1500, queries=75_000, norm=400.0
    )
    said = live_triple(live, searched)
    clean = searched.clean.images[2]
    np.testing.assert_array_equal(said.degraded, np.clip(clean.astype(float) - 100, 0, 255))
    assert said.title == "Image 2, generation 1500" and said.degraded_says == "still dog"
    assert said.clean_says == f"dog, score {searched.clean.scores[2].max():.3f}"
    assert said.facts == (
        ("Image 2, being searched", (("True class", "dog [1]"), ("Result so far", "working"))),
        ("Search", (("Generations", "1,500"), ("Queries", "75,000"))),
        ("Noise", (("L2", "400.00"), ("L2 / 255", "1.5686"), ("Linf", "100.00"))),
    )
    live.flipped, live.noise = True, np.full((4, 4, 1), 300.0, np.float32)
    assert live_triple(live, searched).degraded_says == "misclassified"
    assert (live_triple(live, searched).degraded == 255).all()


# --- gallery ---


def test_a_gallery_of_a_search_by_hand(searched):
    entries = [Entry.of(result) for result in searched]
    entries[3] = replace(entries[3], found=False)
    gallery = gallery_of_search(entries, NAMES)
    assert [key.title for key in gallery.keys] == ["index", "class", "L2", "PSNR"]
    assert [key.descending for key in gallery.keys] == [False, False, False, True]
    assert gallery.keys[2].values[3] == np.inf and gallery.keys[3].values[3] == -np.inf
    assert gallery.keys[2].values[1] == entries[1].l2 and gallery.predicted[3] == -1
    assert {title: np.flatnonzero(chosen).tolist() for title, chosen in gallery.only} == {
        "misclassified when clean": [8], "found by the search": [0, 1, 2, 4, 5, 6, 7], "not found": [3],
    }  # fmt: skip
    assert gallery.caption(1) == f"dog → cat\nL2 {entries[1].l2:.1f}" and gallery.caption(3) == "dog\nnot found"
    assert gallery.tip(8) == "Image 8: cat → 2, wrong clean"
    assert gallery.picture(5) is entries[5].clean and len(gallery) == 9
    by_l2 = gallery.select(1, 1, 2, False).tolist()
    assert by_l2 == sorted([1, 2, 4, 5, 6], key=lambda k: entries[k].l2)
    assert gallery.select(None, None, 99, True).tolist() == list(range(9))
    assert gallery.select(None, 7, 0, True).tolist() == list(range(8, -1, -1))
    assert gallery.select(None, 3, 4, True).tolist() == list(range(9)), "there are three subsets and four orders"
    assert gallery.classes(0) == ("cat", "dog") and gallery.classes(3) == ("dog",)
    assert gallery.all_classes == {gallery.classes(k) for k in range(9)} and len(gallery.all_classes) > 3


def test_a_gallery_of_a_sweep_by_hand(swept):
    gallery = gallery_of_sweep(swept, swept.measures)
    rows = swept.samples().to_pandas()
    wrong = rows.assign(wrong=rows.predicted != rows.class_index).groupby("image").wrong.mean()
    failing = rows[rows.predicted != rows.class_index].groupby("image").severity.min()
    np.testing.assert_allclose(gallery.share[np.argsort(gallery.image)], wrong.to_numpy())
    by_title = {key.title: key for key in gallery.keys}
    assert {title: key.descending for title, key in by_title.items()} == {
        "index": False, "class": False, "score when clean": True, "share misclassified": True,
        "first failing sigma": False, "first failing PSNR": True,
    }  # fmt: skip
    for place, image in enumerate(gallery.image.tolist()):
        expected = 0.0 if image == 8 else failing.get(image, np.inf)
        assert gallery.failing[place] == expected == by_title["first failing sigma"].values[place]
        tip = gallery.tip(place)
        share = f"{100 * wrong[image]:.1f} % wrong"
        assert share in gallery.caption(place) and tip.startswith(f"Image {image}: ")
        if image == 8:
            assert tip.endswith(", misclassified when clean")
        elif math.isinf(expected):
            assert tip.endswith(", never misclassified")
        else:
            assert f", first misclassified at sigma {expected:g} and PSNR {gallery.mildest[place]:.1f} dB" in tip
        np.testing.assert_array_equal(gallery.picture(place), swept.clean.images[image])
    only = {title: set(gallery.image[chosen].tolist()) for title, chosen in gallery.only}
    never = set(range(9)) - set(failing.index.tolist())
    assert only == {
        "misclassified when clean": {8}, "never misclassified": never,
        "correct when clean, misclassified when degraded": set(range(8)) - never,
    }  # fmt: skip


def test_a_gallery_is_sorted_by_how_strong_the_first_failure_is(jpeg):
    gallery = gallery_of_sweep(jpeg, jpeg.measures)
    strength = next(key for key in gallery.keys if key.title == "first failing quality")
    expected = np.where(np.isfinite(gallery.failing), 100 - gallery.failing, np.inf)
    np.testing.assert_array_equal(strength.values, expected)
    assert gallery.neutral == 100 and gallery.degraded == (
        ("first failure", None), ("quality 60", 0), ("quality 5", 1), ("quality 1", 2),
    )  # fmt: skip


def test_an_empty_gallery():
    assert len(Gallery()) == 0 and Gallery().neutral == 0.0 and Gallery().parameter == "sigma"
    assert not SortKey("a", np.zeros(1)).descending
