"""How commands end: by Ctrl-C, wrong options and errors in one sentence, bugs with a traceback."""

import errno
import math
import os
import subprocess
import sys
import warnings
from types import SimpleNamespace

import pytest
import typer

from processes import refused, tfstab_here
from tfstab.cli import app as app_module
from tfstab.cli import observing
from tfstab.cli.output import long_work, progress_bar, remarks
from tfstab.errors import InputError, RunError


def test_ctrl_c_and_warnings_amid_long_work(capsys):
    with pytest.raises(typer.Exit) as ended, long_work("run it again"):
        raise KeyboardInterrupt
    assert ended.value.exit_code == 130 and "stopped: what is finished is kept; run it again" in capsys.readouterr().err
    told = SimpleNamespace(remark=pytest.fail)
    with observing.observed_by(told), pytest.raises(typer.Exit), long_work("run it again"):
        raise KeyboardInterrupt  # the viewer, which observes commands, says this beside its button
    assert capsys.readouterr().err == ""
    with remarks():
        warnings.warn("look at this", stacklevel=1)
        warnings.warn("for programmers", DeprecationWarning, stacklevel=1)
    told = capsys.readouterr().err
    assert told.strip() == "note: look at this"
    with pytest.raises(RunError), progress_bar() as bar:
        raise RunError("last word")
    assert bar.disable


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "full", "/w"), "/w"), (OSError(errno.ENOSPC, "full"), "a file"),
        (OSError(errno.EROFS, "no", "/x"), "/x"), (PermissionError(errno.EACCES, "no", "/y"), "/y"),
        (OSError(errno.EISDIR, "no", "/z"), f"/z cannot be used ({os.strerror(errno.EISDIR)}): choose another path."),
        (RuntimeError("Could not determine home directory."), "a path begins with ~"),
        (RunError("a \x1b sentence."), "a   sentence."),
    ],
)  # fmt: skip
def test_errors_that_end_in_a_sentence(monkeypatch, capsys, error, said):
    def fail(**_):
        raise error

    monkeypatch.setattr(app_module, "app", fail)
    with pytest.raises(SystemExit) as ended:
        app_module.main()
    told = capsys.readouterr().err
    assert ended.value.code == 2 and told.startswith("tfstab: ") and said in told and told.count("\n") == 1


@pytest.mark.parametrize("error", [RuntimeError("a bug"), KeyError("a bug"), OSError("a bug")])
def test_errors_that_are_bugs_are_tracebacks(monkeypatch, error):
    def fail(**_):
        raise error

    monkeypatch.setattr(app_module, "app", fail)
    with pytest.raises(type(error)):
        app_module.main()


def test_the_traceback_of_a_bug_is_pythons_own(monkeypatch, capsys):
    def fail(_):
        raise RuntimeError("a bug")

    monkeypatch.setattr("tfstab.cli.data.data_directory", fail)
    monkeypatch.setattr(sys, "argv", ["tfstab", "datasets"])
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    with pytest.raises(RuntimeError) as raised:
        app_module.main()
    sys.excepthook(raised.type, raised.value, raised.tb)  # as Python does
    told = capsys.readouterr().err
    assert told.startswith("Traceback (most recent call last):\n") and told.endswith("\nRuntimeError: a bug\n")


def test_wrong_options_are_one_sentence():
    assert refused(tfstab_here("search", "--no-such")).endswith("search --help.")
    assert "--quick: give --minutes 1 instead; see " in refused(tfstab_here("explain", "--quick"))
    for given in ("--rescale=255", "--normalize"):  # no option with a similar name, such as --resize
        told = refused(tfstab_here("evaluate", given))
        assert (
            f"No such option: {given.partition('=')[0]}: give --preprocess unit for inputs in 0..1, signed for" in told
        )
    assert "--preprocess" not in refused(tfstab_here("compare", "--rescale")), "which has no such option"
    assert "No such command" in refused(tfstab_here("no-such"))
    assert tfstab_here("--version").returncode == 0 and tfstab_here().returncode == 2


def test_settings_of_commands_that_contradict_each_other(runs, tmp_path):
    for value in ("0", "-1", "inf", "nan"):
        assert "--fail-under is" in refused(tfstab_here("search", "--fail-under", value))
    for option in (["--sigmas", "1"], ["--severities", "1"], ["--common-noise"]):
        assert "expected none of" in refused(tfstab_here("sweep", "--degradation", "all", *option))
    assert "expected --ensemble" in refused(tfstab_here("train", "--combine", "mean", "--out", tmp_path / "x"))
    assert "unknown model" in refused(tfstab_here("train", "--model", "lenet"))
    assert "cannot be reproduced; expected paper" in refused(tfstab_here("reproduce", "thesis"))


@pytest.mark.parametrize("number", [math.nan, 0.0, -1.0, 1e300, math.inf])
def test_a_time_or_precision_that_is_none_is_refused_before_anything_is_loaded(number):
    for command, name in (("sweep", "minutes"), ("sweep", "precision"), ("search", "minutes")):
        with pytest.raises(InputError, match=rf"{name} is .*; expected a number above 0 and at most"):
            app_module.app(
                [command, "--model", "no.keras", "--data", "no", f"--{name}={number}"], standalone_mode=False
            )


INTERRUPTED = """
import sys

class Interrupt:
    def find_spec(self, name, *_):
        if name == "tfstab.cli.app":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupt())
from tfstab.cli import main
main()
"""


def test_ctrl_c_while_the_commands_are_loaded_ends_without_a_traceback():
    result = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (130, "tfstab: stopped.\n")
