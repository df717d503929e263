"""Errors of the command line in the words of the form of a new run."""

import ast
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QPlainTextEdit, QWidget

import tfstab
from tfstab.classifier.class_names import classes_option
from tfstab.errors import InputError
from tfstab.gui.jobs.field_words import COMMAND, as_sentence, in_fields
from tfstab.gui.jobs.tasks import TASKS
from tfstab.gui.widgets.jobs.results import show_printed
from tfstab.orders.degradations import degradations_named
from tfstab.orders.parameters import parameters_of
from tfstab.report.hardening_advice import TRAINS
from tfstab.report.hardening_limits import control_advice
from tfstab.report.hardening_shortages import NARROWER

CONTROL, WITHOUT_CONTROL = (
    control_advice({"remedy": {"name": "mixture"}, "settings": {"clean_share": share}, "steps": 637})
    for share in (0.25, 1)
)
NAMES = ["a b", "b's"]
OPTION = re.compile(r"(?<![\w-])--[a-z]")


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        (
            "a.h5 can run any code when it is loaded: add --trust if you trust its author, or save it anew.",
            'a.h5 can run any code when it is loaded: tick "Trust the file" if you trust its author, or save it anew.',
        ),
        ("load it with --trust if you do.", 'load it with "Trust the file" ticked if you do.'),
        (
            "resize them (--resize crop or --resize stretch, in Python resize='crop'), or choose another model",
            'resize them ("crop" or "stretch" in the field Size), or choose another model',
        ),
        ("give one, such as --resize crop:224.", 'give one, such as "crop:224" in the field Size.'),
        (
            "class 1 (--outputs scores) or its logit (--outputs logits).",
            'class 1 ("scores" in the field Outputs) or its logit ("logits" in the field Outputs).',
        ),
        (
            "use --preprocess unit (in Python preprocess='unit').",
            'use "unit" in the field Preprocessing.',
        ),
        (
            "Use --preprocess unit-bgr (in Python preprocess='unit-bgr').",
            'Use "unit-bgr" in the field Preprocessing.',
        ),
        (
            "use these instead: --preprocess mean=M/std=S.",
            'use these instead: "mean=M/std=S" in the field Preprocessing.',
        ),
        ("use --preprocess bgr/mean=1.5,2,3/std=66.", 'use "bgr/mean=1.5,2,3/std=66" in the field Preprocessing.'),
        (
            "choose another folder, as with --out runs/x-2, then compare both",
            'choose another folder, such as "runs/x-2" in the field Output folder, then compare both',
        ),
        ("name them with --classes 'a b,c'.", 'name them with "a b,c" in the field Classes.'),
        (
            "as with --out '/my runs/x-2' (in Python out=), then compare both (in Python tfstab.compare): "
            "tfstab compare '/my runs/x' y",
            "such as \"/my runs/x-2\" in the field Output folder, then compare both: tfstab compare '/my runs/x' y",
        ),
        (
            f"use {classes_option(dict(enumerate(NAMES)), 2)} (in Python class_names={NAMES}).",
            """use "a b,b's" in the field Classes.""",
        ),
        (
            f"use --preprocess caffe --classes 'cat (big),dog' (in Python class_names={['cat (big)', 'dog :)']}).",
            'use "caffe" in the field Preprocessing and "cat (big),dog" in the field Classes.',
        ),
        (
            "with --resize crop or --resize stretch (in Python load_dataset(..., size=(8, 8), resize='crop')).",
            'with "crop" or "stretch" in the field Size.',
        ),
        ("name them (--classes, class_names= in Python)", "name them (the field Classes)"),
        ("take fewer images (--limit, --images).", "take fewer images (the field Images)."),
        ("Give the module that registers it with --import.", "Give the module that registers it in the field Code."),
        (
            "name the folder that holds it with --data-dir or TFSTAB_DATA.",
            "name the folder that holds it in the field Data dir, or with TFSTAB_DATA.",
        ),
        ("run it again with more --minutes.", "run it again with more minutes (the field Minutes)."),
        ("give --minutes 2.5 to go on from there.", 'give "2.5" in the field Minutes to go on from there.'),
        (
            "--noise-sigmas was given alone; expected --noise-copies or --fresh-noise with it.",
            "the field Noise sigmas was given alone; expected the field Noise copies or the field Fresh noise with it.",
        ),
        (
            "give one that has with --network mnist=PATH.",
            'give one that has with "mnist=PATH" in the field Network.',
        ),
        ("sweep both with --no-clip or both without.", 'sweep both with "Clip" ticked or both without.'),
        ("to measure fog, use `tfstab sweep --copies 2`.", "to measure fog, use `tfstab sweep --copies 2`."),
        ("--minutes is 'x'; expected a number.", "the field Minutes is 'x'; expected a number."),
        ("--images is 'x'; expected A:B.", "the field Images is 'x'; expected A:B."),
        ("--quick and --minutes were both given", "the fields Quick and Minutes were both given"),
        (
            "name the one with the labels, as with --data 'my signs/a.csv'.",
            'name the one with the labels, such as "my signs/a.csv" in the field Data.',
        ),
        (
            "name some, as with --train photos/train (in Python train=).",
            'name some, such as "photos/train" in the field Train.',
        ),
        (
            "give one with --network mnist=PATH, or choose a larger --scale.",
            'give one with "mnist=PATH" in the field Network, or choose a larger value in the field Scale.',
        ),
        (
            "make both with the same --data, --limit and --images.",
            "make both with the same images: see the fields Data and Images.",
        ),
        (
            "Rain is not among them: `--against wet,my_2` (in Python against=) trains on them; or fewer (`--against`).",
            'Rain is not among them: "wet,my_2" in the field Against trains on them; or fewer (the field Against).',
        ),
        (
            "To see it, harden again into another folder (`--out`) with the default `--remedy` and "
            "`--clean-share 1`, and compare both hardened models with `tfstab compare`.",
            "To see it, harden again into another folder (the field Output folder) with the default in the field "
            'Remedy and "1" in the field Clean share, and compare both hardened models with the button “Compare '
            "with…”.",
        ),
        (
            "To train for longer, give more `--minutes` and another folder with `--out` (in Python minutes= and out=).",
            "To train for longer, give more minutes (the field Minutes) and another folder in the field Output folder.",
        ),
        (
            "With fewer degradations (`--against`, in Python against=), one of these remedies may help.",
            "With fewer degradations (the field Against), one of these remedies may help.",
        ),
        (
            "and compare both with `tfstab compare` (in Python tfstab.compare).",
            "and compare both with the button “Compare with…”.",
        ),
        (
            "Run the same command again for narrower intervals: it does not train again.",
            "Choose Measure more… for narrower intervals: it does not train again.",
        ),
        (
            "run the same command again with `--minutes 7` (in Python minutes=7), enough for about 50 images.",
            'choose Measure more… with "7" in the field Minutes, enough for about 50 images.',
        ),
        ("run the same command again to go on.", "start it again to go on."),
        (
            "Degradations to measure; by default all of `tfstab degradations`.",
            "Degradations to measure; by default all in the menu “Choose…”.",
        ),
        (
            "--degradation is ','; expected names from `tfstab degradations`, such as fog,jpeg.",
            "the field Degradation is ','; expected names of degradations in the menu “Choose…”, such as fog,jpeg.",
        ),
        ("by default the training images of DATA.", "by default the training images of Data."),
        ("All figures are in a.json, as --json prints them.", "All figures are in a.json."),
        ("give it with --model and --trust.", 'give it in the field Model, and tick "Trust the file".'),
    ],
)
def test_options_are_called_as_the_fields_of_the_form(sentence, said):
    assert in_fields(sentence) == said


