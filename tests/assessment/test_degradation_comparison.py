"""Which of two degradations costs a network more accuracy, asked in Python and on the command line."""

import json
import shutil

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of

import tfstab
from processes import refused, tfstab_here
from tfstab.datasets.groups import drawn_remark
from tfstab.errors import InputError
from tfstab.metrics.outlook import round_up

FOG, JPEG, CLEAN = (20, 40, 60), (90, 50, 10), np.arange(200) >= 20
DEPENDS = (
    "This depends on the severities tried, over which the accuracies are averaged (density 20 to 60 %; quality 90 to "
    "10): the strengths of two degradations are not comparable by themselves."
)


def folder_of(path, fog, jpeg, **of_jpeg):
    """Sweeps with these numbers of right images at each severity, of the 180 that are right when clean."""
    for name, severities, right, other in (("fog", FOG, fog, {}), ("jpeg", JPEG, jpeg, of_jpeg)):
        rows = first_of([(20 + count) / 200 for count in right], 200) & CLEAN[:, None, None]
        sweep_of(path, name, rows, severities, clean=CLEAN, **other)
    return path


@pytest.fixture(scope="module")
def decided(tmp_path_factory):
    return folder_of(tmp_path_factory.mktemp("decided"), (150, 90, 30), (170, 150, 130))


@pytest.fixture(scope="module")
def close(tmp_path_factory):
    """The two differ in 6 images: under fog 4 of them are lost at the strongest severity, under JPEG 2 others."""
    path, lost = tmp_path_factory.mktemp("close"), np.ones((2, 200, 3, 1), bool) & CLEAN[:, None, None]
    lost[0, [50, 60, 70, 80], 2], lost[1, [100, 110], 2] = False, False
    sweep_of(path, "fog", lost[0], FOG, clean=CLEAN)
    sweep_of(path, "jpeg", lost[1], JPEG, clean=CLEAN)
    return path


def test_the_degradation_that_costs_more_accuracy_is_named(decided):
    both = tfstab.open_assessment(decided).compare_degradations("jpeg", "fog")
    assert both.accuracy.value == pytest.approx((270 - 450) / 600) and both.accuracy.sign == -1
    jpeg, fog = both.kept
    assert (jpeg.value, fog.value) == pytest.approx((450 / 540, 270 / 540))
    ends = f"{-100 * both.accuracy.high:.1f} to {-100 * both.accuracy.low:.1f}"
    assert f"Fog costs more accuracy: under it, accuracy is 30.0 points lower ({ends})." in str(both)
    assert str(both).startswith("On the same 200 images, the network keeps 83 % (") and "would decide" not in str(both)
    turned = tfstab.open_assessment(decided).compare_degradations("fog", "jpeg")
    assert str(turned).endswith(DEPENDS)
    assert f"Fog costs more accuracy: under it, accuracy is 30.0 points lower ({ends})." in str(turned)


def test_an_open_question_comes_with_the_number_of_images_that_would_decide_it(close, tmp_path):
    both = tfstab.open_assessment(close).compare_degradations("fog", "jpeg")
    d = (4 - 2) / 3 / 200  # each lost copy is a third of an image
    assert both.accuracy.value == pytest.approx(d) and both.accuracy.low < 0 < both.accuracy.high
    ends = f"-{-100 * both.accuracy.low:.1f} to +{100 * both.accuracy.high:.1f}"
    number = f"{round_up(both.accuracy.needed()):,}"
    said = (
        f"Which of them costs more accuracy is not decided: the accuracy under fog is 0.3 points lower ({ends}). If "
        f"the true difference is this large, about {number} images would decide it with a probability of 80 %. "
    )
    assert said in str(both) and str(both).endswith(DEPENDS)
    assert said in str(tfstab.open_assessment(close).compare_degradations("jpeg", "fog"))
    grouped = shutil.copytree(close, tmp_path / "grouped")
    for name in ("fog", "jpeg"):
        path = grouped / name / "run.json"
        info = json.loads(path.read_text())
        info["data"]["remarks"] = drawn_remark(200, 1000)
        path.write_text(json.dumps(info))
    said = str(tfstab.open_assessment(grouped).compare_degradations("fog", "jpeg"))
    assert f"images of about {number} groups would decide it" in said


