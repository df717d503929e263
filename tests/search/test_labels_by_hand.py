"""The engine `labels`: what it asks about an image, where it starts and how it walks, by hand."""

from itertools import pairwise

import numpy as np
import pytest

from tfstab.search.engines.labels import start
from tfstab.search.engines.labels.belief import Belief
from tfstab.search.engines.labels.image import Image
from tfstab.search.engines.labels.spread import refined
from tfstab.search.engines.labels.walk import PROBE_LENGTH, PROBES, Walk, memory
from tfstab.search.goal import AnyWrongClass
from tfstab.search.norm import get_norm
from tfstab.search.task import Task


def image_of(clean, mask=None, norm="l2"):
    clean = np.array(clean, np.uint8)
    return Image(Task(0, AnyWrongClass(0), clean, np.ones(2) / 2, np.zeros(2), mask, get_norm(norm)), 0)


def told(asking, answer):
    """Let an asking end: (what it returns, all noise that it asked about, in batches)."""
    asked = [next(asking)]
    while True:
        try:
            asked.append(asking.send(np.array([answer(noise) for noise in asked[-1]], bool)))
        except StopIteration as end:
            return end.value, asked


def test_noise_stays_within_grey_levels_and_free_pixels_and_the_first_of_the_smallest_is_kept():
    image = image_of([[[10], [250]], [[100], [100]]], np.array([[[True], [True]], [[False], [True]]]))
    assert image.clipped(np.array([-20, 20, 50, 5])).tolist() == [-10, 5, 0, 5]
    np.testing.assert_allclose(image.of_norm(np.array([[0.003, 0.004, 7, 0]]), 10.0), [[6, 8, 14_000, 0]], rtol=1e-6)
    for noise, flipped, best in (
        ([[0, 3, 0, 4], [-3, 0, 9, 0]], [True, False], [0, 3, 0, 4]), ([[0, 0, 0, 5]], [True], [0, 3, 0, 4]),
        ([[0, 0, 0, 4], [0, 0, 0, 3], [1, 0, 0, 0]], [True, True, False], [0, 0, 0, 3]),
    ):  # fmt: skip
        answers = iter(flipped)
        told(image.ask(np.array(noise, np.float32)), lambda _, answers=answers: next(answers))
        assert image.best.tolist() == best and image.best_norm == np.linalg.norm(best)


def shares(asked, noise):
    return [float(one[0] @ noise / (noise @ noise)) for one in asked]


@pytest.mark.parametrize(
    ("boundary", "expected", "end"),
    [
        (0.37, [0.875, 0.625, 0.125, 0.375, 0.25, 0.3125], 0.375),
        (0.9, [0.875, 0.9375], 0.9375), (0.95, [0.875, 0.9375], 1),
        (0.03, [0.875, 0.625, 0.125, 0, 0.0625], 0.0625),
    ],
)  # fmt: skip
def test_noise_is_shortened_in_growing_steps_and_then_by_halves(boundary, expected, end):
    image, noise = image_of(np.full((2, 2, 1), 120)), np.array([64, 32, 0, 0], np.float32)
    found, asked = told(image.shortened(noise, 0.125, 0.0625), lambda one: one[0] >= 64 * boundary)
    assert shares(asked, noise) == expected and found.tolist() == (end * noise).tolist()


@pytest.mark.parametrize(
    ("length", "expected"), [(96, [0.95, 0.975, 0.9875, 0.99375, 0.996875]), (2, [0, 0.5, 0.75, 0.875]), (1200, [0.99])]
)
def test_noise_goes_back_by_twelve_times_the_precision_or_a_hundredth(length, expected):
    side = 30  # so that noise as long as 1200 is within grey levels
    image, noise = image_of(np.full((side, side, 1), 120)), np.full(side**2, length / side, np.float32)
    _, asked = told(image.back(noise), lambda _: False)
    assert shares(asked, noise)[: len(expected)] == pytest.approx(expected, rel=1e-3)
    assert len(asked) == len(expected) or length == 1200


def images(noise, clean):
    return sorted((noise + clean.reshape(-1)).astype(int).tolist())


