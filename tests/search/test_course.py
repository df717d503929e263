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


def test_an_odd_number_of_noises_is_halved_at_equal_distances_too():
    """Five of them fit into `COURSE`."""
    pixels = COURSE // 5
    recorder, noise = Recorder((pixels, 1, 1)), np.zeros(pixels)
    for generation in range(1, 12):
        noise[0] = generation
        recorder.take(generation, noise)
    course = recorder.course
    assert course.generations.tolist() == [1, 5, 9]
    for asked, expected in ((0, 1), (1, 1), (4, 1), (5, 5), (8, 5), (100, 9)):
        at, shown = course.at(asked)
        assert at == expected and shown[0, 0, 0] == pytest.approx(at) and not shown[1:].any()


def test_the_course_of_one_generation_without_noise_is_read_as_it_was_kept(tmp_path):
    recorder = Recorder((2, 3, 1))
    recorder.take(1, np.zeros(6))
    np.savez(tmp_path / "part.npz", **recorder.course.arrays)
    course = load_course(tmp_path / "part.npz", (2, 3, 1), 1)
    assert course.generations.tolist() == [1] and course.scales == 0 and not course.noises.any()


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
        {"course_scales": scales * np.float32(np.nan)}, {"course_scales": np.append(scales[1:], -1)},
        {name: arrays[name][:0] for name in KINDS},
    ):  # fmt: skip
        np.savez(part, **arrays | wrong)
        with pytest.raises(RunError, match="do not fit its history"):
            load_course(part, result.noise.shape, result.generations)
    ends = {"course_generations": [*steps[:-1], result.generations], "course_scales": 0 * scales + 255}
    np.savez(part, **arrays | ends)
    assert load_course(part, result.noise.shape, result.generations).generations[-1] == result.generations
