"""What is said of the results of a search, from results by hand."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from tfstab.search.summary import Quartiles, SearchSummary


def result(size, psnr=20.0, *, needs=True, queries=10, gradients=0, norm="l2"):
    return SimpleNamespace(
        norm=norm, queries=queries, gradients=gradients, needed_noise=needs, found=size < math.inf, size=size, psnr=psnr
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([4.0], (4, 4, 4)),
        ([1.0, 2.0], (1, 1.5, 2)),
        ([4.0, 1.0, 3.0, 2.0], (1, 2.5, 3)),
        ([1.0, 2, 3, 4, 5], (2, 3, 4)),
    ],
)
def test_quartiles_are_values_that_occur(values, expected):
    assert Quartiles.of(values) == expected


def test_quartiles_of_nothing_are_not_known():
    assert all(map(math.isnan, Quartiles.of([])))


@pytest.mark.parametrize(
    ("results", "lines"),
    [
        ([], ["No image has been searched yet."]),
        ([result(3.0, needs=False, queries=0)], [
            "Noise was found for 0 of the 0 images that needed it.",
            "1 further image is misclassified when clean and needs none.",
        ]),
        ([result(math.inf)], [
            "Noise was found for 0 of the 1 image that needed it.", "10 degraded images were scored.",
        ]),
        ([result(30.0, 21.0), result(40.0, 23.0), result(math.inf), result(5.0, needs=False, queries=1000)], [
            "Noise was found for 2 of the 3 images that needed it.",
            "1 further image is misclassified when clean and needs none.",
            "L2 of the minimum noise in grey levels: median 40.0, quartiles 30.0 and not reached; median PSNR 21.0 dB.",
            "1,030 degraded images were scored.",
        ]),
        ([result(30.0, 21.0, gradients=7), result(math.inf), result(math.inf)], [
            "Noise was found for 1 of the 3 images that needed it.",
            "L2 of the minimum noise in grey levels: median not reached, quartiles 30.0 and not reached.",
            "30 degraded images were scored and 7 gradients computed.",
        ]),
        ([result(30.0, 21.0), *[result(math.inf)] * 5], [
            "Noise was found for 1 of the 6 images that needed it.",
            "Median and quartiles of the L2 of the minimum noise are not reached: images for which none was found "
            "count as needing more than all others.",
            "60 degraded images were scored.",
        ]),
    ],
)  # fmt: skip
def test_a_search_in_sentences(results, lines):
    assert SearchSummary.of(results).lines() == lines


def test_the_interval_is_told_if_there_are_enough_images():
    told = SearchSummary.of([result(float(size)) for size in range(1, 41)]).lines()[1]
    assert "median 20.5 (95 % interval 14.0 to 27.0), quartiles 10.0 and 30.0" in told
    some = SearchSummary.of([result(5.0)] * 21 + [result(math.inf)] * 19)
    assert "median 5.0 (95 % interval 5.0 or more), quartiles 5.0 and not reached" in some.lines()[1]
    few = SearchSummary.of([result(5.0)] * 3)
    assert "median 5.0, quartiles 5.0 and 5.0; median PSNR 20.0 dB." in few.lines()[1]


def test_a_search_as_json():
    found = SearchSummary.of([result(3.0, 21.0, norm="l1", gradients=2), result(math.inf, norm="l1")]).to_json()
    assert found == {
        "images": 2, "images_given": 2, "needed_noise": 2, "found": 1,
        "l1": dict.fromkeys(("median", "upper_quartile", "median_high"))
        | {"lower_quartile": 3.0, "median_low": found["l1"]["median_low"]},
        "median_psnr": None, "queries": 20, "gradients": 2,
    }  # fmt: skip
    assert SearchSummary.of([result(3.0, 21.0)]).to_json()["median_psnr"] == 21


def test_the_images_misclassified_when_clean_are_told_of_all_that_were_given():
    """A search that was stopped has finished these first."""
    reached = np.arange(200) < 9
    part = SearchSummary.of([result(3.0), *[result(0.0, needs=False)] * 7], reached)
    assert part.lines()[1] == ("7 further images are misclassified when clean and need none; of all 200 images, 9 are.")
    assert (part.to_json()["images"], part.to_json()["images_given"]) == (8, 200)
    whole = SearchSummary.of([result(3.0), result(0.0, needs=False)], np.array([False, True]))
    assert whole.lines()[1] == "1 further image is misclassified when clean and needs none."
