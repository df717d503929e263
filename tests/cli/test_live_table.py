"""The table of a running assessment, and the lines that take its place where there is no terminal."""

import os
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from rich.console import Console

from tfstab.assessment.lines import PlainLines, clean_line
from tfstab.assessment.state import AssessmentState, FamilyState, NoiseState
from tfstab.cli import live_table
from tfstab.cli.live_table import LiveTable
from tfstab.cli.output import remark
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE

FOG = FamilyState("fog", "fog", 1200, 1, Estimate(0.5, 0.4, 0.6), working=True)
NOISE = FamilyState("gaussian_noise", "Gaussian noise", 800, 4, Estimate(0.9, 0.85, 0.95))
STATE = AssessmentState(
    "measuring", 300, 93, ("my: 28 x 28 x 1", "photos: 1,200 images"), 1200, Estimate(0.88, 0.86, 0.9),
    (NOISE, FOG, FamilyState("jpeg", "JPEG compression")), NoiseState(20, 42.4, (24.0, 68.0)),
)  # fmt: skip


def lines_of(state, width=80):
    table = LiveTable()
    if state is not None:
        table(state)
    console = Console(width=width, color_system=None)
    with console.capture() as shown:
        console.print(table)
    return shown.get().splitlines()


def test_the_table_says_what_is_known_of_each_family_and_the_time_that_is_left():
    lines = lines_of(STATE)
    assert lines[:3] == ["my: 28 x 28 x 1", "photos: 1,200 images", "clean accuracy: 88 % (86–90) of 1,200 images"]
    assert lines[3] == "minimum noise: median L2 42 grey levels (quartiles 24 and 68) of 20 images"
    assert lines[4].startswith("measuring ... 1:3") and lines[4].endswith(" left")
    noise, fog, jpeg = lines[6:]
    assert noise.split()[:5] == ["Gaussian", "noise", "800", "x", "4"] and noise.rstrip().endswith("90 % (85–95)")
    assert fog.startswith("▸ fog") and fog.count("●") == 1 and fog.count("━") == 5 and "50 % (40–60)" in fog
    assert jpeg.split()[:2] == ["JPEG", "compression"] and "%" not in jpeg
    assert max(map(len, lines)) <= 80


def test_before_anything_is_known_it_says_what_takes_the_time():
    assert lines_of(None) == ["starting TensorFlow ..."]


def test_lines_come_once_for_each_finished_stage(capsys):
    show = PlainLines(remark)
    for state in (
        replace(STATE, stage="clean", clean=None, families=(), noise=NoiseState()),
        replace(STATE, families=(), noise=NoiseState()), STATE,
        replace(STATE, families=(NOISE, FOG)), replace(STATE, families=(NOISE, FOG)),
        replace(STATE, stage="report", families=(NOISE, FOG)), replace(STATE, stage="finished", families=(NOISE, FOG)),
    ):  # fmt: skip
        show(state)
    assert capsys.readouterr().err.splitlines() == [
        "my: 28 x 28 x 1", "photos: 1,200 images", "clean accuracy: 88 % (86–90) of 1,200 images",
        "every degradation has a first estimate; making them more precise ...",
        "2 degradations measured on 800 to 1,200 images each",
        "minimum noise: median L2 42 grey levels (quartiles 24 and 68) of 20 images",
    ]  # fmt: skip


def test_a_line_is_not_broken_where_there_is_no_terminal(capsys):
    line = "photos: " + "1,200 images of " * 20
    PlainLines(remark)(replace(STATE, stage="clean", lines=(line,), clean=None, families=()))
    remark(line)
    assert capsys.readouterr().err == f"{line}\n{line}\n"


def test_further_images_of_classes_that_need_not_be_rare_are_those_of_the_smaller_classes(capsys):
    PlainLines(remark)(replace(STATE, stage="report", families=(NOISE, FOG), rare=100))
    said = "on 800 to 1,200 images each, for recalls on up to 100 more of the smaller classes\n"
    assert said in capsys.readouterr().err


def test_degradations_for_which_there_was_no_time_are_counted(capsys):
    PlainLines(remark)(replace(STATE, stage="report", families=(NOISE, replace(FOG, images=0, kept=None))))
    assert "1 of 2 degradations measured on 800 images" in capsys.readouterr().err


