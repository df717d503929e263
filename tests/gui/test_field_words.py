"""Errors of the command line in the words of the form of a new run."""

import pytest

from tfstab.classifier.class_names import classes_option
from tfstab.gui.jobs.field_words import in_fields

NAMES = ["a b", "b's"]


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
            "choose another folder, as with --out runs/x-2, then compare both",
            'choose another folder, as with "runs/x-2" in the field Output folder, then compare both',
        ),
        ("name them with --classes 'a b,c'.", 'name them with "a b,c" in the field Classes.'),
        (
            "as with --out '/my runs/x-2', then compare both: tfstab compare '/my runs/x' y",
            "as with \"/my runs/x-2\" in the field Output folder, then compare both: tfstab compare '/my runs/x' y",
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
            "the same command with more --minutes; set --data-dir",
            "the same command with more --minutes; set --data-dir",
        ),
    ],
)
def test_options_are_called_as_the_fields_of_the_form(sentence, said):
    assert in_fields(sentence) == said
