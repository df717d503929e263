"""What the window calls the options of commands, in errors and in what commands print: its fields. No Qt in here."""

import re
import shlex

from tfstab.degradations.registry import CHOOSE_FILE
from tfstab.wording import capital

# Fields that are not called like their options.
FIELDS = {
    "damaged": "Damaged files",
    "import": "Code",
    "junit": "JUnit",
    "limit": "Images",
    "out": "Output folder",
    "preprocess": "Preprocessing",
    "resize": "Size",
    "trust": "Trust the file",
}
COMMAND = re.compile(r"(`tfstab [^`]*`)")  # to be typed in a terminal, with its options
TYPED = re.compile(r"(?<![`\w-])tfstab [a-z]")  # the same without backticks, as on the lines printed after "next:"
# A word as a shell reads it, without the punctuation of the sentence after it.
QUOTED = r""""[^"]*"|'[^']*'"""
WORD = rf"""(?:{QUOTED}|[^\s'"\\])*(?:{QUOTED}|[^\s'"\\.,;:)])"""
# Options with the values that sentences advise; other words after an option belong to the sentence.
OPTION = re.compile(
    r"(`?)--([a-z][a-z-]*[a-z])\b"
    r"(?: (\d+(?:\.\d+)?\b(?!:)|(?<=resize )(?:crop|stretch)[\w:]*|(?<=damaged )skip|(?<=outputs )(?:scores|logits)"
    r"|(?<=`--against )\w+(?:,\w+)*"
    r"|(?<=preprocess )(?:(?:[\w-]+/)?mean=[\w.,]+/std=[\w.,]*\w|\w+(?:-bgr)?)"
    rf"|(?<=classes )(?=\S*(?:[,=]\S|['\"])){WORD}|(?<=network )\S+=\w+"
    rf"|(?:(?<=as with --out )|(?<=as with --data )|(?<=as with --train )){WORD}))?\1"
)
CHOICES = {"skip": "leave out"}  # values that the form shows in other words
PHRASES = {  # what the window says in place of words about the command line; longer ones before their parts
    "images of DATA": "images of Data",
    "all of `tfstab degradations`": "all in the menu “Choose…”",
    "names from `tfstab degradations`": "names of degradations in the menu “Choose…”",
    CHOOSE_FILE: "choose the file that registers it, probably",
    "add --trust": 'tick "Trust the file"',
    "with --trust": 'with "Trust the file" ticked',
    "add --as-is": 'tick "As is" below More',
    "both with --no-clip or both without": 'both with "Clip" ticked or both without',
    "with --data-dir or TFSTAB_DATA": "in the field Data dir, or with TFSTAB_DATA",
    "with --train, and test images after the model": "in the field Train, and, if you have them, test images in the "
    "field Data",
    "with --model and --trust": 'in the field Model, and tick "Trust the file"',
    "the same --data, --limit and --images": "the same images: see the fields Data and Images",
    "the same command with more --minutes": "the same hardening with more minutes",
    "more --minutes": "more minutes (the field Minutes)",
    "more `--minutes`": "more minutes (the field Minutes)",
    "the default `--remedy`": "the default in the field Remedy",
    "leave out `--remedy without_training`": 'do not choose "without_training" in the field Remedy',
    "another `--keep-clean`": "another value in the field Keep clean",
    "if you use `--out`, name another folder": "name another folder in the field Output folder",
    ", as --json prints them": "",
    "with `tfstab compare`": "with the button “Compare with…”",
    "run the same command again to": "start it again to",
    "run the same command again": "choose Measure more…",
    "Run the same command again": "Choose Measure more…",
}
# Commands that sentences advise, each with a name in it, and what to choose and fill in for a new run instead.
ADVISED = (
    (
        re.compile(r"`tfstab sweep MODEL DATA --degradation (\S+) --severities S,S,\.\.\.`"),
        r'"One degradation (sweep)" of \1',
    ),
    (re.compile(r"`tfstab harden --against (\S+@WEAKEST:STRONGEST)`"), r'"Harden" with "\1" in the field Against'),
)
CODE = r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^()'"]"""  # a text, or a sign that is no parenthesis
CALL = rf"\((?:{CODE}|\((?:{CODE})*\))*\)"
IN_PYTHON = re.compile(rf" \(in Python (?:{CODE}|{CALL})*\)|, in Python \w+=(?:'\w+')?|, \w+= in Python")
# How sentences of the command line begin, after "error: ", unless they begin with the name of a model, file or folder.
BEGINNING = re.compile(
    r"(?:a|all|an|another|at least|every|give|it|its|minutes|nearly|no|none|nothing|precision|several|the|there|they"
    r"|this|unknown|what|which)\b|(?:class|degradation|engine|requirement|resize) '|(?:copy|image) \d|images of "
    r"|test images were |\w+: nothing was given"
)
NAME = r"the field ([A-Z][\w ]*?)"