def test_all_families_fit_into_eighty_columns():
    from tfstab.degradations import degradation_names, get_degradation

    whole = Estimate(1.0, 1.0, 1.0)
    families = tuple(FamilyState(n, get_degradation(n).title, 5000, 20, whole) for n in degradation_names())
    lines = lines_of(replace(STATE, families=families))
    assert len(lines) == 6 + len(families) and max(map(len, lines)) <= 80


def test_small_noise_keeps_its_digits():
    noise = NoiseState(20, 0.314, (0.2, 12.4), found=20)
    assert "median L2 0.31 grey levels (quartiles 0.2 and 12)" in lines_of(replace(STATE, noise=noise))[3]


@pytest.mark.parametrize(("searched", "said"), [(0, "searching ..."), (1, "of 1 image")])
def test_few_minimum_noises_are_said_in_words(searched, said):
    noise = NoiseState(searched, 5.0, (5.0, 5.0), working=True)
    assert lines_of(replace(STATE, noise=noise))[3].endswith(said)


@pytest.mark.parametrize(
    ("noise", "said"),
    [(NoiseState(3, np.inf, (np.inf, np.inf)), "found for none of 3 images"),
     (NoiseState(3, np.inf, (7.0, np.inf), found=1), "found for 1 of 3 images"),
     (NoiseState(5, 9.0, (7.0, np.inf), found=3), "median L2 9 grey levels, found for 3 of 5 images")],
)  # fmt: skip
def test_noise_that_was_not_found_is_said_in_words(noise, said):
    assert lines_of(replace(STATE, noise=noise))[3] == f"minimum noise: {said}"


def test_one_image_is_no_images(capsys):
    PlainLines(remark)(replace(STATE, stage="report", images=1, families=(replace(FOG, images=1),)))
    assert lines_of(replace(STATE, images=1))[2].endswith("of 1 image")
    assert "measured on 1 image\n" in capsys.readouterr().err


def test_intervals_are_rounded_outwards_as_in_the_verdict():
    families = (replace(FOG, kept=Estimate(0.5, 0.409, 0.591)), replace(NOISE, kept=NO_ESTIMATE))
    fog, noise = lines_of(replace(STATE, clean=Estimate(1.0, 0.929, 1.0), families=families))[-2:]
    assert "50 % (40–60)" in fog and "%" not in noise  # no clean image is right
    assert clean_line(Estimate(1.0, 0.929, 1.0), 50) == "clean accuracy: 100 % (92–100) of 50 images"
    nothing = "No clean image is right, so degraded images can keep no share of the accuracy."
    assert lines_of(replace(STATE, clean=Estimate(0.0, 0.0, 0.1)))[-1] == nothing
    some = "clean accuracy: 100 % (92–100) of 50 images (of 1,499 given)"
    assert clean_line(Estimate(1.0, 0.929, 1.0), 50, 1499) == some


@pytest.mark.parametrize(
    ("width", "kept"), [(120, ["images", "0 %"]), (66, ["images", "0 %"]), (56, ["images"]), (40, [])]
)
def test_a_narrow_terminal_keeps_the_names_and_the_numbers(width, kept):
    noise = replace(NOISE, images=5000, copies=20, kept=Estimate(1.0, 0.999, 1.0))
    lines = lines_of(replace(STATE, families=(noise, FOG), lines=(), clean=None, noise=NoiseState()), width)
    assert [word for word in ("images", "0 %") if word in lines[1].replace("100 %", "")] == kept
    assert len(lines) == 4 and "Gaussian noise" in lines[2] and lines[2].rstrip().endswith("100 % (99–100)")
    assert "50 % (40–60)" in lines[3] and max(map(len, lines)) <= width


def test_a_terminal_that_knows_only_ascii_gets_nothing_else(monkeypatch):
    with Path(os.devnull).open("w", encoding="ascii") as device:
        monkeypatch.setattr(live_table, "err", Console(file=device))
        assert "".join(lines_of(STATE)).isascii()


def test_the_bar_is_as_long_as_there_is_room_and_has_a_dot_at_the_value():
    families = (FOG, replace(NOISE, kept=Estimate(0.0, 0.0, 0.09)), replace(NOISE, kept=Estimate(1.0, 0.5, 1.0)))

    def bars(width):
        state = replace(STATE, families=families, lines=(), clean=None, noise=NoiseState())
        rows = lines_of(state, width)[-3:]
        return [[word for word in row.split() if set(word) & set("·━●")] for row in rows]

    dots = "·" * 9
    whole = [[f"{dots}━━━●━━{dots}"], ["●━━" + "·" * 21], ["·" * 12 + "━" * 11 + "●"]]
    assert bars(200) == bars(80) == bars(78) == whole
    assert bars(64) == [["····━●━···"], ["●·········"], ["·····━━━━●"]] and bars(63) == [[]] * 3


