"""The rule that stops a search once the median is known, from sizes of noise by hand."""

import math
from types import SimpleNamespace

import pytest

from tfstab.metrics import Estimate
from tfstab.search.precision import MedianRule, reach
from tfstab.search.trace import StopReason


def rule_of(sizes, precision=10):
    """The rule after images of these sizes of noise; infinite: none was found."""
    return MedianRule(precision, [SimpleNamespace(
        needed_noise=True, stop_reason="", found=size < math.inf, size=size) for size in sizes
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("median", "low", "high", "reached"),
    [(10, 9, 12, 20), (10, 7, 12, 30), (8, 8, 8, 0), (0, 0, 0, math.inf), (math.inf, 3, math.inf, math.inf),
     (10, 9, math.inf, math.inf), (0.5, 0.4, 0.5, 20)],
)  # fmt: skip
def test_how_far_an_interval_reaches(median, low, high, reached):
    assert reach(Estimate(median, low, high)) == pytest.approx(reached)


def test_it_is_told_how_many_images_a_precision_needs():
    """Of 40 sizes, the 14th and the 27th are the ends of the interval of the median."""
    rule = rule_of(range(1, 41))
    width = 100 * 6.5 / 20.5
    assert rule.width == pytest.approx(width) and not rule.reached
    needed = math.ceil(40 * (width / 10) ** 2)
    assert rule.shortage == (
        f"the median is known within 32 %, from 40 images that needed noise; to know it within 10 % takes about "
        f"{needed:,}."
    )
    assert rule_of(range(1, 41), rule.width).shortage is None, "the precision is reached exactly"
    assert rule_of([], None).shortage is None and not rule_of([5.0] * 40, None).reached


@pytest.mark.parametrize(
    ("found", "more"),
    [(17, "it was found for only 17 of them, so each image needs more queries"), (18, "more are needed")],
)
def test_whether_more_images_or_more_queries_help(found, more):
    rule = rule_of([5.0] * found + [math.inf] * (30 - found))
    assert rule.shortage == f"the median is not known within 10 %: 30 images needed noise, and {more}."


def test_images_without_a_searched_size_are_not_counted_and_thirty_are_enough():
    rule = rule_of(range(1, 30))
    for needed, why in ((False, StopReason.MISCLASSIFIED), (True, StopReason.OBSERVER), (False, StopReason.OBSERVER)):
        rule.take(SimpleNamespace(needed_noise=needed, stop_reason=str(why), found=True, size=30))
    assert len(rule.sizes) == 29 and rule.width == math.inf
    rule.take(SimpleNamespace(needed_noise=True, stop_reason=str(StopReason.QUERIES), found=True, size=30))
    assert rule.width == pytest.approx(100 * 5.5 / 15.5)  # from the tenth to the twenty-first