def field_of(option: str) -> str:
    """Return what the form calls the field of an option, which is given without its dashes.

    Examples
    --------
    >>> from tfstab.gui.jobs.field_words import field_of
    >>> field_of("noise-copies"), field_of("resize")
    ('Noise copies', 'Size')
    """
    return FIELDS.get(option) or option.replace("-", " ").replace("_", " ").capitalize()


def in_fields(sentence: str) -> str:
    """Return a sentence that names the form's fields instead of the options of the command line.

    Whole commands, such as `tfstab sweep --copies 12`, are left as they are.

    Examples
    --------
    >>> from tfstab.gui.jobs.field_words import in_fields
    >>> in_fields("repair or remove them, or leave them out with --damaged skip.")
    'repair or remove them, or leave them out with "leave out" in the field Damaged files.'
    >>> in_fields("have them resized with --resize crop or --resize stretch (in Python resize='crop').")
    'have them resized with "crop" or "stretch" in the field Size.'
    """
    for words, said in PHRASES.items():
        sentence = sentence.replace(words, said)
    for advised, said in ADVISED:
        sentence = advised.sub(said, sentence)
    return "".join(part if COMMAND.fullmatch(part) else _in_fields(part) for part in COMMAND.split(sentence))


def printed_in_fields(text: str) -> str:
    r"""Return what a command has printed with its sentences as `in_fields` does; lines with a command stay.

    Examples
    --------
    >>> from tfstab.gui.jobs.field_words import printed_in_fields
    >>> print(printed_in_fields("Give more `--minutes`.\nnext: tfstab harden my.keras --minutes 5"))
    Give more minutes (the field Minutes).
    next: tfstab harden my.keras --minutes 5
    """
    return "\n".join(line if TYPED.search(line) else in_fields(line) for line in text.split("\n"))


def as_sentence(error: str) -> str:
    """Return a sentence as `in_fields` does, with a capital letter at its start unless it begins with a name.

    Examples
    --------
    >>> from tfstab.gui.jobs.field_words import as_sentence
    >>> as_sentence("no run was given; add one.")
    'No run was given; add one.'
    >>> as_sentence("mnist-lenet takes 28 x 28 x 1."), as_sentence("--images is '3:1'; expected 0 <= A < B.")
    ('mnist-lenet takes 28 x 28 x 1.', "The field Images is '3:1'; expected 0 <= A < B.")
    """
    sentence = in_fields(error)
    return capital(sentence) if BEGINNING.match(sentence) else sentence


def _in_fields(sentence: str) -> str:
    sentence = OPTION.sub(_field, IN_PYTHON.sub("", sentence))
    sentence = re.sub(r'("\S+")( in the field \w+) or ("\S+")\2', r"\1 or \3\2", sentence)
    sentence = re.sub(r"(the field \w+), \1", r"\1", sentence)
    sentence = re.sub(r'( in the field \w+) (?=")', r"\1 and ", sentence)
    sentence = re.sub(rf"{NAME} and {NAME}(?= were )", r"the fields \1 and \2", sentence)
    sentence = sentence.replace("larger the field", "larger value in the field")
    return re.sub(r'\bas with "', 'such as "', sentence).replace("with the field", "in the field")


def _field(option: re.Match[str]) -> str:
    """Return what an option, perhaps with a value, is in the form."""
    field, value = f"the field {field_of(option[2])}", option[3]
    if not value:
        return field
    (value,) = shlex.split(value)
    return f'"{CHOICES.get(value, value)}" in {field}'