def test_only_images_measured_under_both_count(tmp_path):
    half = folder_of(tmp_path / "half", (150, 90, 30), (170, 150, 130), indices=np.arange(99, 299))
    both = tfstab.open_assessment(half).compare_degradations("fog", "jpeg")
    assert both.images.tolist() == list(range(99, 200))
    # Under fog, images 20 to 169, 20 to 109 and 20 to 49 are right; all of JPEG compression's except its first 20.
    right = (71 + 11) / 303, 3 * 81 / 303
    assert (both.accuracy.first, both.accuracy.second) == pytest.approx(right)
    assert str(both).startswith("On the same 101 images, the network keeps ")
    none = folder_of(tmp_path / "none", (150, 90, 30), (170, 150, 130), indices=np.arange(300, 500))
    said = str(tfstab.open_assessment(none).compare_degradations("fog", "jpeg"))
    assert said == (
        "No image was measured under both fog and JPEG compression, so they cannot be compared: measure both on the "
        "same images."
    )


def test_if_no_image_is_right_when_clean_accuracies_are_compared(tmp_path):
    for name, severities, right in (("fog", FOG, 0), ("jpeg", JPEG, 1)):
        rows = np.full((20, 3, 1), bool(right))
        sweep_of(tmp_path, name, rows, severities, clean=np.zeros(20, bool))
    said = str(tfstab.open_assessment(tmp_path).compare_degradations("fog", "jpeg"))
    assert said.startswith("On the same 20 images, the accuracy is 0 % (0–17) under fog and 100 % (83–100) under JPEG ")


def test_alike_degradations_are_no_riddle(tmp_path):
    said = str(
        tfstab.open_assessment(folder_of(tmp_path, (150, 90, 30), (150, 90, 30))).compare_degradations("fog", "jpeg")
    )
    assert "is not decided: both accuracies are the same (-" in said and "If the true" not in said


def test_two_measured_degradations_are_expected(decided):
    assessment = tfstab.open_assessment(decided)
    with pytest.raises(InputError, match=r"unknown measured degradation 'blur': .*fog, jpeg"):
        assessment.compare_degradations("fog", "blur")
    with pytest.raises(InputError, match="both degradations are 'fog'; expected two different ones"):
        assessment.compare_degradations("fog", "fog")


@pytest.mark.parametrize("which", ["decided", "close"])
def test_the_command_says_it_of_two_sweeps(which, request):
    path = request.getfixturevalue(which)
    said = tfstab_here("robustness", path / "fog", path / "jpeg")
    assert said.returncode == 0, said.stderr
    both = tfstab.open_assessment(path).compare_degradations("fog", "jpeg")
    assert said.stdout.splitlines()[-1] == str(both)
    assert "costs more accuracy" not in tfstab_here("robustness", path / "fog").stdout
    json.loads(tfstab_here("robustness", path, "--json").stdout)


def test_a_comparison_of_two_degradations_names_the_command_that_answers(decided, tmp_path):
    told = refused(tfstab_here("compare", decided / "fog", decided / "jpeg"))
    command = f"`tfstab robustness {decided / 'fog'} {decided / 'jpeg'}`"
    python = "(in Python compare_degradations('fog', 'jpeg') of the assessment)"
    assert f"{command} says which of the two degradations costs this network more accuracy {python}." in told
    sweep_of(tmp_path, "jpeg", np.ones((200, 3, 1), bool), JPEG, name="another")
    told = refused(tfstab_here("compare", decided / "fog", tmp_path / "jpeg"))
    assert "or the folders that hold the sweeps of each network" in told and "tfstab robustness" not in told
