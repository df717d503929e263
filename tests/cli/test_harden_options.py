"""What the options of `tfstab harden` become, and what `compare` and `robustness` print and write."""

import json
from types import SimpleNamespace

import pytest
from assessment_runs import first_of, sweep_of
from typer.testing import CliRunner

from tfstab.cli import harden as harden_module
from tfstab.cli.app import app
from tfstab.cli.observing import observed_by
from tfstab.degradations import degradation_names
from tfstab.errors import InputError
from tfstab.report.harden import harden_config
from tfstab.report.harden_progress import HardenProgress


@pytest.fixture
def harden(tmp_path, monkeypatch):
    """harden(*options) -> what is printed, and what would be loaded and hardened."""
    given = SimpleNamespace(imported=[], checked=[], printed=[])

    def subject(model, data, train, **settings):
        given.subject = (model, data, train, settings)
        return SimpleNamespace(taken_for=["a net", "photos"])

    def run(subject, config, **settings):
        given.config, given.settings = config, settings
        settings["on_progress"](HardenProgress("training", "fog", 1, 2))
        given.bar = settings["on_progress"].__self__.bar
        compared = SimpleNamespace(families=["fog"] * 9) if config.seed == 8 else None
        made = SimpleNamespace(to_json=lambda: {"kept": 1}, enough_minutes=12 if config.seed == 7 else None)
        made.comparison, made.left_out = compared, ("JPEG",) * 10
        return made

    monkeypatch.setattr("tfstab.orders.hardening.hardening_subject", subject)
    monkeypatch.setattr("tfstab.report.harden.run_harden", run)
    monkeypatch.setattr("tfstab.report.harden.check_harden", lambda *taken: given.checked.append(taken))
    monkeypatch.setattr(harden_module, "import_modules", given.imported.append)
    monkeypatch.setattr(harden_module, "_print", lambda *printed: given.printed.append(printed[1:]))

    def told(*options):
        told = CliRunner().invoke(app, ["harden", *map(str, options)])
        if told.exception is not None:
            raise told.exception
        return told, given

    return told


def test_a_hardening_without_options(harden):
    told, given = harden()
    assert told.stderr.startswith("a net\nphotos\n") and told.stdout == "" and given.printed == [(["harden"],)]
    loading = {"data_dir": None, "limit": None, "resize": None, "damaged": "fail", "preprocess": None}
    loading |= {"outputs": None, "threshold": None, "trust": False, "imports": (), "class_names": None}
    loading |= {"remedy": "mixture", "split": "test"}
    assert given.subject == (None, None, None, loading) and given.imported == [()]
    assert given.config == harden_config("mixture", None, clean_share=0.25, keep_clean=1.0, seed=0)
    assert given.checked == [(10.0, None, degradation_names())]
    settings = {name: given.settings[name] for name in ("minutes", "out", "degradations")}
    assert settings == {"minutes": 10.0, "out": None, "degradations": degradation_names()}
    assert given.bar.tasks[0].fields["note"] == "(all that there was time for)", "it is replaced at the end"


def test_a_hardening_that_had_no_time_for_some_degradations_is_out_of_time(harden):
    told = []
    watch = SimpleNamespace(out_of_time=told.append, progress=lambda *_: None, remark=lambda _: None)
    for seed in (0, 8):  # of the first, nothing was adopted, so there was nothing to measure
        with observed_by(watch):
            harden("--seed", seed)
    assert told == ["9 of 19 degradations measured before and after"]


def test_the_options_of_a_hardening(harden, tmp_path):
    options = ["--train", "train", "--minutes", 3, "--against", "fog,gaussian_noise@5:40", "--keep-clean", 2]
    options += ["--clean-share", 0.5, "--degradation", "fog,jpeg", "--seed", 7, "--classes", "a,b", "--trust", "--json"]
    options += ["--import", "one", "--import", "two", "--outputs", "logits", "--limit", 9, "--out", tmp_path]
    options += ["--split", "val"]
    told, given = harden("net.keras", "photos", *options)
    assert json.loads(told.stdout) == {"kept": 1} and not given.printed
    model, data, train, loading = given.subject
    assert (model, data, train) == ("net.keras", "photos", "train") and loading["class_names"] == ["a", "b"]
    assert loading["imports"] == ["one", "two"] == given.imported[0] and loading["limit"] == 9
    assert (loading["trust"], loading["outputs"], loading["split"]) == (True, "logits", "val")
    ranges = {"fog": None, "gaussian_noise": (5.0, 40.0)}
    assert given.config == harden_config("mixture", ranges, clean_share=0.5, keep_clean=2.0, seed=7)
    assert given.checked == [(3.0, tmp_path, ["fog", "jpeg"])] and given.settings["minutes"] == 3
    assert harden("--data", "photos")[1].subject[1] == "photos"
    harden("my net.keras", "photos", "--seed", 7, "--import", "one", "--import", "two", "--minutes", 3)
    assert given.settings["asked"]["minutes"] == 3, "a control gets as much time as the hardening had"
    again = ["harden", "my net.keras", "photos", "--minutes=12", "--seed=7", "--import=one", "--import=two"]
    assert given.printed == [(["harden", "--data=photos"],), (again,)]
    with pytest.raises(InputError, match="test images were given twice, 'photos' and --data others"):
        harden("net.keras", "photos", "--data", "others")


