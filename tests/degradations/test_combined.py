"""Several degradations combined into one: what it does to an image, and that runs know it."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from numpy_runs import classifier, dataset

from processes import refused, tfstab_here
from tfstab import SweepConfig, open_run, run_sweep
from tfstab.degradations import COMMON, Degradation, NoiseStreams, combined, get_degradation, register, registry
from tfstab.errors import InputError, RunError

STEPS = [("rotation", 5), ("defocus_blur", 1.5), ("contrast", 0.3), ("jpeg", 30)]
IMAGE = np.random.default_rng(0).integers(0, 256, (12, 9, 1), np.uint8)


def by_hand(*steps):
    """Apply degradations that draw nothing, one after the other."""
    image = IMAGE.astype(np.float32)
    for name, severity in steps:
        image = get_degradation(name)(image, severity)
    return image


def test_each_step_is_applied_in_order_as_far_as_the_strength_says():
    scan = combined("scan", STEPS)
    np.testing.assert_array_equal(scan(IMAGE, 100), by_hand(*STEPS))
    half = by_hand(("rotation", 2.5), ("defocus_blur", 0.75), ("contrast", 1 + 0.5 * (0.3 - 1)), ("jpeg", 65))
    np.testing.assert_array_equal(scan(IMAGE, 50), half)
    assert not np.array_equal(combined("scan", STEPS[::-1])(IMAGE, 100), scan(IMAGE, 100))
    assert (scan.neutral, scan.severities, scan.range) == (0, (25, 50, 75, 100), "numbers above 0 to 100")
    assert scan.copies == 1 and not scan.random and "pillow" in {name.lower() for name in scan.packages}
    assert scan.title == "rotation + defocus blur + contrast + JPEG compression"
    assert combined("scan", STEPS, title="poor scanning").title == "poor scanning"
    assert combined("scan", [*STEPS, ("fog", 10)]).title == "rotation + defocus blur + contrast + 2 others"
    assert scan.about == (
        "applies, one after the other, rotation at angle 5, defocus blur at radius 1.5, contrast at factor 0.3 and "
        "JPEG compression at quality 30"
    )


def test_what_rounds_to_the_neutral_severity_is_left_out():
    weak = combined("weak", [("pixelate", 2), ("jpeg", 99)])
    np.testing.assert_array_equal(weak(IMAGE, 25), IMAGE)  # blocks of 1.25 pixels, quality 99.75
    np.testing.assert_array_equal(weak(IMAGE, 75), by_hand(("pixelate", 2), ("jpeg", 99)))
    for step in ("scaling", 0.9), ("poisson", 0.002), ("contrast", 0.5), ("jpeg", 1), ("pixelate", 10_000):
        np.testing.assert_array_equal(combined("weak", [step])(IMAGE, 1e-7), IMAGE)
    near = replace(get_degradation("poisson"), name="own", function=lambda x, gain, rng: x * 0 + gain)
    assert combined("weak", [(near, 0.002)])(IMAGE, 40).max() == np.float32(0.001), "the weakest in its range"


def test_random_steps_draw_from_the_generator_each_for_itself():
    night = combined("night", [("underexposure", 3), ("poisson", 4), ("gaussian_noise", 10)])
    assert night.copies == 20
    first, again, other = (night(IMAGE, 100, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    streams = NoiseStreams(int(np.random.default_rng(1).integers(2**63)))
    expected = get_degradation("poisson")(by_hand(("underexposure", 3)), 4, streams.at(0, COMMON, 1))
    expected = get_degradation("gaussian_noise")(expected, 10, streams.at(0, COMMON, 2))
    np.testing.assert_array_equal(first, expected)


@pytest.mark.parametrize(("steps", "said"), [
    ([], r"combined degradation 'scan' has no steps; expected pairs of a degradation and a severity, such as"),
    ("fog", r"steps of combined degradation 'scan' are 'fog'; expected pairs"),
    ({"fog": 20}, r"steps of combined degradation 'scan' are \{'fog': 20\}; expected pairs"),
    ([("fog", 20), "jpeg"], r"a step of combined degradation 'scan' is 'jpeg'; expected pairs"),
    ([("fog", 0)], r"density of fog is \[0\]; expected one or more numbers above 0 to 100"),
    ([("jpeg", 100)], r"quality of jpeg is \[100\]; expected one or more whole numbers from 1 to 99"),
    ([("jpeg", 30.5)], r"quality of jpeg is \[30\.5\]; expected"),
    ([("fog", "20")], r"density of fog is \['20'\]; expected"),
    ([("mist_", 20)], "unknown degradation 'mist_'"),
    ([(5, 20)], "a degradation is 5; expected a name"),
    ([("fog", 20), ("fog", 30)], "combined degradation 'scan' has fog twice; expected each degradation once"),
    ([(get_degradation("brightness").without_clipping(), 20)], "has unclipped brightness as a step; expected"),
    ([(replace(get_degradation("fog"), name=f"fog{k}"), 20) for k in range(20)], "has 20 steps, whose description is"),
])  # fmt: skip
def test_steps_that_cannot_be_combined_are_refused(steps, said):
    with pytest.raises(InputError, match=said):
        combined("scan", steps)


def test_other_words_that_fit_no_degradation_are_refused():
    for wrong, said in (
        ({"name": "Scan"}, "'Scan' is no degradation's name"),
        ({"title": 5}, "title of degradation 'scan' is 5; expected a text"),
        ({"version": 2}, "version of degradation 'scan' is 2; expected a text"),
        ({"version": ""}, "degradation 'scan' has no version"),
    ):
        with pytest.raises(InputError, match=said):
            combined(**({"name": "scan", "steps": STEPS} | wrong))


def test_its_identity_tells_other_steps_and_who_made_it():
    scan = combined("scan", STEPS, title="poor scanning")
    assert scan.identity["function"] == "test_combined:combined" and not scan.built_in
    assert scan.identity["version"] == "1: rotation 5, defocus_blur 1.5, contrast 0.3, jpeg 30"
    assert scan.identity == combined("scan", list(STEPS), title="poor scanning").identity
    fog = get_degradation("fog")
    changed = [replace(fog, version="2"), 20], [fog, 20], [fog, 20.0000001], [replace(fog, name="mist"), 20]
    assert len({combined("scan", [step]).version for step in changed}) == 4
    assert isinstance(scan, Degradation) and combined("scan", STEPS, version="2").version.startswith("2: ")


def test_a_sweep_runs_and_is_opened_again_and_other_steps_are_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "_registered", {})
    steps = [("brightness", 40), ("gaussian_noise", 20)]
    register(combined("dusk", steps, title="dusk"))
    config, out = SweepConfig(degradation="dusk", severities=(50, 100), copies=2), tmp_path / "run"
    assert run_sweep(classifier(), dataset(4), config, out).complete
    register(combined("dusk", steps, title="dusk"))
    run = open_run(out)
    shown = run.degraded_image(0, 1, 1)
    np.testing.assert_array_equal(shown, open_run(out).degraded_image(0, 1, 1))
    assert not np.array_equal(shown, run.degraded_image(0, 1, 0)) and run.degradation.about
    register(combined("dusk", [("brightness", 40), ("gaussian_noise", 30)], title="dusk"))
    with pytest.raises(RunError, match=r"gaussian_noise 30' here, and the run was made with .*gaussian_noise 20'"):
        open_run(out).degraded_image(0, 1, 1)
    with pytest.raises(RunError, match=r"was begun with version '1: .*20' of the degradation 'dusk', not '1: .*30'"):
        run_sweep(classifier(), dataset(4), replace(config, degradation="dusk"), out)


def test_the_commands_take_the_file_that_registers_it(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "_registered", {})
    monkeypatch.setattr(sys, "path", [*sys.path])
    file, run = tmp_path / "scan_file.py", tmp_path / "run"
    code = "from tfstab.degradations import combined, register\nregister(combined('scan', [('contrast', {})]))\n"
    file.write_text(code.format(0.3))
    sweep = ("sweep", "--degradation", "scan", "--images", "0:2", "--severities", "50", "--out", run)
    assert tfstab_here(*sweep, "--import", file).returncode == 0
    look = ("inspect", run, "--image", 0, "--out", tmp_path / "image.png")

    def forget():
        sys.modules.pop("scan_file", None)
        registry._registered.clear()

    forget()
    assert tfstab_here(*look).returncode == 0, "the file is remembered"
    forget()
    file.write_text(code.format(0.25))
    assert "contrast 0.3'" in refused(tfstab_here(*look, "--import", file))
    forget()
