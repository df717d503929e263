"""The pages of assessments and comparisons in words, as they were last recorded with `make frozen`.

The predictions of the runs are given. Recorded is what nobody would write an assertion for: texts, tables, charts.
"""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from assessment_runs import CLASSES, first_of, sweep_of
from frozen import check
from pages_in_words import page_in_words

from made_runs import made_search
from tfstab import SearchConfig
from tfstab.glossary import terms
from tfstab.orders.comparing import compared_pairs, opened
from tfstab.report.comparison_json import comparison_json
from tfstab.report.comparison_report import comparison_report
from tfstab.report.page import render
from tfstab.report.run_report import report_page
from tfstab.runs.environment import LIBRARIES, PACKAGES

FROZEN = Path(__file__).parent / "frozen"
OF_THE_MACHINE = {"python", "device", "instruction set", *PACKAGES, *LIBRARIES}


def assess(folder, name, fog):
    """Gaussian noise on 40 images, fog and JPEG on 20 of them, a search of 8. 90 % are right when clean."""
    clean = np.arange(40) % 10 != 9
    noise = first_of((1, 0.9, 0.6), 40, 4) & clean[:, None, None]
    labels = np.arange(8) % CLASSES
    l2 = np.array([2.0, 2, 3, 3, 4, np.inf, 5, 9])
    others = {"clean": clean[:20], "name": name}
    return [
        sweep_of(folder, "gaussian_noise", noise, (10, 20, 40), 4, clean, psnr=np.float32(25), name=name),
        sweep_of(folder, "jpeg", first_of((1, 1, 1), 20) & clean[:20, None, None], (90, 50, 10), **others),
        sweep_of(folder, "fog", first_of(fog, 20) & clean[:20, None, None], **others),
        made_search(folder / "search", l2, labels, labels, CLASSES, name=name, unrefined=1.2 * l2),
    ]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The runs of two assessments: the second network loses less in fog."""
    folder = tmp_path_factory.mktemp("pages")
    return [assess(folder / name, name, fog) for name, fog in (("one", (0.5, 0.2, 0.05)), ("two", (0.9, 0.6, 0.3)))]


def frozen(name, html):
    """Compare a page with the recorded one, without the day, the versions and the machine."""
    for term, explained in terms().items():
        html = html.replace(explained, f"(the glossary on {term})")
    lines = page_in_words(re.sub(r"\d+ \w+ 20\d\d|(?<=tfstab )\d+\.\d+\.\d+", "...", html))
    for k, line in enumerate(lines):
        if line in OF_THE_MACHINE and lines[k - 1].startswith("<th"):
            lines[k + 2] = "..."
    check(FROZEN / f"{name}.txt", lines)


def frozen_json(name, values, runs):
    """Compare figures for programs with the recorded ones."""
    text = json.dumps(values, indent=1).replace(str(runs[0][0].path.parents[1]), "HERE")
    check(FROZEN / f"{name}.txt", text.splitlines())


def test_an_assessment(runs):
    frozen("page-assessment", report_page(runs[0], notes=["A note."], warnings=["A warning."]))


def test_a_search_alone(runs):
    frozen("page-search", report_page([runs[0][3]]))


def test_two_networks_beside_each_other(runs, monkeypatch):
    monkeypatch.chdir(runs[0][0].path.parents[1])  # so that the command's paths are short
    page = report_page(runs[0] + runs[1])
    frozen("page-two-networks", re.split(r'<section class="?chapter', page)[0])


def test_two_assessments_compared(runs):
    pairs = compared_pairs([opened(each[0].path.parent) for each in runs])
    frozen("page-compared", render(comparison_report(pairs)))
    frozen_json("compared-json", comparison_json(pairs), runs)


def test_what_cannot_be_compared_is_told(runs, tmp_path):
    """Of JPEG compression the severities differ, and the norms of the searches."""
    folders = [tmp_path / name for name in ("one", "two")]
    for each, folder in zip(runs, folders, strict=True):
        shutil.copytree(each[2].path, folder / "fog")
    sweep_of(folders[0], "jpeg", first_of((1,), 20), (90,), name="one")
    sweep_of(folders[1], "jpeg", first_of((1,), 20), (80,), name="two")
    sweep_of(folders[1], "brightness", first_of((1,), 20), (80,), name="two")
    for folder, norm in zip(folders, ("l2", "linf"), strict=True):
        made_search(folder / "search", np.ones(2), config=SearchConfig(norm=norm), name=folder.name)
    [pair] = compared_pairs([opened(folder) for folder in folders])
    told = [line.replace(str(tmp_path), "HERE") for line in pair.left_out]
    check(FROZEN / "not-compared.txt", [*(one.first.degradation.title for one in pair.pairs), *told])


def test_two_sweeps_and_two_searches_compared(runs):
    for kind, place in (("sweeps", 0), ("searches", 3)):
        pairs = compared_pairs([each[place] for each in runs])
        frozen(f"page-compared-{kind}", render(comparison_report(pairs)))
        frozen_json(f"compared-{kind}-json", comparison_json(pairs), runs)