def test_an_image_is_mirrored_turned_inverted_made_grey_and_painted_over():
    clean = np.array([[0, 10], [128, 250]], np.uint8)[..., None]
    assert images(start.turned(clean), clean) == sorted([
        [128, 250, 0, 10], [10, 0, 250, 128], [250, 128, 10, 0], [255, 245, 127, 5], [128] * 4,
        [0, 128, 10, 250], [10, 250, 0, 128], [128, 0, 250, 10],
    ])  # fmt: skip
    assert images(start.painted(clean), clean) == sorted([
        [255, 10, 128, 250], [0, 255, 128, 250], [0, 10, 0, 250], [0, 10, 128, 0],
        [255, 255, 128, 250], [0, 10, 0, 0], [255, 10, 255, 250], [0, 0, 128, 0], [255] * 4,
    ])  # fmt: skip
    wide = np.full((6, 9, 3), 128, np.uint8)
    wide[0, 0] = [0, 1, 2]
    assert len(start.turned(wide)) == 5 and len(start.painted(wide)) == 25
    assert len(start.turned(np.full((2, 2, 1), 128, np.uint8))) == 1  # the others would change nothing


def test_random_noise_grows_and_begins_anew_where_nothing_flips():
    image, batches, least = image_of(np.full((6, 9, 1), 128)), [], 2 * np.sqrt(54)
    asking = start.find_starts(image)
    noise = next(asking)
    while len(batches) < 14:
        if len(noise) == start.DRAWN:
            batches.append(noise)
        noise = asking.send(np.zeros(len(noise), bool))
    lengths = [np.linalg.norm(batch, axis=1) for batch in batches]
    for k in (0, 1, 2):
        np.testing.assert_allclose(lengths[k][1::2], least * 1.6**k, rtol=1e-5)
        signs = batches[k][1::2]
        np.testing.assert_allclose(np.abs(signs), np.abs(signs[:, :1]) + 0 * signs, rtol=1e-5)  # of signs alone
        assert (np.std(np.abs(batches[k][::2]), axis=1) > 0.3).all()
    np.testing.assert_allclose(lengths[13][1::2], least, rtol=1e-5)
    assert np.mean(lengths[12]) > np.mean(lengths[11]) > 100


def test_each_kind_of_start_is_its_smallest_and_much_larger_ones_are_left_out():
    """Whatever has changed the first pixel by 40 or more flips; all but it is 90 grey levels."""
    clean = np.full((4, 6, 1), 90)
    clean[0, 0] = 200
    starts, asked = told(start.find_starts(image_of(clean)), lambda noise: abs(noise[0]) >= 40)
    lengths = [float(np.linalg.norm(noise)) for noise in starts]
    assert all(abs(noise[0]) >= 40 for noise in starts) and max(lengths) <= start.NEAR * min(lengths)
    assert min(lengths) < 0.3 * np.hypot(200, 90)  # the first two pixels painted black, and shortened to 0.2 or so
    assert sum(map(len, asked)) < 150


def test_a_noise_that_is_longer_at_first_may_be_the_smallest_in_the_end():
    """One pixel must rise by 120 of 135 grey levels or, if it stays as it is, another by 10 of 235."""
    clean = np.full((4, 4, 1), 128)
    clean[0, 0], clean[2, 1] = 120, 20

    def flips(noise):
        return noise[0] >= 120 or (noise[9] >= 10 and noise[0] == 0)

    starts, _ = told(start.find_starts(image_of(clean)), flips)
    (alone,) = (noise for noise in starts if np.count_nonzero(noise) == 1)
    assert 10 <= alone[9] < 25


def test_random_noise_is_a_start_where_it_flips():
    starts, _ = told(start.find_starts(image_of(np.full((6, 6, 1), 128))), lambda noise: len(np.unique(noise)) > 20)
    assert len(starts) == 1 and len(np.unique(starts[0])) > 20


class Script:
    """Answers probes by a plane, and the single questions of a step as listed; then as `last` says."""

    def __init__(self, walk, answers, last=False):
        self.walk, self.answers, self.last, self.turns = walk, list(answers), last, []

    def play(self):
        size, asking = self.walk.size, self.walk.round()
        noise = next(asking)
        assert len(noise) == PROBES
        slope = -self.walk.here
        noise = asking.send((noise - self.walk.here) @ slope < 0)
        while self.answers:
            self.turns.append(np.sqrt(max((size / np.linalg.norm(noise[0])) ** 2 - 1, 0)))
            noise = asking.send(np.array([self.answers.pop(0)]))
        return noise, asking