@pytest.mark.parametrize(("width", "images"), [(52, True), (51, False)])
def test_the_numbers_of_images_need_room(width, images):
    assert ("1,200" in lines_of(replace(STATE, lines=(), clean=None), width)[-2]) == images


@pytest.mark.parametrize(
    ("kept", "colour"), [(0.59, "31"), (0.6, "33"), (0.79, "33"), (0.8, "32")]  # red, yellow, green
)  # fmt: skip
def test_the_colour_of_a_bar_says_how_much_is_kept(kept, colour):
    table = LiveTable()
    table(replace(STATE, families=(replace(FOG, kept=Estimate(kept, kept - 0.1, kept + 0.1)),)))
    console = Console(width=80, force_terminal=True, color_system="standard")
    with console.capture() as shown:
        console.print(table)
    assert f"\x1b[{colour}m●" in shown.get() and set(re.findall(r"\x1b\[(\d+)m[━●]", shown.get())) == {colour}


@pytest.mark.parametrize(
    ("left", "passed", "said"),
    [(93, 30, "1:03"), (93, 100, "0:00"), (60, 0.5, "0:59"), (3605, 0, "60:05"), (69, 0, "1:09")],
)
def test_the_time_that_is_left_runs_on(left, passed, said, monkeypatch):
    now = [50.0]
    monkeypatch.setattr(live_table, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    table = LiveTable()
    table(replace(STATE, left=left))
    now[0] += passed
    console = Console(width=80, color_system=None)
    with console.capture() as shown:
        console.print(table)
    assert f"\nmeasuring ... {said} left\n" in shown.get()


def test_what_the_table_shows_before_and_after_measuring(monkeypatch):
    monkeypatch.setattr(live_table, "time", SimpleNamespace(perf_counter=lambda: 0.0))
    first = replace(STATE, stage="clean", clean=None, families=(), noise=NoiseState(), lines=("my",), left=9)
    assert lines_of(first) == ["my", "scoring clean images ... 0:09 left"]
    last = lines_of(replace(STATE, stage="finished", noise=NoiseState(working=True)))
    assert last[3] == "minimum noise: searching ..." and last[4].startswith("  accuracy kept under")
    none = lines_of(replace(STATE, stage="finished", noise=NoiseState()))
    assert len(none) == len(last) - 1 and none[3] == last[4]


def test_each_line_comes_once_and_only_if_there_is_something_to_say(capsys):
    def said(*states):
        show = PlainLines(remark)
        for state in states:
            show(state)
        return capsys.readouterr().err.splitlines()

    begun = replace(STATE, stage="clean", clean=None, families=(), noise=NoiseState())
    ended = replace(STATE, stage="report", noise=NoiseState())
    assert said(begun, begun) == list(STATE.lines)
    assert said(begun, replace(begun, stage="measuring")) == list(STATE.lines), "the accuracy is not known"
    silent = replace(begun, lines=())
    assert said(silent, replace(silent, clean=STATE.clean)) == [], "clean images are still being scored"
    one = replace(ended, lines=(), families=(FOG,))
    estimated = "every degradation has a first estimate; making them more precise ..."
    assert said(one, one) == [estimated, "1 degradation measured on 1,200 images"]
    assert said(replace(one, stage="measuring"), replace(one, stage="measuring")) == [estimated]
    nothing = replace(one, families=(replace(FOG, images=0, kept=None), replace(NOISE, images=0, kept=None)))
    assert said(nothing) == ["0 of 2 degradations measured"]
    assert said(replace(one, stage="finished")) == [estimated]


def test_levels_from_10_on_are_whole_numbers():
    noise = NoiseState(20, 9.96, (9.4, 10.4), found=20)
    assert "median L2 10 grey levels (quartiles 9.4 and 10)" in lines_of(replace(STATE, noise=noise))[3]
    noise = NoiseState(20, 12.6, (10.0, 99.6), found=20)
    assert "median L2 13 grey levels (quartiles 10 and 100)" in lines_of(replace(STATE, noise=noise))[3]
