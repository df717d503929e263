"""The league: remedies trained with equal numbers of passes, measured on the same images."""

import json

import numpy as np
import pytest

from processes import load_bundled_once
from tfstab.degradations import BUILT_IN, ranges
from tfstab.errors import DataError, InputError, RunError
from tfstab.experiments import league as leagues
from tfstab.experiments import league_entries
from tfstab.experiments.league import League, run_league
from tfstab.report.league_tables import league_json, league_table
from tfstab.report.run_report import write_report
from tfstab.training import hardening_training


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("league")


@pytest.fixture(scope="module")
def told():
    """What the league says on its way: (what is done, how much of it, of how much)."""
    return []


@pytest.fixture(scope="module")
def data_dir(digits, tmp_path_factory):
    """A few digits as MNIST's, of which training leaves none out, as one pixel of each differs from mnist-5k."""
    folder, test = tmp_path_factory.mktemp("data"), digits.take(50)
    training = digits.take(600).without(test)
    images = training.images[..., 0].copy()
    images[:, 0, 0] ^= 1
    np.savez(
        folder / "mnist.npz", x_train=images, y_train=training.labels, x_test=test.images[..., 0], y_test=test.labels
    )
    return folder


@pytest.fixture(scope="module")
def league(folder, data_dir, told):
    with pytest.MonkeyPatch.context() as patch:
        few = {name: BUILT_IN[name] for name in ("gaussian_noise", "fog")}
        patch.setattr(leagues, "BUILT_IN", few)  # what is measured
        patch.setattr(ranges, "BUILT_IN", few)  # and what is trained on, which is compiled for each training
        patch.setitem(leagues.SCALES, "tiny", leagues.LeagueScale(passes=1, images=20, searched=1))
        patch.setattr(leagues, "QUERIES", 100)
        patch.setattr(league_entries, "load_classifier", load_bundled_once)
        patch.setattr(league_entries, "SMOOTHED_COPIES", 2)  # each image is scored so many times
        patch.setattr(hardening_training, "MOST_WATCHED", 60)  # in one batch
        only = ("mixture_averaged", "stability", "smoothed")
        return run_league("mnist", "tiny", folder, only, data_dir=data_dir, on_step=lambda *step: told.append(step))


def test_every_remedy_gets_the_same_number_of_passes(league):
    trained = {s.name: s for s in league.standings if s.passes}
    assert set(trained) == {"mixture_averaged", "stability"}
    # A pass of all but a tenth of 550 images are 495; stability training shows each image twice.
    steps = {name: steps_of(league, name) for name in trained}
    assert steps == {"mixture_averaged": 495 // 128 + 1, "stability": round(495 / 2 / 128)}


def steps_of(league, name):
    (card,) = (league.folder / name / "training").glob("mnist-lenet-*.json")
    return json.loads(card.read_text("utf-8"))["steps"]


def test_the_sweeps_and_the_search_of_each_network_are_told_as_they_are_done(league, told):
    measuring = [step for step in told if step[0].startswith("measuring, ")]
    assert [step[1:] for step in measuring] == [(k, 3) for k in range(4)] * 4, "two sweeps and a search each"
    assert list(dict.fromkeys(what for what, *_ in measuring)) == [
        f"measuring, {entry.title}" for entry in league_entries.ENTRIES if (league.folder / entry.name).is_dir()
    ]


def test_the_table_compares_with_the_original(league):
    table = league_table(league)
    assert table.rows[0][0] == "original"
    assert table.rows[0][2] == "" and len(table.rows) == 4 and all("to" in row[2] for row in table.rows[1:])
    networks = league_json(league)["networks"]
    assert networks[0]["figures"]["clean"]["change"] == 0
    assert all(n["images"] == 20 for n in networks)


def test_the_runs_of_an_entry_make_a_report(league, tmp_path):
    assert write_report(league.runs("stability"), tmp_path / "page.html").stat().st_size > 20_000


def test_another_scale_and_unknown_names_are_refused(league, folder):
    with pytest.raises(RunError, match="of scale tiny"):
        run_league("mnist", "small", folder)
    with pytest.raises(InputError, match="unknown remedy 'mixtures'"):
        run_league("mnist", "small", folder, only=("mixtures",))
    with pytest.raises(RunError, match="is not a league"):
        League(folder)
    written = (league.folder / "league.json").read_text("utf-8")
    (folder / "league.json").write_text(written.replace("stability", "../stability"))
    with pytest.raises(RunError, match="is damaged"):
        League(folder)


def test_without_readable_images_nothing_is_begun(tmp_path):
    (tmp_path / "mnist.npz").write_text("not what it says")
    with pytest.raises(DataError, match="mnist"):
        run_league("mnist", out=tmp_path / "league", data_dir=tmp_path)
    assert not (tmp_path / "league").exists()