class Recorder:
    """An observer that keeps what was made."""

    def __init__(self):
        self.told = []

    def remark(self, text):
        self.told.append(text)

    def made(self, what, path):
        self.told.append((what, path))


def test_a_comparison_is_printed_or_told_as_json_and_written(tmp_path, monkeypatch):
    monkeypatch.setattr("tfstab.report.saving.save_page", lambda page, folder: [folder / "report.html"])
    one, two = (sweep_of(tmp_path / name, "fog", first_of(shares, 4), name=name).path
                for name, shares in (("one", (1, 0.5, 0)), ("two", (1, 1, 0.5))))  # fmt: skip
    out = tmp_path / "page"
    with observed_by(seen := Recorder()):
        printed = CliRunner().invoke(app, ["compare", str(one), str(two)])
        both = CliRunner().invoke(app, ["compare", str(one), str(two), "--json", "--out", str(out)])
    assert printed.exit_code == both.exit_code == 0
    assert "Recall by class" in printed.stdout and len(json.loads(both.stdout)) == 1
    assert seen.told == [("report", out / "report.html"), f"written to {out}"]


def test_a_summary_of_sweeps_is_written(tmp_path):
    runs = [str(sweep_of(tmp_path / "runs", name, first_of((1, 0.5, 0), 4)).path) for name in ("fog", "jpeg")]
    out = tmp_path / "new" / "summary"
    with observed_by(seen := Recorder()):
        told = CliRunner().invoke(app, ["robustness", *runs, "--out", str(out)])
    assert told.exit_code == 0 and "Robustness" in told.stdout and seen.told == [("folder", out), f"written to {out}"]
    assert (out / "robustness.csv").read_text().count("\n") >= 3
    assert (out / "accuracy.png").read_bytes().startswith(b"\x89PNG")


def test_the_bars_of_a_report(tmp_path, monkeypatch):
    """The page, then the figures of two runs in three sections, then the files; each note is cleared."""
    runs = [str(sweep_of(tmp_path / "runs", name, first_of((1, 0.5, 0), 4)).path) for name in ("fog", "jpeg")]
    sections = [SimpleNamespace(title=title) for title in ("one", "two", "three")]
    saved = []

    def page(runs, on_progress, **_):
        on_progress("charts", 1, 2)
        return "page"

    def save(folder, page, sections=(), on_file=None):
        saved.append([section.title for section in sections])
        if on_file is not None:
            on_file(1, 4)
            on_file(4, 4)
        return [folder / "report.html", *["file"] * len(sections)]

    monkeypatch.setattr("tfstab.report.run_report.report_page", page)
    monkeypatch.setattr("tfstab.report.run_files.run_sections", lambda runs: iter(sections))
    monkeypatch.setattr("tfstab.report.saving.save_report", save)
    seen = Recorder()
    seen.progress = lambda *state: seen.told.append((state[0], *state[1:3], state[4]))
    page_told = [("report", 0, None, ""), ("report", 1, 2, "charts"), ("report", 1, 2, "")]
    result = ("report", tmp_path / "out" / "report.html")
    with observed_by(seen):
        told = CliRunner().invoke(app, ["report", *runs, "--out", str(tmp_path / "out")])
        assert seen.told == [*page_told, result] and told.stdout == f"written: {result[1]}\n"
        seen.told.clear()
        told = CliRunner().invoke(app, ["report", *runs, "--out", str(tmp_path / "out"), "--files"])
    assert seen.told == [
        *page_told, "drawing the tables and figures of 2 runs for --files: this may take minutes",
        ("figures", 0, 2, ""), ("figures", 1, 2, "one"), ("figures", 2, 2, "two"), ("figures", 2, 2, "three"),
        ("figures", 2, 2, ""), ("files", 0, None, ""),
        f"{result[1]} is written; writing 3 files of tables and figures",
        ("files", 1, 4, ""), ("files", 4, 4, ""), result,
    ]  # fmt: skip
    assert saved == [[], ["one", "two", "three"]]
    assert told.stdout == f"written: {result[1]}, and 3 files of its tables and figures beside it\n"
