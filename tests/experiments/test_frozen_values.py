"""Comparisons, assessments and layers, from runs whose predictions are given, as last recorded (`make frozen`)."""

from pathlib import Path

import numpy as np
import pytest
from assessment_runs import CLASSES, first_of, sweep_of
from frozen import check, in_words
from report.figures_in_words import described, part_in_words

from made_runs import made_explanation, made_search
from tfstab.assessment import Figures, verdict
from tfstab.assessment.ranking import extreme, standings
from tfstab.cli.image_details import search_facts
from tfstab.experiments.comparison import compare
from tfstab.experiments.folders_compared import Folder, FolderComparison
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.experiments.robustness import Robustness
from tfstab.explanation.gain import gains_of, layer_table
from tfstab.report.tables import search_class_table, search_table
from tfstab.search.summary import SearchSummary

HERE = Path(__file__).parent / "frozen"
COUNT = 40
SHARES = {"fog": (0.9, 0.6, 0.3), "gaussian_noise": (0.95, 0.7, 0.2), "jpeg": (1, 0.9, 0.7)}
SEVERITIES = {"jpeg": (90, 50, 10)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two networks with a sweep of each degradation and a search; the second is right more often under fog."""
    path = tmp_path_factory.mktemp("values")
    rng, labels = np.random.default_rng(0), np.arange(COUNT) % CLASSES
    for name, better in (("one", 0.0), ("two", 0.25)):
        clean = np.arange(COUNT) % 10 != (9 if name == "one" else 4)
        for family, shares in SHARES.items():
            more = [min(1, share + better * (family == "fog")) for share in shares]
            copies = 3 if family == "gaussian_noise" else 1
            right = first_of(more, COUNT, copies)[rng.permutation(COUNT)] & (rng.random((COUNT, 3, copies)) < 0.9)
            given = right & clean[:, None, None], SEVERITIES.get(family, (20, 40, 60)), copies, clean
            sweep_of(path / name, family, *given, psnr=np.float32(25), name=name)
        l2 = np.where(clean & (np.arange(COUNT) % 7 == 3), np.inf, 20 + 3.0 * np.arange(COUNT) * (1 + better))
        wrong = np.where(clean, labels, (labels + 1) % CLASSES)
        made_search(path / name / "search", l2, labels, wrong, CLASSES, name=name, unrefined=1.5 * l2)
    return path


def recorded(name, folder, **values):
    # Neither the versions of packages nor the machine are results.
    lines = [line for key, value in values.items() for line in in_words(key, value) if "[environment]" not in line]
    check(HERE / f"{name}.txt", [line.replace(str(folder), "HERE") for line in lines])


def runs(folder, name):
    opened = Folder.open(folder / name)
    return [*opened.sweeps.values(), opened.search]


def test_comparisons(folder):
    one, two = runs(folder, "one"), runs(folder, "two")
    compared = FolderComparison(Folder.open(folder / "one"), Folder.open(folder / "two"))
    remedy = RemedyComparison(one, two, trained=["fog"])
    recorded("remedy", folder, changes=remedy.changes, summary=remedy.summary(), table=remedy.to_pandas().to_csv(),
             json=remedy.to_json())  # fmt: skip
    recorded("robustness", folder, alone=Robustness(one[:3]), beside=Robustness(two[:3], one[:3]))
    recorded("compared", folder, sweep=compare(one[0], two[0]), search=compare(one[3], two[3]), left=compared.left_out,
             summary=compared.summary())  # fmt: skip


def test_an_assessment(folder):
    figures = Figures.of(runs(folder, "one"))
    found = standings(figures.families)
    recorded("assessed", folder, figures=figures, standings=found, worst=extreme(figures.families, harmful=True),
             best=extreme(figures.families, harmful=False), verdict=verdict(figures))  # fmt: skip


def test_layers_of_an_explanation(tmp_path):
    margins = np.stack([np.linspace(0.8, 1.4, 30), np.linspace(1.2, 0.7, 30)])
    run = made_explanation(tmp_path / "run", margins, margins**2, np.linspace(1, 2, 30), np.linspace(5, 9, 30))
    recorded("layers", tmp_path, gains=gains_of(run), table=layer_table(run), summary=run.summary())


def test_a_search(folder):
    """Of an image with noise, one without, and one that is wrong when clean."""
    run, names = runs(folder, "one")[3], ("cat", "dog", "fox")
    results = [run.result(image) for image in (2, 3, 9)]
    tables = [search_table(run, names), search_class_table(run, names), *(search_facts(run, one) for one in results)]
    recorded("search", folder, results=results, summary=SearchSummary.of(run), lines=SearchSummary.of(run).lines(),
             words=[one.summary(names) for one in results], run=run.summary(), table=run.to_pandas().to_csv(),
             history=results[0].to_pandas().to_csv(), json=SearchSummary.of(run).to_json(),
             tables=[part_in_words(table) for table in tables],
             figures=[described(one.plot(names, "a title")) for one in results])  # fmt: skip
