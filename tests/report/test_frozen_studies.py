"""The page of a hardening, the table of a league and the report of a reproduction, as last recorded (`make frozen`).

All predictions, model cards and settings are given; nothing is trained or scored.
"""

import json
import re
import shutil

import keras
import numpy as np
import pytest
from assessment_runs import CLASSES, first_of, sweep_of
from figures_in_words import part_in_words
from frozen import check
from test_frozen_pages import FROZEN, OF_THE_MACHINE, assess, frozen

from made_runs import made_explanation, made_search
from processes import refused, tfstab_here
from tfstab import Classifier, Dataset, SearchConfig
from tfstab.degradations import BUILT_IN
from tfstab.experiments.league import League
from tfstab.experiments.recall_changes import recall_sentences
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.reproduction_steps import LAMBDAS, OBJECTIVES, objective_name
from tfstab.orders.hardening import HardeningSubject
from tfstab.report.harden_page import harden_page, verdict
from tfstab.report.hardening import Hardening
from tfstab.report.league_tables import league_json, league_table
from tfstab.report.reproduction_report import reproduction_report, unfinished
from tfstab.training.hardening import Hardened
from tfstab.training.hardening_card import OWN_TRAINING

SIGMAS = (1, 2, 5, 8, 10, 15, 20, 25, 30, 35, 38, 40)
SEEN = {"clean_before": 0.9, "clean_after": 0.89, "degraded_before": 0.5, "degraded_after": 0.62}
CARD = {
    "name": "two", "original": {"name": "one"}, "remedy": {"title": "Mixture"}, "share_of_new_weights": 0.6,
    "validation": SEEN, "steps": 1200,
}  # fmt: skip


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The runs of a network, and of one that loses less in fog."""
    folder = tmp_path_factory.mktemp("studies")
    return [assess(folder / name, name, fog) for name, fog in (("one", (0.5, 0.2, 0)), ("two", (0.9, 0.6, 0.3)))]


def images(count, name, labels=CLASSES):
    pixels = np.arange(count * 4, dtype=np.int64).reshape(count, 2, 2, 1) % 251
    return Dataset.from_arrays(name, "test", pixels.astype(np.uint8), np.arange(count) % labels, ("a", "b", "c"))


def test_the_page_of_a_hardening(runs, tmp_path):
    layers = [keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(CLASSES)]
    network = Classifier(keras.Sequential(layers), name="two", preprocess="unit", outputs="logits")
    compared = RemedyComparison(*runs, trained=["fog"])
    hardened = Hardened(network, CARD, tmp_path / "two-hardened.keras")
    subject = HardeningSubject(None, images(1300, "folder:photos/train"), images(60, "folder:photos/test"), False,
                               False, {})  # fmt: skip
    made = Hardening(tmp_path, hardened, compared, 12.34, available=45)
    frozen("page-hardening", harden_page(made, subject))
    assert "Minimum noise was not measured" not in made.summary()
    few = "For lack of time, the models were compared under degradations on only 20 test images, and when clean on 40"
    (first, at_once), (_, rest), *_ = verdict(made)
    assert "is not decided" in first and at_once.startswith(few) and rest.startswith("Clean accuracy"), "at the top"
    assert any(line.startswith(f"- {few}") for line in made.summary().splitlines())


def test_a_control_is_proposed_if_clean_accuracy_rises(tmp_path):
    """40 of 60 clean images are right before, all after."""
    right = first_of((0.5, 0.4, 0.3), 60)
    runs = [
        [sweep_of(tmp_path / name, "fog", right, clean=np.arange(60) < count, name=name)]
        for name, count in (("a", 40), ("b", 60))
    ]
    network = Classifier.from_function(np.asarray, (2, 2, 1), CLASSES, fingerprint="two", name="two")
    control = CARD | {"settings": {"clean_share": 1.0}, "remedy": CARD["remedy"] | {"name": "mixture"}}
    for card, pairs, proposed in (
        (CARD, runs, True), (control, runs, False), (CARD, runs[:1] * 2, False),
        (CARD | {"cannot_train": "it is a function"}, runs, False),
    ):  # fmt: skip
        made = Hardening(tmp_path, Hardened(network, card, tmp_path / "b.keras"), RemedyComparison(*pairs), 1)
        assert ("may have been trained too briefly or on fewer images" in made.caveat) == proposed
        assert ("trained on clean images only, so" in made.caveat) == (card is control)
        assert str(made).count("longer training") == bool(made.caveat) + proposed, "the advice comes after the caveat"
        if made.caveat:
            compared, lead, below, *_ = made.summary().splitlines()
            assert "Clean accuracy rises" in lead and below == made.caveat
    compared = RemedyComparison(*runs)
    card = CARD | {"cannot_train": "it is a function", "summary": "It was smoothed."}
    made = Hardening(tmp_path, Hardened(network, card, None), compared, 1)
    page = harden_page(made, HardeningSubject(None, images(30, "d"), images(60, "d"), True, False, {}))
    told, *_ = recall_sentences(compared.recalls, "'a'", "'b'")
    assert (
        told.startswith("Of the 3 recalls under fog (one of each class), the lowest")
        and told.replace("'", "&#39;") in page
    )
    assert "Recall by class and degradation" in page and "decided for all 3 at once" in page


def test_the_page_of_a_hardening_without_training(runs, tmp_path):
    """It was held out, has no search and no file, and needs more computation."""
    network = Classifier.from_function(np.asarray, (2, 2, 1), CLASSES, fingerprint="two", name="two")
    card = {name: CARD[name] for name in ("name", "original", "remedy", "validation")}
    card |= {"cannot_train": "all its layers are frozen", "summary": "It was smoothed.", "inference_cost": 8}
    compared = RemedyComparison([runs[0][2]], [runs[1][2]])
    subject = HardeningSubject(None, images(30, "digits"), images(40, "digits"), True, False, {})
    made = Hardening(tmp_path, Hardened(network, card, None), compared, 0.5, available=25)
    frozen("page-hardening-untrained", harden_page(made, subject))
    lines = [repr(made).replace(str(tmp_path), "HERE"), *made.summary().splitlines()]
    all_used = Hardening(tmp_path, Hardened(network, card | {"inference_cost": 1}, None), compared, 0.5, available=20)
    check(FROZEN / "hardening-summary.txt", [*lines, "", *all_used.summary().splitlines()])


def test_a_network_that_stayed_as_it_was(tmp_path):
    network = Classifier.from_function(np.asarray, (2, 2, 1), CLASSES, fingerprint="one", name="one")
    rows = [{"share": share, "clean": 0.9 - share / 10, "degraded": 0.5 + share / 5} for share in (0.0, 0.5, 1.0)]
    card = CARD | {"share_of_new_weights": 0.0, "validation": SEEN | {"by_share": rows, "images": 150}}
    card |= {"original": {"name": "one", "fingerprint": "one"}, "versions": {"keras": "3"}}
    card |= {"settings": {"against": {"fog": [0, 80]}, "keep_clean": 1.0, "epochs": None}}
    made = Hardening(tmp_path, Hardened(network, card, tmp_path / "one-hardened.keras"), None, 1, retrain_minutes=3)
    subject = HardeningSubject(None, images(30, "digits"), images(26, "folder:data/digits"), False, False,
                               {})  # fmt: skip
    frozen("page-hardening-unchanged", harden_page(made, subject))
    values = {"compared": [{"remedy": "original", "about": "the original network", "clean": 0.9, "degraded": 0.5,
                            "gain_points": 0.0, "interval_95": [0.0, 0.0], "inference_cost": 1}]}  # fmt: skip
    card |= {"cannot_train": "it is a predict function", "validation": SEEN | values, "summary": "It stays unchanged."}
    card["remedy"] = {"title": "the original network", "name": "original"}
    made = Hardening(tmp_path, Hardened(network, card, None), None, 1)
    frozen("page-hardening-unchanged-untrained", harden_page(made, subject))
    assert made.next_steps == [OWN_TRAINING], "it was against one degradation only"
    card["settings"] = {"against": {name: [0, 1] for name in BUILT_IN}}
    own, fewer = Hardening(tmp_path, Hardened(network, card, None), None, 1).next_steps
    assert own == OWN_TRAINING and "fewer degradations (`--against`, in Python against=)" in fewer


def test_a_league(runs, tmp_path, monkeypatch):
    for name, of_entry in (("original", runs[0]), ("mixture", runs[1]), ("augmix", runs[1][:2])):
        for run in of_entry:
            shutil.copytree(run.path, tmp_path / name / run.path.name)
    entries = {"original": {"passes": None}, "mixture": {"passes": 40}, "augmix": {"passes": 2.5}}
    (tmp_path / "league.json").write_text(json.dumps({"data": "mnist", "scale": "small", "entries": entries}))
    league = League(tmp_path)
    told = json.dumps(league_json(league), indent=1).replace(str(tmp_path), "HERE")
    check(FROZEN / "league.txt", [*part_in_words(league_table(league)), *told.splitlines()])
    asked = []
    monkeypatch.setattr("tfstab.experiments.league.run_league", lambda *given, **_: asked.append(given) or league)
    command = ("reproduce", "remedies", "--data", "cifar10", "--scale", "medium", "--out", tmp_path / "all")
    assert json.loads(tfstab_here(*command, "--json").stdout) == league_json(league)
    assert asked == [("cifar10", "medium", tmp_path / "all" / "remedies")]
    shown, folder = tfstab_here(*command), tmp_path / "all" / "remedies" / "cifar10"
    assert shown.stdout.startswith("Remedies, mnist") and "{" not in shown.stdout
    assert shown.stderr.split("\n")[-2] == (
        f"all runs are in {folder}; for the report of one remedy: tfstab report {folder}/mixture"
    )
    for option in ("--network=single=x", "--preprocess=unit", "--outputs=logits", "--trust", "--import=x"):
        assert "remedies are compared for a bundled network" in refused(tfstab_here(*command, option))


def reproduced(folder):
    """A reproduction of 40 MNIST images, with networks of which the second is better under noise, and has less."""
    shares = {"single": np.linspace(1, 0.3, 12), "augmented": np.linspace(0.95, 0.7, 12)}
    clean = np.arange(40) % 10 != 9
    (folder / "clean").mkdir(parents=True)
    labels = np.arange(40) % CLASSES
    for name, share in shares.items():
        right = first_of(share, 40, 4) & clean[:, None, None]
        predicted = np.where(clean, labels, (labels + 1) % CLASSES)
        np.savez(folder / "clean" / f"{name}.npz", labels=labels, predicted=predicted)
        sweep = sweep_of(folder / "made", "gaussian_noise", right, SIGMAS, 4, clean, psnr=np.float32(25), name=name)
        (folder / "sweeps").mkdir(exist_ok=True)
        sweep.path.rename(folder / "sweeps" / name)
    l2 = np.array([20.0, 30, np.inf, 50, 40, 60, 25, 35])
    made_search(folder / "searches/single", l2, labels[:8], labels[:8], CLASSES, name="single", unrefined=1.2 * l2)
    made_search(folder / "searches/augmented", 2 * l2, labels[:8], np.where(np.arange(8) == 4, 0, labels[:8]), CLASSES,
                name="augmented", config=SearchConfig(refine=True))  # fmt: skip
    for kind, margin in (("single", 1.0), ("augmented", 1.5)):
        margins = margin * np.linspace(0.9, 1.1, 12)
        made_explanation(folder / f"explanations/{kind}-layers", margins, gain=1.2, name=kind)
    networks = {name: {"name": name, "trained": "54,000 images", "fingerprint": 64 * name[0]} for name in shares}
    info = {"data": "mnist", "scale": "small", "class_names": ["0", "1", "2"], "networks": networks,
            "images": {"name": "mnist-5k", "note": "a part", "fingerprint": "f"}, "explained": ["single"]}  # fmt: skip
    (folder / "reproduction.json").write_text(json.dumps(info))
    return Reproduction(folder)


def test_the_report_of_a_reproduction(tmp_path):
    page = reproduction_report({"mnist": reproduced(tmp_path)})
    lines = [page.title, *page.lead]
    for section in page.sections:
        lines += ["", section.title, *section.warnings, *section.lines]
        lines += [line for part in section.parts for line in part_in_words(part)]
    machine = re.compile(rf"  ({'|'.join(OF_THE_MACHINE)}) \| .*")
    check(FROZEN / "reproduction.txt", [machine.sub(r"  \1 | ...", line) for line in lines])


def test_both_equations_are_compared_once_all_lambdas_have_been_searched_with_both(tmp_path):
    reproduced(tmp_path)
    names = [objective_name(objective, lambda_) for objective in OBJECTIVES for lambda_ in LAMBDAS]
    for name in names:
        assert "objectives" in unfinished(Reproduction(tmp_path))
        made_search(tmp_path / "objectives" / name, np.ones(1))
    assert "objectives" not in unfinished(Reproduction(tmp_path))


def test_the_weakest_images_are_missing_unless_a_network_gets_none_right(tmp_path):
    r = reproduced(tmp_path)
    steps = unfinished(r)
    assert {
        "weakest/single",
        "weakest/augmented",
        "unclipped/single",
    } <= steps.keys() and "searches/single" not in steps
    for right, missing in ((1, True), (0, False)):
        predicted = np.where(np.arange(40) < right, 0, 1)
        np.savez(tmp_path / "clean" / "single.npz", labels=np.zeros(40, int), predicted=predicted)
        assert ("weakest/single" in unfinished(Reproduction(tmp_path))) == missing
    (tmp_path / "clean" / "single.npz").unlink()
    r = Reproduction(tmp_path)
    assert "weakest/single" in unfinished(r) and "objectives" in unfinished(r)
    r.data = "gtsrb"  # at this scale, both equations are compared for the others alone
    assert "objectives" not in unfinished(r)
