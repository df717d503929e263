"""Clean images are scored once: a run takes the scores that it, or a run of the same work, has stored."""

import json
import shutil

import numpy as np
import pytest
from numpy_runs import brightness, classifier, dataset

from processes import content
from tfstab import SearchConfig, SweepConfig, run_search, run_sweep

SWEEP = SweepConfig(sigmas=(5, 30), copies=1)
JPEG = SweepConfig(degradation="jpeg", severities=(20,))


class Counted:
    """A predict function that counts its calls: here two for the clean images, some of which are scored again to see
    whether their scores stay the same, and one for the only part.
    """

    def __init__(self):
        self.calls = 0

    def __call__(self, images):
        self.calls += 1
        return brightness(images)


@pytest.fixture
def counted():
    return Counted()


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    out = tmp_path_factory.mktemp("scored") / "run"
    run_sweep(classifier(), dataset(), SWEEP, out)
    return out


@pytest.mark.parametrize(("run", "config"), [(run_sweep, SWEEP), (run_search, SearchConfig(max_queries=100))])
def test_a_finished_run_scores_nothing(run, config, counted, tmp_path):
    run(classifier(), dataset(), config, tmp_path)
    before = content(tmp_path)
    run(classifier(counted), dataset(), config, tmp_path)
    assert counted.calls == 0 and content(tmp_path) == before


def test_a_sweep_takes_the_clean_scores_of_another_one(counted, scored, tmp_path):
    model, images = classifier(counted), dataset()
    run_sweep(model, images, JPEG, tmp_path / "alone")
    alone, counted.calls = counted.calls, 0
    run_sweep(model, images, JPEG, tmp_path / "beside", scored_in=[tmp_path / "none", scored])
    assert counted.calls == alone - 2 == 1
    assert content(tmp_path / "beside") == content(tmp_path / "alone")


def rewrite(folder, **arrays):
    with np.load(folder / "clean.npz") as archive:
        kept = dict(archive)
    np.savez_compressed(folder / "clean.npz", **(kept | arrays))


def damage(folder):
    (folder / "clean.npz").write_bytes(b"PK")


def other_versions(folder):
    info = json.loads((folder / "run.json").read_text())
    info["environment"]["versions"]["numpy"] = "1.0"
    (folder / "run.json").write_text(json.dumps(info))


def no_scores(folder):
    rewrite(folder, scores=np.full((len(dataset()), 3), 2, np.float32))


def other_classes(folder):
    rewrite(folder, class_index=np.zeros(len(dataset()), np.int64))


@pytest.mark.parametrize("change", [damage, other_versions, no_scores, other_classes])
def test_scores_that_may_differ_are_not_taken(change, counted, scored, tmp_path):
    shutil.copytree(scored, tmp_path / "there")
    change(tmp_path / "there")
    images = dataset()
    run = run_sweep(classifier(counted), images, SWEEP, tmp_path / "run", scored_in=[tmp_path / "there"])
    assert counted.calls == 2 + 1
    np.testing.assert_array_equal(run.clean.scores, classifier().scores(images.images))


@pytest.mark.parametrize(
    ("model", "images"),
    [(classifier(fingerprint="another"), dataset()), (classifier(), dataset(seed=1)), (classifier(), dataset(8))],
)
def test_scores_of_another_model_or_of_other_images_are_not_taken(model, images, scored, tmp_path):
    run = run_sweep(model, images, SWEEP, tmp_path, scored_in=[scored])
    np.testing.assert_array_equal(run.clean.scores, model.scores(images.images))


@pytest.mark.parametrize(
    ("device", "recorded", "again"), [("function", None, 0), ("CPU", None, 0), ("CPU, onnxruntime 1", None, 0),
                                      ("a GPU", 1024, 1)],
)  # fmt: skip
def test_only_on_a_gpu_scores_of_another_batch_size_are_not_taken(device, recorded, again, counted, tmp_path):
    run_sweep(classifier(), dataset(), SWEEP, tmp_path / "checked")  # the check of the inputs is kept, not made again
    for size in (1024, 2048):
        model = classifier(counted).with_batch_size(size)
        model.device, counted.calls = device, 0
        run = run_sweep(model, dataset(), SWEEP, tmp_path / str(size), scored_in=[tmp_path / "1024"])
        assert run.info["environment"].get("batch_size") == (recorded and size)
        assert counted.calls == 1 + 2 * (1 if size == 1024 else again)
