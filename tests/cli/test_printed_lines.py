"""How commands print tables, JSON, pages, commands, bars and sentences."""

import io
import os
import sys
from pathlib import Path

import pytest
from rich.console import Console

from tfstab.cli import output
from tfstab.cli.app import run
from tfstab.cli.next_steps import ALIGNED, print_steps
from tfstab.cli.output import print_json, print_table, progress_bar
from tfstab.orders.shell import command
from tfstab.orders.step import Step
from tfstab.report.tables import Table


def test_a_long_table_is_cut_off_and_says_so(capsys):
    table = Table("Images", ("image",), [(k,) for k in range(1100)], ("A note.",))
    print_table(table, 1000)
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[-4:] == ["", "The first 1,000 of 1,100; --json prints all.", "A note.", ""] and "999" in lines
    assert "1000" not in lines
    print_table(table, 1100)
    assert "The first" not in (whole := capsys.readouterr().out) and "1099" in whole


def test_json_is_text_that_every_reader_takes(capsys):
    print_json({"größe": [1, None]})
    assert capsys.readouterr().out == '{\n  "größe": [\n    1,\n    null\n  ]\n}\n'
    with pytest.raises(ValueError, match="not JSON compliant"):
        print_json(float("nan"))


class Terminal(io.StringIO):
    """A text stream that claims to be a terminal."""

    def isatty(self):
        return True


def guide_on_a_terminal(rows, tmp_path, monkeypatch):
    """What `tfstab guide limits` shows on a terminal of so many rows, and what it gives to a pager, if it does."""
    paged = tmp_path / f"paged-{rows}"
    settings = {"PAGER": f"sh -c 'echo with $LESS > {paged}; cat >> {paged}'", "LINES": str(rows), "COLUMNS": "100"}
    for name, value in (settings | {"TERM": "xterm-256color"}).items():
        monkeypatch.setenv(name, value)
    for name in ("LESS", "MANPAGER", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(sys, "stdout", shown := Terminal())
    assert run(["guide", "limits"]) == 0
    return shown.getvalue(), paged.read_text("utf-8") if paged.exists() else ""


@pytest.mark.skipif(sys.platform == "win32", reason="its pager has no colours")
def test_a_page_that_does_not_fit_is_shown_through_a_pager(tmp_path, monkeypatch):
    whole, paged = guide_on_a_terminal(1000, tmp_path, monkeypatch)
    assert not paged and "\x1b[1m" in whole and "What tfstab cannot say" in whole
    lines = whole.count("\n")
    assert guide_on_a_terminal(lines + 1, tmp_path, monkeypatch) == (whole, "")
    assert guide_on_a_terminal(lines, tmp_path, monkeypatch) == ("", f"with -R\n{whole}")


def test_a_command_is_printed_as_it_can_be_typed(tmp_path, monkeypatch):
    program = tmp_path / ".venv" / ("Scripts/tfstab.exe" if os.name == "nt" else "bin/tfstab")
    program.parent.mkdir(parents=True)
    program.touch(0o755)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert command("view", "runs") == f"{program} view runs"
    monkeypatch.chdir(tmp_path)
    assert command("view", Path("my runs")) == f"{program.relative_to(tmp_path)} view 'my runs'"
    monkeypatch.setenv("PATH", str(program.parent))
    assert command("view", "runs") == "tfstab view runs"


def test_one_long_command_does_not_move_what_the_others_are_for_far_to_the_right(capsys):
    long = "x" * ALIGNED
    print_steps([Step(["view", "runs"], "one"), Step(["compare", "a", long], "two"), Step(["view", "b"], "three")])
    assert capsys.readouterr().out.splitlines() == [
        "next:   tfstab view runs   # one",
        f"        tfstab compare a {long}   # two",
        "        tfstab view b      # three",
    ]


def test_a_bar_has_a_rate_in_its_unit_while_it_runs_and_when_it_has_ended():
    clock = {"now": 0.0}
    with progress_bar() as bar:
        bar.get_time = lambda: clock["now"]
        numbers = [bar.add_task("", total=400, unit=unit) for unit in ("images", "", "%")]
        seen = []
        for clock["now"], done in ((0.0, 0), (1.0, 100), (2.0, 200), (3.0, 400)):
            for number in numbers:
                bar.update(number, completed=done)
            seen.append([bar.columns[3].render(task).plain for task in bar.tasks])
    assert seen == [[rate, "", ""] for rate in ("", "", "100 images/s", "150 images/s")]


@pytest.mark.parametrize(("width", "lines"), [(24, 5), (300, 2)])
def test_in_a_terminal_sentences_are_broken_between_words_and_list_items_are_indented(
    monkeypatch, capsys, width, lines
):
    text = "The network keeps 33 % of its accuracy.\n- Class dog is weaker: 4 of its 90 images are right."
    monkeypatch.setattr(output, "out", Console(force_terminal=True, width=width))
    output.say(text)
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == lines and all(len(line) <= width for line in printed)
    assert " ".join(" ".join(printed).split()) == text.replace("\n", " ")
    assert not any(line.lstrip().startswith("%") for line in printed), "a percentage is whole"
    assert [line[:2] for line in printed if line[0] in " -"] == (["- ", "  ", "  "] if lines == 5 else ["- "])
    monkeypatch.setattr(output, "out", Console(force_terminal=False, width=30))
    output.say(text)
    assert capsys.readouterr().out == f"{text}\n", "a pipe gets whole sentences"
