"""What a comparison of assessments says of single severities, and of the images that undecided degradations take."""

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from made_runs import made_sweep
from tfstab import SweepConfig, compare
from tfstab.cli.app import app
from tfstab.metrics.multiple import decided, error_of_each
from tfstab.metrics.paired import mean_difference

IMAGES = 400


def swept(folder, network, family, *right, severities=(20, 60)):
    """A sweep in which so many of the images are right at each severity; the same ones are right in both networks."""
    taken = (np.arange(IMAGES)[:, None] >= np.array(right)).astype(int)[:, :, None]
    config = SweepConfig(severities=severities, copies=1, degradation=family)
    made_sweep(folder / network / family, config, taken, classes=2, name=network)


def compared(folder) -> Result:
    """What the command prints in the folder's parent."""
    result = CliRunner().invoke(app, ["compare", str(folder / "old"), str(folder / "new")], catch_exceptions=False)
    assert result.exit_code == 0
    return result


def test_severities_that_the_mean_hides_are_named_with_the_command_that_shows_them(tmp_path):
    for network, fog, jpeg in (("old", (320, 200), (250, 200)), ("new", (250, 270), (320, 270))):
        swept(tmp_path, network, "fog", *fog)
        swept(tmp_path, network, "jpeg", *jpeg, severities=(30, 10))
    printed = compared(tmp_path).output
    assert (
        "At single severities (all 4 are decided at once), 'old' is right more often under fog (density 20 %); 'new' "
        "is right more often under fog (density 60 %). Everything else is undecided." in printed
    )
    step = printed[printed.index("next:") :]
    assert f"{tmp_path / 'old' / 'fog'} {tmp_path / 'new' / 'fog'}" in step and "# fog, severity by severity" in step


def test_without_such_severities_nothing_is_said_of_them(tmp_path):
    for network, right in (("old", (250, 200)), ("new", (320, 270))):
        for family in ("fog", "motion_blur"):
            swept(tmp_path, network, family, *right)
    printed = compared(tmp_path).output
    assert "single severities" not in printed and "next:" not in printed


def test_the_images_for_each_undecided_degradation_are_told_fewest_first(tmp_path):
    for network, fog, blur in (("old", 200, 200), ("new", 202, 203)):
        swept(tmp_path, network, "fog", fog, fog)
        swept(tmp_path, network, "motion_blur", blur, blur)
    said = str(compare(tmp_path / "old", tmp_path / "new"))
    assert "in all would decide motion blur and about" in said
    assert said.index("motion blur and about") < said.index(" fog.")


@pytest.mark.parametrize(("better", "worse", "degradations"), [(0.06, 0.02, 19), (0.20, 0.15, 5)])
def test_so_many_images_decide_a_degradation_in_at_least_four_of_five_cases(better, worse, degradations):
    def difference(places):  # 0..1, of each image
        only_first, only_second = places < worse, (places >= worse) & (places < worse + better)
        return mean_difference(only_first.astype(float), only_second.astype(float))

    measured = difference(np.arange(1000) / 1000)
    needed = int(measured.needed(confidence=1 - error_of_each([measured] * degradations)))
    rng = np.random.default_rng(3)
    found = [decided([difference(rng.random(needed))] * degradations)[0] == 1 for _ in range(600)]
    assert 0.77 < np.mean(found) < 0.92  # a little more than promised, because of the allowance for rare images
