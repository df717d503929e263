"""Folders of hardenings that are compared: in what the hardenings differ, and what the folders do not share."""

import json

import numpy as np
import pytest

import tfstab
from made_runs import made_search, made_sweep
from tfstab import SearchConfig, SweepConfig
from tfstab.errors import InputError
from tfstab.experiments.folders_compared import Folder, FolderComparison
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.report.comparison_json import comparison_json
from tfstab.report.harden_page import big_numbers


def test_a_hardening_and_a_comparison_of_its_folders_say_the_same(tmp_path):
    """Noise has 60 images, and fog 40 of them: each accuracy is of its own images, and the mean of those of both."""
    rng, labels = np.random.default_rng(0), np.arange(60) % 3
    sides = [
        [
            made_sweep(tmp_path / name / family, SweepConfig(degradation=family, severities=(10, 20), copies=1),
                       np.where(rng.random((60, 2, 1)) < right, labels[:, None, None], 3)[:count], labels[:count],
                       classes=4, name=name)
            for family, count in (("gaussian_noise", 60), ("fog", 40))
        ]
        for name, right in (("one", 0.5), ("two", 0.8))
    ]  # fmt: skip
    hardened, compared = RemedyComparison(*sides), tfstab.compare(tmp_path / "one", tmp_path / "two")
    for pair, count in zip(compared.pairs, (40, 60), strict=True):
        family = hardened.change(pair.first.degradation.name)
        assert (family.paired, family.images) == (pair.accuracy(), count) and len(pair.images) == count
    accuracy = hardened.change("accuracy")
    assert accuracy.images == compared.overall.count == 40
    assert accuracy.paired.value == pytest.approx(compared.overall.value)
    told, expected = ({(c.which, c.paired, c.sign) for c in each.recalls} for each in (hardened, compared))
    assert told == expected and len(told) == 6
    said, noise = hardened.summary(), hardened.change("gaussian_noise")
    assert said.startswith("'two' compared with 'one' on 40 images (up to 60 under a single degradation)\n")
    assert f"Accuracy under Gaussian noise on 60 images: {100 * noise.paired.first:.1f} % before" in said
    assert noise.images == 60 and any(number.what.endswith("noise on 60 images") for number in big_numbers(hardened))
    (entry,) = comparison_json([compared])
    assert entry["mean"]["images"] == 40 and "on the 40 images that all have" in compared.summary()
    assert {row["images"] for row in entry["Accuracy by degradation"]} == {60, 40}


@pytest.mark.parametrize(
    ("steps", "network", "said"),
    [
        (
            (290, 1136),
            "a",
            "Where control/hardened is better, its longer training may be the reason. To make them "
            "equal, harden the original of harden/hardened again with `--steps 1136`, more `--minutes` and another",
        ),
        (
            (1136, 290),
            "a",
            "Where harden/hardened is better, its longer training may be the reason. To make them "
            "equal, harden the original of control/hardened again with `--steps 1136`, more `--minutes` and another",
        ),
        ((290, 300), "a", ""),
        ((290, 1136), "b", ""),
        ((290, "many"), "a", ""),
    ],
)
def test_two_hardenings_of_a_network_are_told_apart_by_their_steps(tmp_path, steps, network, said):
    config = SweepConfig(degradation="fog", severities=(20,), copies=1)
    folders = [tmp_path / name / "hardened" for name in ("harden", "control")]
    for folder, count, original in zip(folders, steps, ("a", network), strict=True):
        made_sweep(folder / "fog", config, np.zeros((9, 1, 1), int), name="net-hardened")
        record = {"identity": {"network": original}, "steps": count}
        (folder.parent / "hardening.json").write_text(json.dumps(record))
    pair = tfstab.compare(*folders)
    (entry,) = comparison_json([pair])
    told = [note for note in entry["notes"] if "training steps" in note]
    assert [note for note in pair.notes if "training steps" in note] == told, "Python says what the command says"
    assert len(told) == bool(said) and said in "".join(told)
    if said:
        counts = "{} training steps and control/hardened in {}. Where".format(*(f"{count:,}" for count in steps))
        assert told[0].startswith(f"harden/hardened was hardened in {counts}")


