"""What a hardening is given: what is refused before any time is spent, and which images are kept apart."""

import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
from halves import COUNT, GIVEN, SIZE

from processes import refused, tfstab_here
from tfstab import Classifier, harden, load_dataset
from tfstab.errors import DataError, InputError, RunError
from tfstab.orders.hardening import HardeningSubject, hardening_subject
from tfstab.parsing import parse_ranges
from tfstab.report.harden import harden_config

pytestmark = pytest.mark.usefixtures("clock")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "which images? name training images with --train"),
        (["halves.npz"], "has no training images of its own: name some with --train"),
        (["--train", "none.npz"], "none.npz is not a file"),
        (["--train", "halves.npz", "--against", "fogg"], "did you mean 'fog'"),
        (["--train", "halves.npz", "--against", "fog@5"], "expected NAME or NAME@WEAKEST:STRONGEST"),
        (["--train", "halves.npz", "--against", "fog@5:9,fog"], "fog twice"),
        (["--train", "halves.npz", "--against", "fog@0:300"], "density of fog is [300]"),
        (["--train", "halves.npz", "--remedy", "magic"], "unknown remedy 'magic'"),
        (["--train", "halves.npz", "--keep-clean", "-1"], "keep_clean is -1"),
        (["--train", "halves.npz", "--clean-share", "2"], "clean_share is 2"),
        (["--train", "halves.npz", "--minutes", "0"], "minutes is 0"),
        (["--train", "halves.npz", "--degradation", "fogg"], "did you mean 'fog'"),
        (["--train", "halves.npz", "--out", "."], "holds other files"),
        (["--train", "halves.npz", "--out", "halves.npz"], "is a file"),
        (["--data", "halves.npz", "--train", "./halves.npz"], "halves.npz was given both as test and as training"),
        (["halves.npz", "--data", "halves.npz"], "test images were given twice"),
        (["third.npz", "--train", "halves.npz"], "third.npz"),
    ],
)
def test_bad_input_is_refused_before_the_training(folder, arguments, said):
    model = ["tiny.keras"] if arguments else []
    minutes = [] if "--minutes" in arguments else ["--minutes", 0.02]
    assert said in refused(tfstab_here("harden", *minutes, *model, *arguments, cwd=folder))
    assert not (folder / "runs").exists()


def test_training_images_beside_the_test_images_are_suggested(folder, tmp_path):
    (tmp_path / "train").mkdir()
    shutil.copy(folder / "halves.npz", tmp_path / "test.npz")
    with pytest.raises(
        InputError, match=rf"name some, as with --train {re.escape(str(tmp_path / 'train'))} \(in Python"
    ):
        harden(folder / "tiny.keras", tmp_path / "test.npz", **GIVEN)


def test_a_folder_with_other_files_is_refused(folder, tmp_path):
    with pytest.raises(RunError, match=r"^\\udcff cannot be used as a path \(it is not UTF-8"):
        harden(folder / "tiny.keras", train=folder / "halves.npz", out="\udcff", **GIVEN)
    (tmp_path / "a.b").touch()
    with pytest.raises(RunError, match=r"holds other files \(a\.b\)"):
        harden(folder / "tiny.keras", train=folder / "halves.npz", out=tmp_path, **GIVEN)


def test_families_without_a_range_get_their_own():
    typed = parse_ranges("fog, gaussian_noise@5:40", "--against")
    assert harden_config("mixture", typed).against == {"fog": (0, 80), "gaussian_noise": (5, 40)}
    assert [part.ends for part in harden_config("mixture", ["jpeg"]).families] == [(10, 99)]


def test_equal_images_and_those_of_a_group_are_not_both_watched_and_compared(folder):
    images = load_dataset(folder / "halves.npz")
    twice = images.select(np.repeat(np.arange(60), 2))
    in_groups = replace(images, groups=np.arange(COUNT) // 3)
    for test, same in ((twice, lambda part: {bytes(image) for image in part.images}),
                       (in_groups, lambda part: set(part.groups.tolist()))):  # fmt: skip
        compared, watched = HardeningSubject(None, images, test, False, False, {}).divided
        assert 20 <= len(watched) < len(compared) and not same(compared) & same(watched)
    with pytest.raises(DataError, match="too few different images"):
        HardeningSubject(None, images, images.select(np.zeros(30, int)), False, False, {}).divided  # noqa: B018


def test_that_a_model_cannot_be_trained_is_said_before_any_time_is_spent(folder):
    def halves(images):
        return images.reshape(len(images), 2, -1).mean(axis=2)

    function = Classifier.from_function(halves, (SIZE, SIZE, 1), 2, fingerprint="halves", class_names=["left", "right"])
    subject = hardening_subject(function, None, folder / "halves.npz")
    said = " ".join(subject.taken_for)
    assert "cannot be trained: it is a predict function" in said and "cannot be saved as a .keras file" in said
    assert "set aside for validation, which chooses the remedy. Both models are compared on the other " in said
    trained = " ".join(hardening_subject(folder / "tiny.keras", None, folder / "halves.npz").taken_for)
    assert "cannot be trained" not in trained and "for validation, which chooses the weights." in trained


def test_images_of_the_same_classes_get_the_same_outputs_by_name(folder):
    data = np.load(folder / "halves.npz")
    right = data["labels"] == 1
    np.savez(
        folder / "only.npz", images=data["images"][right], labels=np.zeros(right.sum(), int), class_names=["right"]
    )
    subject = hardening_subject(folder / "tiny.keras", folder / "only.npz", folder / "halves.npz")
    assert set(subject.test.labels) == {1} and subject.test.class_names == ("left", "right")
    with pytest.raises(InputError, match="no training images"):
        hardening_subject(folder / "tiny.keras", folder / "third.npz", folder / "halves.npz")
