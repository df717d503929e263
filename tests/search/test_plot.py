"""The picture of a result."""

from dataclasses import replace

import numpy as np
from numpy_networks import SHAPE, linear

from tfstab import SearchConfig, search_minimum_noise


def test_a_result_is_drawn_as_clean_noise_and_degraded():
    from matplotlib.figure import Figure

    from tfstab.search.plot import draw_triple

    network = linear(0.2)
    (result,) = search_minimum_noise(network, np.full((1, *SHAPE), 128, np.uint8), [0], SearchConfig(max_queries=300))
    lost, other = replace(result, found=False), replace(result, norm="linf")
    for shown, scale, limit in ((result, None, result.linf), (other, 80.0, 80.0), (lost, 1, 1)):
        axes = Figure().subplots(1, 3)
        noise = draw_triple(axes, shown, ("a$b", "second"), scale)
        assert noise.get_clim() == (-limit, limit) and noise.get_cmap().name == "RdBu_r"
        np.testing.assert_array_equal(noise.get_array(), result.noise[..., 0])
        clean, degraded = (axes[k].images[0] for k in (0, 2))
        np.testing.assert_array_equal(clean.get_array(), result.clean[..., 0])
        np.testing.assert_array_equal(degraded.get_array(), np.rint(result.degraded[..., 0]))
        assert clean.get_clim() == degraded.get_clim() == (0, 255) and not any(axis.axison for axis in axes)
        titles = [axis.get_title() for axis in axes]
        size = f"L2 {result.l2:.1f}" if shown is result else f"Linf {result.linf:.1f}"
        said = f"{size}  PSNR {result.psnr:.1f}" if shown.found else "not found"
        assert titles == [r"a\$b", said, f"→ second ({result.score:.3f})"]
    assert draw_triple(Figure().subplots(1, 3), replace(result, noise=0 * result.noise), "ab").get_clim() == (-1, 1)
    axes = Figure().subplots(1, 3)
    draw_triple(axes, result, ("a", "b" * 40), name="folder/of/many/images/one$.png")
    assert axes[0].get_title().splitlines() == [r"…f/many/images/one\$.png", "a"]
    assert axes[2].get_title().splitlines()[0] == "→ " + "b" * 21  # 23 characters a line
    titled, plain = (result.plot(title=title) for title in ("one$.png", ""))
    assert (titled.get_suptitle(), plain.get_suptitle()) == (r"one\$.png", "")
    bar = plain.axes[3]
    assert bar.get_ylabel() == "grey levels" and plain.axes[1].images[0].colorbar.ax is bar