@pytest.mark.parametrize(
    ("steps", "shares", "said"),
    [
        ((642, 642), (0.2, 0.7), "The weights of harden/hardened are 20 % fine-tuned and 80 % original, those of "
         "control/hardened 70 % fine-tuned and 30 % original, so a difference may also come from these shares. The "
         "reports of both hardenings list the accuracy with other shares, on validation images; compare equal shares "
         "there."),
        ((642, 642), (0.8, 1.0), "The weights of harden/hardened are 80 % fine-tuned"),
        ((642, 642), (0.9, 1.0), ""),
        ((642, 642), (0.2, 7.0), ""),
        ((642, 642), (0.2, "70 %"), ""),
        ((642, 642), (0.2, None), ""),
    ],
)  # fmt: skip
def test_two_hardenings_of_a_network_are_told_apart_by_their_shares_of_fine_tuned_weights(
    tmp_path, steps, shares, said
):
    config = SweepConfig(degradation="fog", severities=(20,), copies=1)
    folders = [tmp_path / name / "hardened" for name in ("harden", "control")]
    for folder, count, share in zip(folders, steps, shares, strict=True):
        run = made_sweep(folder / "fog", config, np.zeros((9, 1, 1), int), name="net-hardened")
        (folder.parent / "hardening.json").write_text(json.dumps({"identity": {"network": "a"}, "steps": count}))
        card = {"fingerprint": run.info["model"]["fingerprint"], "share_of_new_weights": share}
        if share is not None:
            (folder.parent / "net-hardened.json").write_text(json.dumps(card))
    (entry,) = comparison_json([tfstab.compare(*folders)])
    told = [note for note in entry["notes"] if "fine-tuned" in note]
    assert len(told) == bool(said) and "".join(told).startswith(said)
    card |= {"fingerprint": "another", "share_of_new_weights": 0.7}
    (tmp_path / "control" / "net-hardened.json").write_text(json.dumps(card))
    (entry,) = comparison_json([tfstab.compare(*folders)])
    assert not [note for note in entry["notes"] if "fine-tuned" in note], "the card is of another network"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "With 100 % fine-tuned weights in both, the accuracy on degraded validation images is 70.8 % for "
             "harden/hardened and 61.2 % for control/hardened; with 80 %, it is 50.8 % and 41.2 %."),
        ({"by_share": [{"share": 0, "clean": 0.8, "degraded": 0.3}, {"share": 0.8, "clean": 0.8, "degraded": 0.412}]},
         "With 80 % fine-tuned weights in both, the accuracy on degraded validation images is 50.8 % for "
         "harden/hardened and 41.2 % for control/hardened."),
        ({"measure": "mean recall"}, "With 100 % fine-tuned weights in both, the mean recall on degraded validation "),
        ({"images": 90}, "The reports of both hardenings list the accuracy with other shares"),
        ({"by_share": []}, "The reports of both hardenings list the accuracy with other shares"),
        ({"by_share": [{"share": "0.8"}]}, "The reports of both hardenings list the accuracy with other shares"),
    ],
)  # fmt: skip
def test_two_hardened_networks_are_compared_with_equal_shares_of_fine_tuned_weights(tmp_path, change, said):
    """`change`: in the validation figures of one card, or of both for the measure."""
    config = SweepConfig(degradation="fog", severities=(20,), copies=1)
    folders = [tmp_path / name / "hardened" for name in ("harden", "control")]
    for folder, share, degraded in zip(folders, (1.0, 0.8), (0.508, 0.412), strict=True):
        run = made_sweep(folder / "fog", config, np.zeros((9, 1, 1), int), name="net-hardened")
        (folder.parent / "hardening.json").write_text(json.dumps({"identity": {"network": "a"}, "steps": 642}))
        figures = {0.0: 0.3, 0.8: degraded, 1.0: degraded + 0.2}
        rows = [{"share": one, "clean": 0.8, "degraded": value} for one, value in figures.items()]
        validation = {"by_share": rows, "images": 80, "measure": "accuracy"}
        validation |= change if share == 0.8 or "measure" in change else {}
        card = {
            "fingerprint": run.info["model"]["fingerprint"], "share_of_new_weights": share,
            "settings": {"against": {"fog": [0, 80]}, "keep_clean": 1.0},
            "data": {"validation": {"fingerprint": "5"}}, "validation": validation,
        }  # fmt: skip
        (folder.parent / "net-hardened.json").write_text(json.dumps(card))
    (entry,) = comparison_json([tfstab.compare(*folders)])
    (told,) = [note for note in entry["notes"] if "fine-tuned" in note]
    shares = "100 % fine-tuned, those of control/hardened 80 % fine-tuned and 20 % original"
    assert told.startswith(f"The weights of harden/hardened are {shares}, so") and said in told


def test_what_two_folders_do_not_share_is_told(tmp_path):
    families = {"one": {"fog": (20, 40), "jpeg": (90, 10), "gaussian_blur": (1, 2), "rotation": (5, 10)},
                "two": {"fog": (20, 40), "jpeg": (80, 20), "gamma": (2, 4)}}  # fmt: skip
    for name, given in families.items():
        for family, severities in given.items():
            config = SweepConfig(degradation=family, severities=severities, copies=1)
            made_sweep(tmp_path / name / family, config, np.arange(6)[:, None, None] % 2, name=name)
        norm = SearchConfig(norm="l2" if name == "one" else "linf")
        made_search(tmp_path / name / "search", np.full(6, 10.0), name=name, config=norm)
    found = FolderComparison(*(Folder.open(tmp_path / name) for name in families))
    assert [pair.first.degradation.name for pair in found.pairs] == ["fog"] and found.searches is None
    (jpeg, only, other), noise = found.left_out, found.no_noise
    assert noise in found.summary().splitlines()
    assert jpeg.startswith("JPEG compression: ") and "no quality in common" in jpeg
    assert only == "Only one has Gaussian blur, rotation." and other.startswith("Only two has gamma")
    assert noise.startswith("Minimum noise: ") and "minimises L2" in noise and noise.endswith("of the same norm.")
    with pytest.raises(InputError, match=rf"{tmp_path}/one and {tmp_path}/three have no degradation that can"):
        FolderComparison(Folder.open(tmp_path / "one"), Folder(tmp_path / "three", {}, None))
