"""Errors that advise an option of the command line, in the words of the form of a new run. No Qt in here."""

FIELDS = {
    "leave them out with --damaged skip": 'choose "leave out" in the field Damaged files',
    "have them resized with --resize crop or --resize stretch": "choose crop or stretch in the field Size",
}


def in_fields(sentence: str) -> str:
    """Return a sentence that names the form's field instead of the option of the command line.

    Examples
    --------
    >>> from tfstab.gui.jobs.field_words import in_fields
    >>> in_fields("repair or remove them, or leave them out with --damaged skip.")
    'repair or remove them, or choose "leave out" in the field Damaged files.'
    """
    for option, field in FIELDS.items():
        sentence = sentence.replace(option, field)
    return sentence
