"""Running a search: groups for a cluster, results and log of a run, the warning about the objective."""

import contextlib
import json
import warnings

import numpy as np
import pytest
from numpy_networks import SHAPE, curved, images_of, linear

from tfstab import Dataset, SearchConfig, SearchRun, Stop, run_search, search_minimum_noise
from tfstab.runs import CleanImages
from tfstab.search.aim import Aim


@pytest.mark.parametrize(
    ("images", "sizes"), [(3, [1] * 3), (31, [1] * 31), (33, [2] * 16 + [1]), (400, [16] * 25), (7, [1] * 7)]
)
def test_images_go_to_a_clusters_workers_ingroups_of(images, sizes):
    from tfstab.execution.executor import pieces
    from tfstab.search.group import groups_of, search_group
    from tfstab.search.running import LARGEST_GROUP

    network = curved()
    pixels, labels = images_of(network, images)
    clean = CleanImages(pixels, labels, np.arange(images) + 5, network.scores(pixels))
    config, aim = SearchConfig(max_queries=100), Aim()
    rows = [np.arange(images)[piece] for piece in pieces(images, LARGEST_GROUP)]
    groups, results = list(groups_of(clean, rows, config, aim)), []
    assert [len(some.indices) for _, (some, *_) in groups] == sizes
    assert np.concatenate([some.indices for _, (some, *_) in groups]).tolist() == list(range(5, 5 + images))
    assert [name for name, _ in groups][:2] == ["image-000000005", f"image-{5 + sizes[0]:09d}"]
    if images == 3:
        search_group(network, groups[1][1], results.append)
        (result,) = results
        (alone,) = search_minimum_noise(network, pixels[1:2], labels[1:2], config)
        assert result.image == 6
        np.testing.assert_array_equal(result.noise, alone.noise)


def test_a_run_tells_each_result_once_and_logs_it(tmp_path):
    network = curved()
    images, labels = images_of(network, 7)
    labels[3] = (labels[3] + 1) % 4
    names = [f"{k}.png" for k in range(7)]
    dataset = Dataset.from_arrays("few", "test", images, labels, ("a", "b", "c", "d"), names=names)
    told = []
    run = run_search(network, dataset, SearchConfig(max_queries=100), tmp_path / "run", on_result=told.append)
    assert sorted(r.image for r in told) == list(range(7)) and run.complete and len(run) == 7
    log = [json.loads(line) for line in (run.path / "log.jsonl").read_text().splitlines()]
    assert [entry["event"] for entry in log] == ["opened", *["part"] * 7, "finished"]
    by_part = {entry["part"]: entry for entry in log if entry["event"] == "part"}
    for result in told:
        entry = by_part[f"image-{result.image:09d}"]
        assert entry["queries"] == result.queries
        assert entry["search_seconds"] == pytest.approx(result.seconds, abs=6e-4)
        assert 0 <= entry["seconds"] < 60 and entry["seconds"] >= entry["search_seconds"] - 1e-3
        assert run.result(result.image).seconds == entry["search_seconds"]
    table = run.to_pandas()
    assert table.columns[0] == "file" and table["file"].tolist() == names
    again = []
    run_search(network, dataset, SearchConfig(max_queries=100), tmp_path / "run", on_result=again.append)
    assert again == []
    stopped = run_search(
        network, dataset, SearchConfig(max_queries=100), tmp_path / "cut", on_generation=lambda _: Stop.ALL
    )
    last = json.loads((stopped.path / "log.jsonl").read_text().splitlines()[-1])
    assert last["event"] == "stopped" and list(stopped.images) == [3]
    assert stopped.progress == (1, 7) and repr(stopped).endswith("1 of 7 parts)")


@pytest.mark.parametrize("ended", ["stopped", "killed"])
def test_results_that_wait_for_their_refinement_are_made_again(tmp_path, ended):
    network, told = curved(), []
    dataset = Dataset.from_arrays("few", "test", *images_of(network, 12), ("a", "b", "c", "d"))
    config = SearchConfig(engine="random", max_queries=200, refine=8)

    def watch(progress):
        if progress.image == 10 and ended == "killed":
            raise KeyboardInterrupt
        return Stop.ALL if progress.image == 10 else None

    def run(name, **observers):
        return run_search(network, dataset, config, tmp_path / name, **observers)

    with contextlib.suppress(KeyboardInterrupt):
        run("run", on_generation=watch, on_result=told.append)
    refined = [result.image for result in told if result.stop_reason != "observer"]
    unrefined = [result for result in told if result.stop_reason == "observer"]
    assert refined == list(range(8)) and SearchRun(tmp_path / "run").images.tolist() == refined
    assert [result.image for result in unrefined] == ([10, 8, 9] if ended == "stopped" else [])
    assert not any(result.gradients for result in unrefined)
    resumed, whole = run("run"), run("whole")
    assert resumed.complete
    for image in range(12):
        assert resumed.result(image).figures() | {"seconds": 0} == whole.result(image).figures() | {"seconds": 0}
        np.testing.assert_array_equal(resumed.result(image).noise, whole.result(image).noise)


def test_a_run_is_given_more_images_and_searches_only_those(tmp_path):
    network = curved()
    images, labels = images_of(network, 4)
    dataset = Dataset.from_arrays("few", "test", images, labels, ("a", "b", "c", "d"))
    config, told = SearchConfig(max_queries=100), []
    first = run_search(network, dataset.select(np.array([2, 0])), config, tmp_path / "run")
    kept = dict(first.parts)
    grown = run_search(network, dataset, config, tmp_path / "run", on_result=lambda result: told.append(result.image))
    assert sorted(told) == [1, 3] and grown.complete and kept.items() < grown.parts.items()
    assert grown.clean.indices.tolist() == [2, 0, 1, 3]
    whole = run_search(network, dataset, config, tmp_path / "whole")
    assert {p.name for p in grown.parts.values()} == {p.name for p in whole.parts.values()}
    told.clear()
    fewer = run_search(network, dataset.select(np.arange(2)), config, tmp_path / "run", on_result=told.append)
    assert not told and len(fewer) == 4


def test_how_often_the_objective_asks_for_no_noise_is_counted():
    network = linear(0.2)
    images = np.full((3, *SHAPE), 128, np.uint8)
    images[1, 0, 0], images[2, 0, 0] = 127, 129
    for lambda_, warned in ((1e-9, False), (1e-1, True)):
        config = SearchConfig(max_queries=500, beta=1.0, lambda_=lambda_)
        if warned:
            with pytest.warns(UserWarning, match="for 3 of 3 images the objective is smallest without any noise"):
                search_minimum_noise(network, images, [0, 0, 0], config)
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                search_minimum_noise(network, images, [0, 0, 0], config)
