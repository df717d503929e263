"""The help of every command: options in panels, rare ones last."""

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tfstab.cli import app as app_module
from tfstab.cli.app import COMMANDS, app
from tfstab.cli.panels import ORDER, RARE_PANEL

NAMES = [function.__name__ for functions in COMMANDS.values() for function in functions]
MOST_IN_ONE = 9  # lines of a panel that are still taken in at a glance
RARE = {"--seed", "--cluster", "--workers", "--data-dir", "--import", "--common-noise", "--beta"}


def options(name):
    """(option, panel) of a command, in the order of its help."""
    command = typer.main.get_command(app).commands[name]
    listed = command.get_params(typer.Context(command))
    return [(p.opts[0], p.rich_help_panel) for p in listed if p.opts[0].startswith("--")]


@pytest.mark.parametrize("name", NAMES)
def test_options_are_in_panels_with_rare_ones_last(name):
    panels = [panel for _, panel in options(name)]
    ranks = [ORDER.index(panel) if panel in ORDER else len(ORDER) for panel in panels]
    assert ranks == sorted(ranks)
    assert all(panels.count(panel) <= MOST_IN_ONE for panel in panels)
    assert {option for option, panel in options(name) if panel != RARE_PANEL}.isdisjoint(RARE)


@pytest.mark.parametrize(
    ("name", "first"), [("search", ["--model", "--data", "--limit"]), ("sweep", ["--model", "--data", "--limit"])]
)
def test_what_everybody_needs_comes_first(name, first):
    assert [option for option, _ in options(name)][: len(first)] == first


@pytest.mark.parametrize("name", ["sweep", "search", "evaluate", "train"])
def test_model_and_data_need_no_options(name):
    """Each once; a third one is refused."""

    def taken(*arguments):
        return typer.main.get_command(app).commands[name].make_context(name, list(arguments)).params

    for given in (["m", "d"], ["m", "--data", "d"], ["--model", "m", "--data", "d"]):
        assert [taken(*given, "--data-dir", "x")[one] for one in ("model", "data", "data_dir")] == ["m", "d", Path("x")]
    assert taken()["data"] is None
    for given, said in ((["m", "--model", "n"], "model was given twice, 'm' and --model n"),
                        (["m", "d", "e", "f"], r"extra argument\(s\) \(e f\)")):  # fmt: skip
        with pytest.raises(app_module.WrongUse, match=said):
            taken(*given)


def test_the_help_as_it_is_printed():
    shown = CliRunner().invoke(app, ["sweep", "--help"], env={"COLUMNS": "100", "TERM": "dumb"}).stdout
    titles = re.findall(r"╭─ ([\w ]+?) ─", shown)
    assert titles == ["Options", "What is measured", "The images", "The model", "The results", "Rarely needed"]
    assert "--common-noise" in shown[shown.index("Rarely needed") :]
    commands = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "100", "TERM": "dumb"}).stdout
    assert re.findall(r"╭─ ([\w ,]+?) ─", commands) == ["Options", *COMMANDS]
    assert all(re.search(rf"│ {name} ", commands) for name in NAMES)


LISTS = {"--degradation": "fog", "--against": "fog", "--only": "gain", "--severities": "-1", "--sigmas": "5",
         "--noise-sigmas": "5", "--classes": "a"}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_an_option_given_twice_is_joined_if_it_takes_a_list_and_refused_otherwise(name):
    """For every option of every command that takes a value."""
    command = typer.main.get_command(app).commands[name]
    before = ["m", "d", "t"][: sum(p.param_type_name == "argument" and p.required for p in command.params)]
    before += [
        text for p in command.params if p.param_type_name == "option" and p.required for text in (p.opts[0], "x")
    ]
    single = [p for p in command.params if p.param_type_name == "option" and not (p.is_flag or p.multiple)]
    for option in single:
        known = option.opts[0]
        value = LISTS.get(known, "1")
        given = [known, value, f"{known}={value}"]
        if known in LISTS:
            assert command.make_context(name, [*given, *before]).params[option.name] == f"{value},{value}"
        else:
            with pytest.raises(app_module.WrongUse, match=f"{known} was given twice, '1' and '1'; expected it once"):
                command.make_context(name, [*given, *before])
