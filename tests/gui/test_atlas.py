"""The atlas: which images are mapped, the map and its cache, and how it is linked with the rest of the page."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import numpy_runs
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QStyle, QStyleOptionComboBox

from tfstab import open_run
from tfstab.errors import RunError
from tfstab.explanation.features import MOST_FEATURES
from tfstab.gui.background import Background
from tfstab.gui.content.atlas import CLASS, SEVERITY, AtlasMap, about, groups, map_search, map_sweep, summary
from tfstab.gui.jobs import mapping
from tfstab.gui.jobs.mapping import CLEAN, atlas
from tfstab.gui.sessions.atlas import Atlas
from tfstab.gui.sessions.atlas_cache import cache_path, keep_map, read_map


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A sweep of nine images of 4 x 4 pixels at three severities."""
    return numpy_runs.sweep(tmp_path_factory.mktemp("atlas") / "run")


@pytest.mark.parametrize(
    ("images", "severities", "states", "points"),
    [(9, 3, [0, 1, 2], 36), (1000, 12, [2, 11], 10_000), (10_000, 12, [3, 7, 11], 10_000), (10_000, 1, [0], 10_000)],
)
def test_a_map_has_as_many_severities_and_images_as_fit(images, severities, states, points):
    clean = SimpleNamespace(indices=np.arange(images) + 7)
    family = SimpleNamespace(at="sigma {}".format)
    keys = map_sweep(SimpleNamespace(clean=clean, severities=[0.0] * severities, degradation=family)).keys
    assert len(keys) == points and len(np.unique(keys, axis=0)) == points
    present = np.unique(keys[:, 1]).tolist()
    assert present[0] == CLEAN and set(states) <= set(present) and present[-1] == severities - 1
    assert len({keys[keys[:, 1] == s, 0].tobytes() for s in present}) == 1  # the same images in every state
    assert keys[0, 0] == 7 and keys[:, 0].max() == images + 6


def test_a_search_maps_what_it_has_found():
    def entry(image, found, wrong=False):
        return SimpleNamespace(image=image, found=found, wrong_when_clean=wrong)

    found = map_search(None, [entry(3, True), entry(5, False), entry(8, True, wrong=True)])
    assert found.keys.tolist() == [[3, CLEAN, 0], [5, CLEAN, 0], [8, CLEAN, 0], [3, 0, 0]]
    assert map_search(None, []).keys.shape == (0, 3)


def test_the_map_is_of_the_images_of_the_run(run):
    model, mapped = numpy_runs.classifier(), map_sweep(run)
    parts = list(atlas(model, mapped.question()))
    named = {part[0]: part[1] for part in parts if part is not None}
    assert list(named) == ["share", "points", "tsne"] and named["share"] == {"share": 1.0}
    images = [
        run.clean.images[run.clean.row(i)].astype(np.float32) if s == CLEAN else run.degraded_image(i, s, c)
        for i, s, c in mapped.keys.tolist()
    ]
    assert all(np.array_equal(mapped.image(place), image) for place, image in enumerate(images))
    scores, points = model.scores(np.stack(images)), named["points"]
    assert np.array_equal(points["predicted"], scores.argmax(axis=1))
    # This model is a function without layers. Its log-scores nearly lie in a plane, so two axes keep their distances.
    assert points["features"] is False and points["explained"].sum() > 0.97
    apart = np.linalg.norm(np.log(scores) - np.log(scores[0]), axis=1)
    assert np.allclose(np.linalg.norm(points["map"] - points["map"][0], axis=1), apart, atol=0.2 * apart.max())
    assert named["tsne"]["map"].shape == (len(images), 2) and np.isfinite(named["tsne"]["map"]).all()
    with pytest.raises(RunError, match="another run"):
        next(atlas(numpy_runs.classifier(fingerprint="other"), mapped.question()))


