"""The chosen classes, ranking and JSON of `tfstab compare`, of runs whose every prediction is given."""

import json

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of
from typer.testing import CliRunner

from made_runs import made_sweep
from tfstab import SweepConfig, compare
from tfstab.cli.app import app
from tfstab.errors import InputError
from tfstab.experiments import FolderComparison
from tfstab.experiments.folders_compared import Folder
from tfstab.experiments.ranked import ranked
from tfstab.experiments.sweep_comparison import SweepComparison
from tfstab.runs.opening import open_run


def test_chosen_classes_have_a_table_of_both_networks(tmp_path):
    """Class 0 loses 12 of 50 images when clean, and half under fog; class 2 does not change."""
    labels = np.repeat([0, 2], 50)
    runs = []
    for name, lost, foggy in (("old", 0, 0), ("new", 12, 25)):
        clean, degraded = (np.where(np.arange(100) < count, 1, labels) for count in (lost, foggy))
        config = SweepConfig(degradation="fog", severities=(20,))
        made_sweep(tmp_path / name / "fog", config, degraded[:, None, None], labels, clean, name=name)
        runs.append(str(tmp_path / name))
    said = CliRunner().invoke(app, ["compare", *runs, "--class", "0"])
    assert said.exit_code == 0 and "Chosen classes" in said.output and "recall of class 0 under fog" in said.output
    assert "Chosen classes" not in CliRunner().invoke(app, ["compare", *runs]).output
    both = CliRunner().invoke(app, ["compare", *runs, "--class", "2", "--class", "0", "--json", "--fail-if-worse"])
    (entry,) = json.loads(both.output)
    rows = {row["what"]: row for row in entry["Chosen classes"]}
    figures = (("recall of", ""), ("precision of", ""), ("recall of", " under fog"), ("specificity of", " under fog"))
    assert list(rows) == [f"{of} class {k}{under}" for k in (2, 0) for of, under in figures]
    recall = rows["recall of class 0"]
    assert (recall["images"], recall["first"], recall["second"], recall["better"]) == (50, 1, 0.76, "first")
    foggy = rows["recall of class 0 under fog"]
    assert (foggy["images"], foggy["difference"], foggy["better"]) == (50, -0.5, "first")
    assert foggy["from"] < -0.5 < foggy["to"] < 0
    assert rows["precision of class 0"]["images"] == 50 and rows["recall of class 2"]["better"] == "not decided"
    assert entry["worse"] == ["recall of class 0", "recall of class 0 under fog"] and both.exit_code == 1
    assert entry["worse_of"] == sorted(
        rows, key=lambda what: ("specificity" in what, "under" in what, "precision" in what)
    )
    table = compare(*runs).class_table(["2", "0"])
    columns = {"first": "first", "second": "second", "difference": "difference", "low": "from", "high": "to"}
    taken = ["taken_first", "taken_second", "says_little"]
    assert list(table.index) == list(rows) and table.columns.tolist() == ["images", *columns, "better", *taken]
    assert table["taken_second"].isna().tolist() == [False, True, False, True] * 2 and not table["says_little"].any()
    for what, row in rows.items():
        found = table.loc[what]
        assert (found["images"], found["better"]) == (row["images"], row["better"])
        assert [found[name] for name in columns] == pytest.approx([row[key] for key in columns.values()], nan_ok=True)
    assert compare(*runs).class_table("0").index.tolist() == list(rows)[4:]
    with pytest.raises(InputError, match="no class is named: choose one or more of 0 and 2"):
        compare(*runs).class_table([])


def test_a_gate_on_a_class_says_if_a_higher_recall_says_little(tmp_path):
    """Under fog, the old network takes nearly all images for class 1, the new one tells most of both classes apart."""
    labels, config = np.arange(200) % 2, SweepConfig(degradation="fog", severities=(20,))
    taken = {"old": np.where(np.arange(200) < 20, 0, 1), "new": np.where(np.arange(200) < 40, 1 - labels, labels)}
    runs = [made_sweep(tmp_path / name, config, one[:, None, None], labels, name=name) for name, one in taken.items()]
    both, little = compare(*runs), "recall of class 1 under fog (90 % with old, 20 % with new)"
    said = "A higher recall says little where the network also takes far more images of other classes for the class: "
    for pair, told in ((both, little), (compare(*runs[::-1]), "(20 % with new, 90 % with old)")):
        assert said in pair.judgement("1") and told in pair.judgement("1") and said not in pair.judgement()
    table = both.class_table("1")
    assert table["says_little"].tolist() == [False, False, True, False]
    alarms = table.loc["specificity of class 1 under fog"]
    assert (alarms["images"], alarms["better"]) == (100, "second")
    assert (1 - alarms["first"], 1 - alarms["second"]) == pytest.approx((0.9, 0.2))
    assert compare(*runs[::-1]).worse("1") == ("specificity of class 1 under fog",)
    row = table.loc["recall of class 1 under fog"]
    assert (row["taken_first"], row["taken_second"]) == pytest.approx((0.9, 0.2))
    shown = CliRunner().invoke(app, ["compare", *map(str, (run.path for run in runs)), "--class", "1"]).output
    assert "(90 % with the first, 20 % with the second)" in " ".join(shown.split())


