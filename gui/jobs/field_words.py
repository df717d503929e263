"""Errors that advise options of the command line, in the words of the form of a new run. No Qt in here."""

import re
import shlex

# The options that the form has a field for, and the field's name.
FIELDS = {
    "classes": "Classes",
    "damaged": "Damaged files",
    "data": "Data",
    "data-dir": "Data dir",
    "images": "Images",
    "import": "Code",
    "limit": "Images",
    "model": "Model",
    "network": "Network",
    "out": "Output folder",
    "outputs": "Outputs",
    "preprocess": "Preprocessing",
    "resize": "Size",
    "scale": "Scale",
    "train": "Train",
}
# A word as a shell reads it, without the punctuation of the sentence after it.
QUOTED = r""""[^"]*"|'[^']*'"""
WORD = rf"""(?:{QUOTED}|[^\s'"\\])*(?:{QUOTED}|[^\s'"\\.,;:)])"""
# Values that sentences advise; other words after an option belong to the sentence.
VALUE = re.compile(
    rf"--({'|'.join(FIELDS)})\b(?!-)"
    r"(?: ((?<=resize )(?:crop|stretch)[\w:]*|(?<=damaged )skip|(?<=outputs )(?:scores|logits)|(?<=preprocess )\w+"
    rf"|(?<=classes )(?=\S*(?:[,=]\S|['\"])){WORD}|(?<=network )\S+=\w+"
    rf"|(?:(?<=as with --out )|(?<=as with --data )|(?<=as with --train )){WORD}))?"
)
# Options that a sentence begins with; fields that are not named above are called like their options.
WRONG = re.compile(r"^--([\w-]+)(?: and --([\w-]+)(?= were )|(?= is ))")
CHOICES = {"skip": "leave out"}  # values that the form shows in other words
PHRASES = {
    "add --trust": 'tick "Trust the file"',
    "with --trust": 'with "Trust the file" ticked',
    "add --as-is": 'tick "As is" below More',
    "with --data-dir or TFSTAB_DATA": "in the field Data dir, or with TFSTAB_DATA",
    "with --model and --trust": 'in the field Model, and tick "Trust the file"',
    "the same --data, --limit and --images": "the same images: see the fields Data and Images",
}
CODE = r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^()'"]"""  # a text, or a sign that is no parenthesis
CALL = rf"\((?:{CODE}|\((?:{CODE})*\))*\)"
IN_PYTHON = re.compile(rf" \(in Python (?:{CODE}|{CALL})*\)|, in Python \w+='\w+'|, \w+= in Python")


def in_fields(sentence: str) -> str:
    """Return a sentence that names the form's fields instead of the options of the command line.

    Examples
    --------
    >>> from tfstab.gui.jobs.field_words import in_fields
    >>> in_fields("repair or remove them, or leave them out with --damaged skip.")
    'repair or remove them, or leave them out with "leave out" in the field Damaged files.'
    >>> in_fields("have them resized with --resize crop or --resize stretch (in Python resize='crop').")
    'have them resized with "crop" or "stretch" in the field Size.'
    """
    for options, words in PHRASES.items():
        sentence = sentence.replace(options, words)
    sentence = WRONG.sub(_fields, VALUE.sub(_field, IN_PYTHON.sub("", sentence)))
    sentence = re.sub(r'("\S+")( in the field \w+) or ("\S+")\2', r"\1 or \3\2", sentence)
    sentence = re.sub(r"(the field \w+), \1", r"\1", sentence)
    sentence = re.sub(r'( in the field \w+) (?=")', r"\1 and ", sentence)
    sentence = sentence.replace("larger the field", "larger value in the field").replace('as with "', 'such as "')
    return sentence.replace("with the field", "in the field")


def _field(option: re.Match[str]) -> str:
    """Return what an option, perhaps with a value, is in the form."""
    field, value = f"the field {FIELDS[option[1]]}", option[2]
    if not value:
        return field
    (value,) = shlex.split(value)
    return f'"{CHOICES.get(value, value)}" in {field}'


def _fields(options: re.Match[str]) -> str:
    """Return what one or two options are in the form."""
    titles = [FIELDS.get(name) or name.replace("-", " ").capitalize() for name in options.groups() if name]
    return f"the field{'s' * (len(titles) > 1)} {' and '.join(titles)}"