def test_an_error_of_the_map_is_raised_where_it_was_asked_for(run, monkeypatch):
    monkeypatch.setattr(mapping, "tsne", lambda points: 1 // 0)
    parts = atlas(numpy_runs.classifier(), map_sweep(run).question())
    with pytest.raises(ZeroDivisionError):
        list(parts)


def test_t_sne_begins_at_the_principal_components_in_small(monkeypatch):
    begun = []

    class Began:
        def __init__(self, **settings):
            begun.append(settings)

        def fit_transform(self, points):
            return np.zeros((len(points), 2))

    monkeypatch.setattr("sklearn.manifold.TSNE", Began)
    rng = np.random.default_rng(0)
    for count, scale, perplexity in ((10, 7.0, 3.0), (91, 0.003, 30.0), (200, 1.0, 30.0)):
        points = (scale * rng.standard_normal((count, 5)) * [4, 1, 1, 1, 1]).astype(np.float32)
        mapping.tsne(points)
        start = begun[-1]["init"]
        assert begun[-1]["perplexity"] == perplexity and start.dtype == np.float32 and start.shape == (count, 2)
        assert start[:, 0].std() == pytest.approx(1e-4, rel=1e-4)
        np.testing.assert_allclose(start[:, 1] / start[:, 0], points[:, 1] / points[:, 0], rtol=1e-4)
    mapping.tsne(np.zeros((4, 2), np.float32))
    assert not begun[-1]["init"].any(), "points that are all alike"


def test_principal_components_are_those_of_the_clean_images():
    clean = np.array([[0, 3, 0], [0, -3, 0], [1, 0, 0], [-1, 0, 0]], np.float32)
    points, explained = mapping.principal(np.concatenate([clean, [[2, 6, 9]]]).astype(np.float32), np.arange(5) < 4)
    np.testing.assert_allclose(np.abs(points[:, :2]), [[3, 0], [3, 0], [0, 1], [0, 1], [6, 2]], atol=1e-6)
    assert points.shape == (5, 3) and explained == pytest.approx([0.9, 0.1, 0])
    points, explained = mapping.principal(np.float32([[1], [3], [5]]), np.ones(3, bool))
    assert points.shape == (3, 2) and explained.tolist() == [1, 0]
    np.testing.assert_allclose(np.abs(points), [[2, 0], [0, 0], [2, 0]], atol=1e-6)


def test_a_map_of_many_images_is_made_in_blocks_and_one_of_three_has_no_t_sne(run, monkeypatch):
    monkeypatch.setattr(mapping, "BLOCK", 4)
    monkeypatch.setattr(mapping, "tsne", lambda points: points[:, :2])
    model, mapped = numpy_runs.classifier(), replace(map_sweep(run), keys=map_sweep(run).keys[:10])
    question = mapped.question()
    parts = [part for part in atlas(model, question) if part]
    assert [values["share"] for name, values in parts if name == "share"] == [0.4, 0.8, 1.0]
    images = np.stack([mapped.image(place).astype(np.float32) for place in range(10)])
    values = dict(parts[3:])["points"]
    assert np.array_equal(values["predicted"], model.scores(images).argmax(axis=1))
    assert values["map"].shape == (10, 2) and values["explained"].shape == (2,)
    for count, named in ((3, ["share", "points"]), (4, ["share", "points", "tsne"])):
        asked = question | {"keys": mapped.keys[:count]}
        assert [part[0] for part in atlas(model, asked) if part] == named


@pytest.mark.parametrize("networks", [[2.0], [2.0, 3.0]])
def test_features_of_all_networks_of_a_model_are_mapped(run, monkeypatch, networks):
    made = []

    class Reader:
        def __init__(self, network, classifier, most):
            self.network = network
            made.append((network, most))

        def __call__(self, images):
            return images.reshape(len(images), -1)[:, :3] * self.network

    monkeypatch.setattr("tfstab.classifier.layers.networks_of", lambda classifier: networks)
    monkeypatch.setattr("tfstab.explanation.features.FeatureReader", Reader)
    monkeypatch.setattr(mapping, "tsne", lambda points: points[:, :2])
    mapped, model = map_sweep(run), numpy_runs.classifier()
    monkeypatch.setattr(type(model), "kept", lambda self, kind, make: make())  # of a model with layers
    parts = dict(part for part in atlas(model, mapped.question()) if part)
    assert made == [(network, MOST_FEATURES // len(networks)) for network in networks]
    pixels = np.stack([mapped.image(place).ravel()[:3] for place in range(len(mapped.keys))]).astype(np.float32)
    features = np.concatenate([pixels * network for network in networks], axis=1)
    points, explained = mapping.principal(features, mapped.keys[:, 1] == CLEAN)
    np.testing.assert_allclose(parts["points"]["map"], points[:, :2], rtol=1e-4, atol=1e-3)
    assert parts["points"]["features"] and parts["points"]["explained"] == pytest.approx(explained[:2], rel=1e-4)


def arrays(keys):
    """A map of each point at (its image, its severity)."""
    places = np.stack([keys[:, 0], keys[:, 1]], axis=1).astype(np.float32)
    predicted = np.where(keys[:, 1] == 2, 2, 0)
    return {"predicted": predicted, "map": places, "tsne": places, "explained": np.ones(2), "features": np.array(True)}


def test_a_kept_map_is_found_again_unless_it_is_damaged(run, tmp_path):
    mapped = map_sweep(run)
    keys = mapped.keys
    path = tmp_path / "maps" / "one.map"
    assert read_map(path, len(keys)) is None
    keep_map(path, arrays(keys))
    kept = read_map(path, len(keys))
    assert all(np.array_equal(kept[name], value) for name, value in arrays(keys).items())
    assert read_map(path, len(keys) - 1) is None
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert read_map(path, len(keys)) is None
    assert len({cache_path(other) for other in (mapped, replace(mapped, keys=keys[1:]), map_search(run, []))}) == 3


def test_a_run_that_has_grown_is_mapped_again(run, qtbot):
    whole = map_sweep(run)
    part = replace(whole, keys=whole.keys[whole.keys[:, 0] < 5])
    for mapped in (part, whole):
        keep_map(cache_path(mapped), arrays(mapped.keys))
    grown = [part]
    found = Atlas(lambda: grown[-1], None, Background())
    for mapped in (part, whole):
        grown.append(mapped)
        found.start()
        qtbot.waitUntil(lambda: not found.waiting and found.points is not None)
        assert np.array_equal(found.points.keys, mapped.keys) and "t-SNE" in found.points.places
        before = found.points
        found.start()
        assert found.points is before and not found.waiting


def test_points_are_grouped_and_counted():
    keys = np.array([[1, CLEAN, 0], [2, CLEAN, 0], [1, 0, 0], [2, 1, 0]])
    points = AtlasMap(keys, np.array([0, 2, 0, 2]), np.array([0, 2, 1, 2]))
    by = {what: [(g.name, g.places.tolist()) for g in groups(points, np.arange(4), what, numpy_runs.NAMES, "ab")] for
          what in (CLASS, SEVERITY)}  # fmt: skip
    assert by[CLASS] == [("cat", [0, 2]), ("2", [1, 3])]
    assert by[SEVERITY] == [("clean", [0, 1]), ("a", [2]), ("b", [3])]
    assert summary(points, np.array([0, 2, 3]), numpy_runs.NAMES) == "3 points, 1 wrong: cat (2), 2 (1)"
    assert points.select(0, "misclassified").tolist() == [2] and points.select(None, "clean images").tolist() == [0, 1]
    assert about(replace(points, explained=(0.5, 0.25)), "PCA").startswith(
        "The axes keep 50 % and 25 % of the variance"
    )
    assert "log-scores" in about(replace(points, features=False), "t-SNE")
    assert points.of_image(2).tolist() == [1, 3]


def test_the_map_is_linked_in_both_directions(open_window, run, qtbot, settle):
    mapped = map_sweep(run)
    keep_map(cache_path(mapped), arrays(mapped.keys))  # so that no model is needed
    window = open_window(run.path)
    page, session = window.page(), window.controller.current
    assert page.tabs.show_view("Atlas")
    view = page.atlas.view
    qtbot.waitUntil(lambda: view.atlas.points is not None and not view.atlas.waiting)
    settle(window)
    plot = view.plot
    assert view.boxes.method.currentText() == "t-SNE" and not view.list.isVisible()

    def at(image, severity_index):
        return plot.mapFromScene(plot.box.mapViewToScene(QPointF(image, severity_index)))

    # From the map: the mouse names a point and shows its picture, and a click selects it everywhere.
    image = int(run.clean.indices[4])
    qtbot.mouseMove(plot.viewport(), at(image, 1) + QPoint(2, 1))
    qtbot.waitUntil(view.peek.isVisible)
    assert view.hint.text().startswith(f"Image {image}, sigma {run.severities[1]:g}: ")
    plot.hovered.emit(None)  # the mouse is at no point any more
    assert not view.peek.isVisible()
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=at(image, 1))
    settle(window)
    assert session.mark_key == (image, 1, 0) and session.triple is not None
    # To the map: the image selected elsewhere is ringed in all its states.
    session.select((int(run.clean.indices[6]), 2, 0))
    settle(window)
    ringed, (selected,) = plot.ringed()
    assert ringed == [(6, CLEAN), (6, 0), (6, 1), (6, 2)] and selected == (6, 2)
    named = run.clean.title(int(run.clean.indices[6]))
    assert f"○─○ {named}, the selected image " in view.legend.text()
    assert view.figure().caption.endswith(f"; the lines join the copies of {named}")
    # An outline lists points, of which one is chosen.
    window.commands["rectangle"].trigger()
    first, last = at(-0.5, -0.5), at(2.5, 2.5)
    qtbot.mousePress(plot.viewport(), Qt.MouseButton.LeftButton, pos=first)
    for share in (0.3, 0.6, 1.0):
        qtbot.mouseMove(plot.viewport(), first + (last - first) * share)
    qtbot.mouseRelease(plot.viewport(), Qt.MouseButton.LeftButton, pos=last)
    settle(window)
    assert view.list.isVisible() and view.list.list.count() == 9
    assert view.list.summary.text().startswith("9 points, ")
    assert not any(view.list.list.item(row).icon().isNull() for row in range(9))
    view.list.list.setFocus()
    qtbot.mouseClick(
        view.list.list.viewport(),
        Qt.MouseButton.LeftButton,
        pos=view.list.list.visualItemRect(view.list.list.item(0)).center(),
    )
    settle(window)
    assert session.mark_key[0] == 0
    window.commands["pick-nothing"].trigger()
    assert not view.list.isVisible()
    # Boxes choose what is shown, and what its colours mean.
    for box in view.boxes.method, view.boxes.colouring, view.boxes.states, view.boxes.classes:
        longest = max(box.fontMetrics().horizontalAdvance(box.itemText(n)) for n in range(box.count()))
        option, part = QStyleOptionComboBox(), QStyle.SubControl.SC_ComboBoxEditField
        box.initStyleOption(option)
        room = box.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, box).width()
        assert room >= longest, box.accessibleName()
    view.boxes.states.setCurrentText("misclassified")
    view.boxes.colouring.setCurrentText("severity")
    wrong = view.atlas.points.wrong
    assert sorted(plot.shown.tolist()) == np.flatnonzero(wrong).tolist()
    assert "sigma 30" in view.legend.text() and "clean</" not in view.legend.text()
    assert open_run(run.path).info == run.info  # nothing is kept in the run's folder