def walk_of(turn=0.5, mask=None):
    """A walk in the middle of the grey levels, at noise along one direction."""
    image = image_of(np.full((8, 8, 1), 128), mask)
    here = np.random.default_rng(1).normal(size=64).astype(np.float32) * image.free
    walk = Walk(image, 40 * here / np.linalg.norm(here))
    walk.turn = turn
    return walk


@pytest.mark.parametrize(("columns", "rounds"), [(8, 0), (8, 1), (8, 2), (4, 1)])
def test_probes_lie_on_the_expected_boundary_along_the_coefficients_least_certain(columns, rounds):
    """Of 64 values or, with a mask, of the 32 in its blocks; in the first round and later ones."""
    mask = np.zeros((8, 8, 1), bool)
    mask[:, :columns] = True
    walk = walk_of(mask=mask)
    basis, belief = walk.image.basis, walk.belief
    assert basis.coefficients(walk.here) @ belief.gradient < 0  # inwards the image does not flip
    plane = walk.here
    for _ in range(rounds):
        told(walk.round(), lambda noise: noise @ plane > 0.97 * plane @ plane)
    unknown = (1 - belief.learnt) * belief.scale**2 * (basis.place % 4 < columns // 2)
    moves = basis.coefficients(next(walk.round()) - walk.here)
    np.testing.assert_allclose(belief.gaps(moves), 0, atol=1e-4 * np.abs(belief.gradient).max())
    slope = belief.gradient / np.linalg.norm(belief.gradient)
    flat = np.eye(64) - np.outer(slope, slope)
    picks = [int(np.argmax(np.abs(flat @ move))) for move in moves]
    assert len(set(picks)) == PROBES
    rest = np.delete(unknown, picks)
    assert unknown[picks].min() >= rest.max() * 0.998
    for pick, move in zip(picks, moves, strict=True):
        np.testing.assert_allclose(np.abs(flat @ move), PROBE_LENGTH * np.abs(flat[pick]), atol=2e-3)


@pytest.mark.parametrize(
    ("turn", "answers", "turns"),
    [
        (0.5, [1, 0, 1, 0, 1, 0], [0.5, 1, 0.5**0.5, 0.5**0.25, 0.5**0.375, 0.5**0.3125]),
        (0.5, [0, 1, 0], [0.5, 0.125, 0.25]),
        (16, [1, 0, 1, 1, 1, 1], [16, 32, 2**4.5, 2**4.75, 2**4.875, 2**4.9375]),
        (0.5, [1] * 7, [0.5, 1, 2, 4, 8, 16, 32]), (12.5, [1, 1], [12.5, 25]),
    ],
)  # fmt: skip
def test_a_step_turns_as_far_as_images_flip(turn, answers, turns):
    walk = walk_of(turn)
    script = Script(walk, answers)
    noise, asking = script.play()
    assert script.turns == pytest.approx(turns, rel=1e-3)
    farthest = max(t for t, flips in zip(turns, answers, strict=True) if flips)
    assert walk.turn == pytest.approx(farthest)
    # Back from there: first by a hundredth, or by 4.8 grey levels if that is more; then the walk is there.
    before, size = walk.here, 40 / np.sqrt(1 + farthest**2)
    assert np.linalg.norm(noise[0]) == pytest.approx(size * max(1 - max(4.8 / size, 0.01), 0), abs=0.01 * size)
    with pytest.raises(StopIteration):
        while True:
            asking.send(np.array([False]))
    assert walk.here is not before and walk.size == pytest.approx(size, rel=1e-3)
    cosine = walk.here @ before / np.linalg.norm(before) / walk.size
    assert cosine == pytest.approx(1 / np.sqrt(1 + farthest**2), abs=1e-3)


def test_an_image_of_fewer_values_has_a_probe_for_each():
    walk = Walk(image_of(np.full((4, 4, 1), 128)), np.full(16, 10, np.float32))
    assert len({probe.tobytes() for probe in next(walk.round())}) == 16


@pytest.mark.parametrize(("level", "sign"), [(2, 1), (253, -1)])
def test_probes_go_where_they_are_clipped_less(level, sign):
    """In a dark image to brighter blocks: 5 grey levels for each of a block's four pixels, which cannot fall by 3."""
    here = np.random.default_rng(0).uniform(0, 0.9, 64).astype(np.float32)
    walk = Walk(image_of(np.full((8, 8, 1), level)), sign * here)
    moves = walk.image.basis.coefficients(next(walk.round()) - walk.here)
    assert np.sum((sign * moves[:, walk.image.basis.frequency == 0]).max(axis=1) > 7) == 16


def same(belief, other):
    np.testing.assert_allclose(belief.gradient, other.gradient, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(belief.learnt, other.learnt, rtol=1e-3, atol=1e-5)
    point = np.zeros((1, 64), np.float32)
    np.testing.assert_allclose(belief.gaps(point), other.gaps(point), atol=1e-5)


@pytest.mark.parametrize(("answers", "forgotten"), [([1, 0, 1, 0, 1, 0], 0.15), ([0] * 5, 0.0)])
def test_what_a_round_teaches_is_as_uncertain_as_it_is_far_away(answers, forgotten):
    """By a hundredth of a probe's or step's length, and a tenth of the way to the clean image."""
    walk = walk_of()
    basis, prior, before = walk.image.basis, walk.image.prior, walk.here
    inwards = basis.coefficients(-before[None])
    belief = Belief(np.sqrt(prior), 100)
    belief.label(inwards, np.array([False]), np.array([0.1 * 40]))
    same(walk.belief, belief)
    asking = walk.round()
    moves = next(asking) - before
    flipped = np.arange(len(moves)) % 2 > 0
    noise = asking.send(flipped)
    belief.label(basis.coefficients(moves), flipped, 0.01 * np.linalg.norm(moves, axis=1))
    belief.rescale(np.sqrt(refined(prior, basis, belief.gradient, belief.learnt)))
    same(walk.belief, belief)
    with pytest.raises(StopIteration):
        for answer in [*answers, *[0] * 20]:
            noise = asking.send(np.array([bool(answer)]))
    move = walk.here - before
    length = float(np.linalg.norm(move))
    assert (length > 10) == (forgotten > 0) and noise.shape == (1, 64)
    if length:
        belief.reach(basis.coefficients(move), 0.01 * length)
    outwards = basis.coefficients(walk.here / np.linalg.norm(walk.here))
    belief.move(0.4 * max(abs(float(outwards @ belief.gradient)), 0.02), forgotten * length / 40)
    same(walk.belief, belief)
    # Each goes on from there: a label at the point itself moves the gap by how uncertain it is.
    for one in (walk.belief, belief):
        one.label(np.zeros((1, 64), np.float32), np.array([True]), np.array([0.01]))
    same(walk.belief, belief)


def test_fewer_observations_of_larger_images_are_kept():
    sizes = {64: 2000, 32 * 32 * 3: 2000, 224 * 224 * 3: 83, 1000 * 1000: 50}
    assert {values: memory(values) for values in sizes} == sizes


def test_a_step_on_which_nothing_flips_is_shortened_six_times_and_the_next_begins_at_a_quarter():
    walk = walk_of()
    for first in (0.5, 0.125, 0.03125):
        script = Script(walk, [0] * 5)
        _, asking = script.play()
        assert script.turns[:3] == pytest.approx([first / 4**k for k in range(3)], rel=0.05)
        before = walk.here
        with pytest.raises(StopIteration):
            asking.send(np.array([False]))
        assert walk.here is before and walk.turn == first / 4
    walk.turn = 1e-3
    _, asking = Script(walk, [0] * 5).play()
    with pytest.raises(StopIteration):
        asking.send(np.array([False]))
    assert walk.turn == 1e-3


def test_a_walk_to_a_plane_comes_to_its_nearest_point():
    """Noise flips if it goes 20 grey levels or more along one direction; the walk starts at twice that, askew."""
    walk, rng = walk_of(), np.random.default_rng(3)
    across = rng.normal(size=64)
    across -= across @ walk.here / (walk.here @ walk.here) * walk.here
    steep = walk.here / np.linalg.norm(walk.here) + 1.7 * across / np.linalg.norm(across)
    steep *= 1 / (steep @ walk.here)  # the walk is at 1
    sizes = [walk.size]
    for _ in range(12):
        told(walk.round(), lambda noise: noise @ steep > 0.99)
        sizes.append(walk.size)
    least = 0.99 / np.linalg.norm(steep)
    assert all(after <= before + 1e-3 for before, after in pairwise(sizes))
    assert least * 0.999 <= sizes[-1] < 1.05 * least and sizes[0] > 1.9 * least