def test_three_networks_are_ranked_on_what_all_have(tmp_path):
    """All have 60 images under fog at severity 20 and 40; one has more severities, another also JPEG."""
    shares = {"middle": (0.5, 0.5, 1), "best": (1, 0.8), "alike": (0.5, 0.4)}
    for name, right in shares.items():
        severities = (20, 40, 60)[: len(right)]
        sweep_of(tmp_path / name, "fog", first_of(right, 60), severities, name=name)
    sweep_of(tmp_path / "best", "jpeg", first_of((0.5,), 60), (20,), name="best")
    runs = [str(tmp_path / name) for name in shares]
    said = CliRunner().invoke(app, ["compare", *runs])
    assert said.exit_code == 0 and "better than" in said.output.partition("\nRanking\n")[2]
    first, last = json.loads(CliRunner().invoke(app, ["compare", *runs, "--json"]).output)
    ranking = last["ranking"]
    assert "ranking" not in first and (ranking["images"], ranking["degradations"]) == (60, ["fog"])
    best, middle, alike = ranking["networks"]
    assert [one["network"].split()[0] for one in (best, middle, alike)] == ["best", "middle", "alike"]
    assert [one["value"] for one in (best, middle, alike)] == pytest.approx([0.9, 0.5, 0.45])
    assert best["low"] < 0.9 < best["high"] and middle["better_than"] == []
    assert sorted(best["better_than"]) == ["alike", "middle"], "decided without a pair of its own"
    (two,) = json.loads(CliRunner().invoke(app, ["compare", *runs[:2], "--json"]).output)
    assert "ranking" not in two


@pytest.mark.parametrize(("images", "families"), [(20, ("fog",)), (60, ("fog",)), (20, ("fog", "jpeg")), (60, ())])
def test_a_ranking_names_the_network_that_has_less_than_the_others(tmp_path, images, families):
    """Of the first two, which have 60 images, the second is better under fog, and the first under JPEG."""
    for name, right in {"plain": (0.5, 1), "noisy": (0.8, 0.2)}.items():
        for family, share in zip(("fog", "jpeg"), right, strict=True):
            sweep_of(tmp_path / name, family, first_of((share,), 60), (20,), name=name)
    for family in families or ("fog", "jpeg"):
        sweep_of(tmp_path / "brief", family, first_of((0.4,), images), (20,), name="brief")
    runs = [str(tmp_path / name) for name in ("plain", "noisy", "brief")]
    said = " ".join(CliRunner().invoke(app, ["compare", *runs]).output.partition("\nRanking\n")[2].split())
    ranking = json.loads(CliRunner().invoke(app, ["compare", *runs, "--json"]).output)[-1]["ranking"]
    if not families:
        assert ranking["limited"] == "" and "rests on only" not in said
        return
    rests = [] if len(families) == 2 else ["1 of 2 degradations (fog)"]
    rests += [] if images == 60 else ["20 of 60 images"]
    why = f"rests on only {' and '.join(rests)}, because brief does not share all of them with plain. "
    assert why in ranking["limited"] and ranking["limited"] in said
    assert ranking["limited"].endswith("assess brief again with more minutes, or leave it out.")
    sweeps = [open_run(tmp_path / name / "fog") for name in ("plain", "noisy", "brief")]
    of_sweeps = ranked([SweepComparison(sweeps[0], other) for other in sweeps[1:]]).limited
    assert of_sweeps.endswith("measure brief (fog) on more images, or leave it out.") == (images == 20)


def test_a_ranking_of_networks_with_different_gaps_says_so(tmp_path):
    """Each of the two others lacks another degradation of the first, so neither has less than the other."""
    for name, families in {"all": ("fog", "jpeg", "contrast"), "b": ("fog", "jpeg"), "c": ("fog", "contrast")}.items():
        for family in families:
            sweep_of(tmp_path / name, family, first_of((0.5,), 30), (20,), name=name)
    pairs = [FolderComparison(*(Folder.open(tmp_path / name) for name in ("all", other))) for other in "bc"]
    limited = ranked(pairs).limited
    assert limited.startswith("This ranking rests on only 1 of 2 degradations (fog), because the networks ")
    assert limited.endswith("assess all networks again with more minutes.")


def test_all_figures_of_the_json_are_shares_with_their_number_of_images(tmp_path):
    names = ("old", "new")
    for name, right in zip(names, ((1, 0.5), (0.5, 0.5)), strict=True):
        for family in ("fog", "jpeg"):
            sweep_of(tmp_path / name, family, first_of(right, 40), (20, 40), name=name)
    found = []
    for runs in ([tmp_path / name for name in names], [tmp_path / name / "fog" for name in names]):
        found += json.loads(CliRunner().invoke(app, ["compare", *map(str, runs), "--json"]).output)
    folders, sweeps = found
    rows = [row for one in found for title, rows in one.items() if " by " in title for row in rows]
    figures = [folders["clean"], folders["mean"], sweeps["clean"], *rows]
    assert len(figures) >= 8 and all(0 <= one[side] <= 1 for one in figures for side in ("first", "second"))
    assert all(one["images"] > 0 and abs(one["difference"]) <= 1 for one in figures)
    assert folders["mean"] == pytest.approx(folders["mean"] | {"first": 0.75, "second": 0.5, "images": 40})
    assert folders["Accuracy by degradation"][0]["difference"] == -0.25 and "images" not in folders
