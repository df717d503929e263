"""The course of a search: noises kept on its way, their number and size, and reading them again."""

import numpy as np
import pytest
from numpy_networks import curved, images_of

from tfstab import Dataset, SearchConfig, run_search
from tfstab.errors import RunError
from tfstab.limits import COURSE
from tfstab.search.course import KINDS, MOST, Recorder, load_course
from tfstab.search.run import part_name


@pytest.mark.parametrize("count", [1, 20, 21, 400, 1001])
def test_at_most_twenty_noises_are_kept_at_equal_distances_from_the_first_on(count):
    recorder, rng = Recorder((2, 3, 1)), np.random.default_rng(0)
    noises = rng.normal(size=(count, 6)) * 9
    for generation, noise in enumerate(noises, start=1):
        recorder.take(generation, noise)
    course = recorder.course
    steps = set(np.diff(course.generations))
    assert course.generations[0] == 1 and len(course.generations) <= MOST and len(steps) <= 1
    assert count - course.generations[-1] < (steps.pop() if steps else 2)
    at, noise = course.at(count)
    error = np.abs(noise.ravel() - noises[at - 1]).max()
    assert at == course.generations[-1] and error <= np.abs(noises[at - 1]).max() / 250


def test_large_noises_are_kept_less_often():
    recorder, shape = Recorder((600, 500, 1)), (600, 500, 1)
    for generation in range(1, 30):
        recorder.take(generation, np.ones(shape))
    assert len(recorder.course.generations) >= 2 and recorder.course.noises.nbytes <= COURSE


def test_a_run_keeps_the_course_and_an_older_one_opens_without(tmp_path):
    network = curved()
    images, labels = images_of(network, 2)
    dataset = Dataset.from_arrays("grey", "test", images, labels, network.class_names)
    run = run_search(network, dataset, SearchConfig(max_queries=400), tmp_path / "run")
    result = next(result for result in run if result.needed_noise)
    course = run.course(result)
    generation, noise = course.at(result.generations)
    assert noise.shape == result.noise.shape and generation <= result.generations
    norm = result.history[generation - 1, 2]
    assert np.linalg.norm(noise) == pytest.approx(norm, rel=0.01)
    part = run.parts[part_name(result.image)]
    with np.load(part) as stored:
        arrays = dict(stored)
    np.savez(part, **{name: value for name, value in arrays.items() if not name.startswith("course")})
    assert load_course(part, result.noise.shape, result.generations) is None
    steps, scales = arrays["course_generations"], arrays["course_scales"]
    assert len(steps) > 2
    for wrong in (
        {"course_generations": steps[::-1]}, {"course_generations": steps[[0, 0, *range(2, len(steps))]]},
        {"course_generations": steps - 1}, {"course_generations": [*steps[:-1], result.generations + 1]},
        {"course_generations": steps[:-1]}, {"course_noises": arrays["course_noises"][:, 1:]},
        {"course_scales": scales[:-1]}, {"course_scales": -1 - scales}, {"course_scales": 0 * scales + 255.5},
        {"course_scales": scales * np.float32(np.nan)}, {name: arrays[name][:0] for name in KINDS},
    ):  # fmt: skip
        np.savez(part, **arrays | wrong)
        with pytest.raises(RunError, match="do not fit its history"):
            load_course(part, result.noise.shape, result.generations)
    ends = {"course_generations": [*steps[:-1], result.generations], "course_scales": 0 * scales + 255}
    np.savez(part, **arrays | ends)
    assert load_course(part, result.noise.shape, result.generations).generations[-1] == result.generations
