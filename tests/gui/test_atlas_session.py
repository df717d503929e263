"""The map of a run's images by itself: what it waits for, and what it keeps; the model's answers are the test's."""

import os
from types import SimpleNamespace

import numpy as np
import pytest
from doubles import Held
from numpy_runs import sweep

from tfstab.gui.content.atlas import (
    COLOURINGS,
    STATES,
    AtlasMap,
    Mapped,
    describe,
    groups,
    map_families,
    map_search,
    map_sweep,
    summary,
)
from tfstab.gui.jobs.mapping import CLEAN
from tfstab.gui.jobs.protocol import Failed
from tfstab.gui.jobs.questions import Answer, DropOrder
from tfstab.gui.jobs.scorer import Scorer
from tfstab.gui.sessions import atlas_cache
from tfstab.gui.sessions.atlas import Atlas
from tfstab.gui.sessions.atlas_cache import cache_path, keep_map, read_map


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A sweep by a model whose name is known, so that it can be asked."""
    run = sweep(tmp_path_factory.mktemp("atlas") / "run")
    run.info["model"]["name"], run.info["environment"]["device"] = "mnist-lenet", "CPU"
    return run


def mapped_of(run, count):
    whole = map_sweep(run)
    return Mapped(run, whole.states, whole.keys[:count])


def arrays(count):
    places = np.arange(2.0 * count, dtype=np.float32).reshape(count, 2)
    known = {"predicted": np.arange(count) % 3, "map": places, "explained": np.array([0.5, 0.25])}
    return known | {"features": np.array(False), "tsne": -places}


def test_maps_of_families_and_searches_have_room_for_some_images(run):
    family = SimpleNamespace(title="Fog", at="level {}".format)
    sweeps = [SimpleNamespace(severities=[1.0, 2.5], degradation=family) for _ in range(5)]
    mapped = map_families(sweeps, [4, 7, 9], most=3)
    assert mapped.keys.tolist() == [[4, CLEAN, 0], *([4, state, 0] for state in range(5))] and not mapped.ordered
    assert set(mapped.names) == {"Fog, level 2.5"} and {state.severity_index for state in mapped.states} == {1}
    assert len(map_families(sweeps, [4, 7, 9], most=17).keys) == 12 and map_sweep(run).ordered
    entries = [SimpleNamespace(image=k, found=k != 1, wrong_when_clean=k == 2) for k in range(5)]
    found = map_search(None, entries, most=7)
    assert found.keys.tolist() == [[0, CLEAN, 0], [1, CLEAN, 0], [2, CLEAN, 0], [0, 0, 0]]


def test_points_of_a_map_in_words():
    keys = np.array([[1, CLEAN, 0], [2, CLEAN, 0], [1, 0, 0], [2, 1, 0], [3, 1, 0]])
    points, every = AtlasMap(keys, np.array([0, 1, 0, 2, 3]), np.array([0, 1, 1, 2, 0])), np.arange(5)
    by = {what: {g.name: g.places.tolist() for g in groups(points, every, what, "abcd", "st")} for what in COLOURINGS}
    assert by["right or wrong"] == {"right": [0, 1, 3], "wrong": [2, 4]}
    assert by["predicted class"] == {"a": [0, 4], "b": [1, 2], "c": [3]}
    assert by["true class"] == {"a": [0, 2], "b": [1], "c": [3], "d": [4]}
    assert by["severity"] == {"clean": [0, 1], "s": [2], "t": [3, 4]}
    assert summary(points, every, "abcd") == "5 points, 2 wrong: a (2), b (1), c (1) and 1 more"
    assert summary(points, every[:4], "abcd") == "4 points, 1 wrong: a (2), b (1), c (1)"
    assert summary(points, every[:1], "abcd") == "1 point, 0 wrong: a (1)"
    assert summary(points, every[:0], "abcd") == "No point lies within the outline."
    said = [describe(points, place, "abcd", "st") for place in (0, 2, 3)]
    assert said == ["Image 1, clean: a", "Image 1, s: a taken for b", "Image 2, t: c"]
    selected = {states: points.select(0, states).tolist() for states in STATES}
    assert selected == {"all points": [0, 2], "clean images": [0], "degraded images": [2], "misclassified": [2]}
    assert len(points) == 5 and points.explained == (0, 0) and points.features


@pytest.mark.parametrize("count", [3, 4])
def test_a_map_is_shown_as_its_parts_come_and_kept_at_its_end(qapp, run, count):
    held, scorer, mapped, told = Held(), Scorer(), mapped_of(run, count), []
    sources = [None, Mapped(run, mapped.states, mapped.keys[:0]), mapped]
    found = Atlas(lambda: sources.pop(0) if len(sources) > 1 else mapped, scorer, held)
    found.changed.connect(lambda: told.append((found.waiting, found.problem)))
    for _ in range(2):
        found.start()
        assert told.pop() == ("", "There is nothing to map yet, because no image is finished.") and told == []
    assert found.states == [] and held.waiting == []
    found.start()
    found.start()
    assert told == [("Looking for the map in the cache…", "")] and len(held.waiting) == 1
    held.answer()
    assert found.states == ["sigma 5", "sigma 90", "sigma 30"] and "some seconds the first time" in found.waiting
    (order,) = scorer.process.orders
    assert order.question == "atlas" and np.array_equal(order.arguments["keys"], mapped.keys)
    values, hear = arrays(count), scorer.process.message.emit
    hear(Answer(order.ticket, "share", {"share": 0.257}))
    assert found.waiting == f"Computing the features of {count} images: 26 %"
    hear(Answer(order.ticket, "points", {name: values[name] for name in ("predicted", "map", "explained", "features")}))
    assert found.waiting.startswith("This is PCA.") == (count > 3) and (found.waiting == "") == (count == 3)
    assert list(found.points.places) == ["PCA"] and found.points.explained == (0.5, 0.25) and not found.points.features
    assert found.points.actual.tolist() == run.clean.class_index[:count].tolist()
    if count > 3:
        hear(Answer(order.ticket, "tsne", {"map": values["tsne"]}))
        assert found.waiting == "" and np.array_equal(found.points.places["t-SNE"], values["tsne"])
        held.answer_all()
        assert np.array_equal(read_map(cache_path(mapped), count)["tsne"], values["tsne"])
    told.clear()
    found.start()
    assert told == [] and held.waiting == [], "it is there"


def test_a_map_that_fails_is_begun_again_and_one_that_is_left_is_dropped(qapp, run):
    held, scorer, mapped = Held(), Scorer(), mapped_of(run, 5)
    found = Atlas(lambda: mapped, scorer, held)
    found.start()
    held.answer()
    scorer.process.message.emit(Failed("It cannot.", "", ticket=scorer.process.orders[0].ticket))
    assert (found.waiting, found.problem) == ("", "It cannot.")
    found.start()
    assert found.problem == ""
    held.answer()
    found.stop()
    asked, dropped = scorer.process.orders[1:]
    assert isinstance(dropped, DropOrder) and dropped.ticket == asked.ticket
    picked = []
    found.picked_changed.connect(lambda: picked.append(found.picked.tolist()))
    found.pick(np.array([3, 1]))
    assert picked == [[3, 1]]


def test_maps_that_are_kept_have_all_parts_and_the_oldest_are_removed(run, tmp_path, monkeypatch):
    monkeypatch.setattr(atlas_cache, "MOST_FILES", 2)
    paths = [tmp_path / f"{name}.map" for name in "abc"]
    for when, path in enumerate(paths[:2], 1):
        keep_map(path, arrays(4))
        os.utime(path, (when, when))
    keep_map(paths[2], arrays(4))
    assert [path.exists() for path in paths] == [False, True, True]
    objects = np.array([None] * 4, object)  # could run any code when they are read
    for wrong in (
        {"map": np.zeros((4, 3))}, {"explained": np.zeros(3)}, {"tsne": np.zeros((4, 1))}, {"more": 1},
        {"predicted": objects},
    ):  # fmt: skip
        keep_map(paths[1], arrays(4) | wrong)
        assert read_map(paths[1], 4) is None
    keep_map(paths[1], {name: value for name, value in arrays(4).items() if name != "tsne"})
    assert read_map(paths[1], 4) is None
    keep_map(paths[1], arrays(4))
    for most, found in ((paths[1].stat().st_size, True), (paths[1].stat().st_size - 1, False)):
        monkeypatch.setattr(atlas_cache, "LARGEST", most)
        assert (read_map(paths[1], 4) is not None) == found
    fewer = map_sweep(run)
    other = Mapped(run, fewer.states[:2], fewer.keys)
    assert cache_path(other) != cache_path(fewer), "its points are in other states"
    run.info["settings"] = dict(reversed(run.info["settings"].items()))
    assert cache_path(map_sweep(run)) == cache_path(fewer), "in whatever order its settings are"
