"""Open runs notice that they were given more work, and still know what they were begun with."""

import json
import os

import numpy as np
import pytest
from numpy_runs import dataset, search, sweep

from tfstab import Classifier, SweepConfig, open_run, run_sweep
from tfstab.errors import RunError
from tfstab.metrics import largest_radius
from tfstab.report import certificate_table, sweep_json
from tfstab.runs.info import begun_with, is_grown, read_info
from tfstab.sweep.plan import copies_in_words


def config(copies):
    return SweepConfig(sigmas=(5, 90), copies=copies)


def test_a_run_is_outdated_once_it_was_given_more(tmp_path):
    run = sweep(tmp_path, config(2))
    assert not run.outdated
    sweep(tmp_path, config(1))
    assert not run.outdated, "it was asked for no more than it has"
    sweep(tmp_path, config(3))
    assert run.outdated and run.complete, "it does not know of the new parts"
    again = open_run(tmp_path)
    assert not again.outdated and again.complete and again.progress[1] > run.progress[1]


def test_a_file_that_was_only_touched_is_compared_once(tmp_path, monkeypatch):
    run, read = search(tmp_path, dataset(2), queries=100), []
    os.utime(tmp_path / "run.json", ns=(1, 1))
    monkeypatch.setattr("tfstab.runs.folder.read_info", lambda path: read.append(path) or read_info(path))
    assert not run.outdated and not run.outdated and read == [tmp_path]
    (tmp_path / "run.json").unlink()
    (tmp_path / "my.keras").touch()
    with pytest.raises(RunError, match=r"my\.keras is a file; expected the folder of a run"):
        open_run(tmp_path / "my.keras")
    with pytest.raises(RunError, match="is not a run folder"):
        _ = run.outdated


def test_a_grown_run_is_told_from_another(tmp_path):
    few, more = dataset().select([0, 4, 8]), dataset().select([0, 1, 4, 6, 8])
    infos = [sweep(tmp_path / "run", config(copies), data).info for copies, data in ((2, few), (4, few), (4, more))]
    for earlier, later in ((0, 0), (0, 1), (0, 2), (1, 2)):
        assert is_grown(infos[earlier], infos[later])
    assert not is_grown(infos[2], infos[0]), "it does not shrink"
    assert begun_with(infos[0]) == begun_with(infos[1]) == begun_with(infos[2])
    assert begun_with(infos[0])["data"] == infos[0]["data"] and infos[2]["data"]["images"] == 5
    others = (sweep(tmp_path / "other", config(2), more), sweep(tmp_path / "sigmas", SweepConfig(sigmas=(5,)), few))
    assert not any(is_grown(infos[0], other.info) for other in others)
    older = [json.loads(json.dumps(info)) | {"format": 1} for info in infos[:2]]
    assert not is_grown(*older), "runs of format 1 did not grow"
    begun = begun_with(infos[0] | {"data": infos[0]["data"] | {"begun": 5}})
    assert begun["data"] == infos[0]["data"], "whoever made it up"


def test_damaged_images_of_a_run_that_was_given_more_are_not_guessed(tmp_path):
    """Their rows and their order tell when each image came, and the parts rely on it."""
    few, more = dataset().select([0, 4, 8]), dataset().select([0, 4, 8, 1, 6])  # as if none had been added
    sweep(tmp_path, config(2), few)
    grown = sweep(tmp_path, config(2), more)
    (tmp_path / "clean.npz").write_bytes(b"damaged")
    for images in (few, more):
        with pytest.raises(RunError, match=r"given further images since it was begun: restore clean\.npz"):
            sweep(tmp_path, config(2), images)
    assert set(open_run(tmp_path).parts) == set(grown.parts)


def test_a_kill_amid_growing_leaves_the_run_of_official_images_that_there_was(digits, tmp_path, monkeypatch):
    monkeypatch.setattr("tfstab.runs.clean.LARGEST_COPY", 0)
    scores = np.full((1, 10), 0.1, np.float32)
    model = Classifier.from_function(lambda x: scores.repeat(len(x), 0), (28, 28, 1), 10, fingerprint="one")
    few, more = digits.take(5), digits.take(12)
    begun = run_sweep(model, few, config(1), tmp_path)
    run_json = (tmp_path / "run.json").read_bytes()
    grown = run_sweep(model, more, config(1), tmp_path)
    (tmp_path / "run.json").write_bytes(run_json)  # clean.npz was written before it
    found = open_run(tmp_path)
    np.testing.assert_array_equal(found.clean.images, few.images)
    assert found.info == begun.info and found.measures.images.tolist() == sorted(few.indices)
    assert run_sweep(model, more, config(1), tmp_path).info == grown.info


def test_images_given_twice_leave_what_the_run_was_begun_with(tmp_path):
    begun = sweep(tmp_path, config(1), dataset().select([0, 8])).info["data"]
    for images in ([0, 4, 8], [0, 2, 4, 8]):
        grown = sweep(tmp_path, config(1), dataset().select(images)).info["data"]
        assert (
            grown["images"] == len(images)
            and begun == {k: v for k, v in grown.items() if k != "begun"} | grown["begun"]
        )


def test_no_run_grows_to_more_parts_than_run_json_may_name(tmp_path, monkeypatch):
    monkeypatch.setattr("tfstab.limits.MOST_PARTS", 2)
    run = sweep(tmp_path / "run", config(2))
    before = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file() and path.suffix != ".jsonl"}
    for folder in ("run", "new"):
        with pytest.raises(RunError, match="3 parts are too many for one run; expected at most 2"):
            sweep(tmp_path / folder, config(3))
    assert not (tmp_path / "new").exists() and {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize(
    ("done", "planned", "said"),
    [
        ([20, 20], 20, "20 copies of each of 2 images"), ([1, 1, 1], 1, "1 copy of each of 3 images"),
        ([1] * 500, 20, "1 copy of each of 500 images (20 planned)"), ([1], 1, "1 copy of 1 image"),
        ([4, 2, 1], 20, "1 to 4 copies of each of 3 images (20 planned)"), ([0], 3, "0 copies of 1 image (3 planned)"),
        ([1, 0, 1], 20, "1 copy for 2 of 3 images (20 planned)"), ([0, 0], 20, "0 copies of 2 images (20 planned)"),
        ([4, 0, 2], 4, "2 to 4 copies for 2 of 3 images (4 planned)"),
        ([1, 0, 1], 1, "1 copy for 2 of 3 images so far"), ([1, 0, 1], 0, "1 copy for 2 of 3 images"),
        ([1] * 1500, 1500, "1 copy of each of 1,500 images (1,500 planned)"),
    ],
)  # fmt: skip
def test_copies_in_words(done, planned, said):
    assert copies_in_words(np.array(done), planned) == said


def test_a_run_says_what_it_has(tmp_path):
    run = sweep(tmp_path / "sweep", config(2), dataset(4))
    assert run.extent == "2 copies of each of 4 images"
    first, *others = run.parts.values()
    for part in others:
        part.unlink()
    assert run.extent == "1 copy of each of 4 images (2 planned)" and run.copies_done == (1, 1)
    assert run.measures.largest_certifiable(0.1) == largest_radius(1, 0.1, comparisons=2) < largest_radius(2, 0.1, 2)
    assert "1 copy cannot certify more than" in certificate_table(run).notes[0] and sweep_json(run)["copies_done"] == [
        1,
        1,
    ]
    first.unlink()
    assert run.extent == "0 copies of 4 images (2 planned)"
    found = search(tmp_path / "search", dataset(3), queries=100)
    next(iter(found.parts.values())).unlink()
    assert found.extent == "2 of 3 images"