def test_sentences_of_a_hardening_name_fields_and_buttons():
    for told in (NARROWER, TRAINS, CONTROL, WITHOUT_CONTROL):
        said = in_fields(told)
        assert not re.search("--|`|same command|tfstab|the default the|another the", said), said


def test_severities_behind_a_name_are_advised_as_what_is_chosen_for_a_new_run():
    with pytest.raises(InputError) as error:
        degradations_named("jpeg@30:2")
    assert as_sentence(str(error.value)) == (
        "Degradation 'jpeg@30:2': severities cannot be given here; \"One degradation (sweep)\" of jpeg measures "
        'severities other than the default ones, and "Harden" with "jpeg@WEAKEST:STRONGEST" in the field Against '
        "trains on them."
    )
    named = {task.text.replace("&", "") for task in TASKS.values()}
    assert {"One degradation (sweep)", "Harden"} <= named


def test_results_are_shown_in_the_words_of_the_form(qtbot):
    command = "next:   tfstab harden my.keras --train photos --minutes 5   # a more precise comparison"
    job = SimpleNamespace(name="harden-my", printed=f"\n{NARROWER}\n\n fog   31.2   40.1\n{command}\n{CONTROL}\n")
    parent = QWidget()
    qtbot.addWidget(parent)
    text = show_printed(job, parent).findChild(QPlainTextEdit).toPlainText()
    assert text.split("\n") == [in_fields(NARROWER), "", " fog   31.2   40.1", command, in_fields(CONTROL)]


def without_commands(text):
    """A text without whole commands in backticks, which are to be typed in a terminal."""
    return COMMAND.sub("", text)


def sentences():
    """All texts in the source of tfstab that name an option, without docstrings and the help of the options.

    Values that are known only when the program runs are 7.
    """
    for path in Path(tfstab.__file__).parent.rglob("*.py"):
        tree, passed = ast.parse(path.read_text("utf-8")), set()
        for node in ast.walk(tree):
            helps = isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("Option", "Argument"))
            if helps or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                passed |= set(ast.walk(node))
            if isinstance(node, ast.JoinedStr):
                passed |= {part for value in node.values for part in ast.walk(value)}
            if node in passed or not isinstance(node, ast.Constant | ast.JoinedStr):
                continue
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in parts)
            if " " in text and OPTION.search(without_commands(text)):
                yield text


def test_no_message_in_the_form_names_an_option():
    found = list(sentences())
    assert len(found) > 80 and any("--noise-copies" in text for text in found)
    left = [text for text in map(in_fields, found) if OPTION.search(without_commands(text))]
    # Of the viewer's questions, not of a form: it is followed by the name of another option.
    assert [text for text in left if "give it with --model7" not in text] == []
    for task in TASKS.values():
        for parameter in parameters_of(task.command):
            assert not OPTION.search(in_fields(f"{parameter.option} is 'x'. {parameter.about}"))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("no model is chosen: choose one.", "No model is chosen: choose one."),
        ("minutes is -3; expected a number above 0.", "Minutes is -3; expected a number above 0."),
        ("model: nothing was given; give one.", "Model: nothing was given; give one."),
        ("--minutes is 'x'; expected a number.", "The field Minutes is 'x'; expected a number."),
        ("class 'cat' has no images.", "Class 'cat' has no images."),
        ("my takes 28 x 28 x 1.", "my takes 28 x 28 x 1."),
        ("photos/cat.png cannot be read.", "photos/cat.png cannot be read."),
        ("theirs.keras does not exist.", "theirs.keras does not exist."),
        ("notes: it holds other files.", "notes: it holds other files."),
    ],
)
def test_a_sentence_of_the_command_line_begins_with_a_capital_unless_it_begins_with_a_name(error, said):
    assert as_sentence(error) == said
