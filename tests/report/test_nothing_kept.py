"""An assessment of images of which none is right when clean: a sentence in place of tables of dashes."""

import re
from dataclasses import replace

import numpy as np
from assessment_runs import first_of, sweep_of

from tfstab.assessment import Figures
from tfstab.assessment.levels import NONE_KEPT, NOTHING_KEPT
from tfstab.cli.output import print_table
from tfstab.metrics import Estimate
from tfstab.report import write_report
from tfstab.report.numbers import big_numbers, family_table


def test_what_is_said_if_no_clean_image_is_right(tmp_path, capsys):
    none = np.zeros(12, bool)
    sweeps = [sweep_of(tmp_path, family, first_of((0, 0.5, 0.25), 12), clean=none) for family in ("fog", "jpeg")]
    page = write_report(sweeps, tmp_path / "report.html").read_text("utf-8")
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", re.sub(r"(?s)<(style|script|svg)\b.*?</\1>", "", page)))
    assert "Of 12 clean images, 0 % (0–25) are right." in words and "are kept" not in words
    assert "mean nothing. If the images were chosen because the model fails on them, 0 % is no surprise." in words
    assert words.count(NOTHING_KEPT) == 1 and "is lost at" not in words and "–</td>" not in page
    figures = Figures.of(sweeps)
    assert [number.what for number in big_numbers(figures)] == ["of clean images are right"]
    print_table(family_table(figures))
    assert " ".join(capsys.readouterr().out.split()) == NOTHING_KEPT


def test_what_is_said_if_only_the_few_degraded_images_are_wrong_when_clean(tmp_path):
    figures = Figures.of([sweep_of(tmp_path, "fog", first_of((0, 0.5, 0.25), 8), clean=np.zeros(8, bool))])
    of_fifty = replace(figures, clean=Estimate(0.18, 0.09, 0.31))
    assert family_table(of_fifty).notes == [NONE_KEPT] and family_table(figures).notes == [NOTHING_KEPT]
