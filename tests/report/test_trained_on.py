"""On which images a network was trained, in a sentence, from its model card and what was measured."""

from types import SimpleNamespace

import pytest

from tfstab.degradations import BUILT_IN
from tfstab.gui.jobs.field_words import in_fields
from tfstab.report.trained_on import trained_on

ALL = {name: [0, 1] for name in BUILT_IN}  # with the ends of their severities
PHONE, RAIN = ({name: SimpleNamespace(name=name, title=title)} for name, title in
               (("phone", "a bad phone picture"), ("wet", "rain")))  # fmt: skip
FAMILIES = {name: SimpleNamespace(name=name, title=family.title) for name, family in BUILT_IN.items()}
BY_DEFAULT = "Trained on clean images and on images degraded by the 19 built-in degradations."
CHOSEN = "No weights were trained: the remedy was chosen on images degraded by the 19 built-in degradations."
NOT_PHONE = " 'a bad phone picture' is not among them: `--against all,phone` (in Python against=)"
OTHERS = "Also measured, but not used in training"


def card(remedy="mixture", against=ALL, clean_share=0.25, **entries):
    return {"remedy": {"name": remedy}, "settings": {"against": against, "clean_share": clean_share}} | entries


@pytest.mark.parametrize(
    ("card", "measured", "told"),
    [
        (card(), FAMILIES, BY_DEFAULT),
        (card(), {}, BY_DEFAULT),
        (card(), PHONE, f"{BY_DEFAULT}{NOT_PHONE} trains on it, too."),
        (card(), FAMILIES | PHONE | RAIN, f"{BY_DEFAULT} 'a bad phone picture' and 'rain' are not among them: "
         "`--against all,phone,wet` (in Python against=) trains on them, too."),
        (card(), RAIN, f"{BY_DEFAULT} Rain is not among them: `--against all,wet` (in Python against=) trains on it, "
         "too."),
        (card(clean_share=0), FAMILIES, "Trained on images degraded by the 19 built-in degradations."),
        (card("mixture_consistent", clean_share=0), FAMILIES, BY_DEFAULT),
        (card(clean_share=1), PHONE, ""),
        (card(against={"phone": [0, 2]}), PHONE,
         "Trained on clean images and on images degraded by 'a bad phone picture'."),
        (card(against=ALL | {"phone": [0, 2]}), PHONE,
         "Trained on clean images and on images degraded by the 19 built-in degradations and 'a bad phone picture'."),
        (card(against={"fog": [0, 80], "jpeg": [100, 10]}), FAMILIES, "Trained on clean images and on images degraded "
         f"by fog and JPEG compression. {OTHERS}: Gaussian noise, salt and pepper noise, Poisson noise and 14 others."),
        (card(against={"fog": [0, 80]}), PHONE,
         f"Trained on clean images and on images degraded by fog. {OTHERS}: 'a bad phone picture'."),
        (card("fresh_noise"), FAMILIES | PHONE, "Trained on images degraded by Gaussian noise alone."),
        (card("augmix"), FAMILIES, "Trained on images changed by AugMix, not by tfstab's degradations."),
        (card(cannot_train=None), FAMILIES, CHOSEN),
        (card(cannot_train="it is frozen"), PHONE, f"{CHOSEN}{NOT_PHONE} chooses the remedy for it, too."),
        (card("of another version"), FAMILIES, ""),
        (card(against=["fog"]), FAMILIES, ""),
        (card(against={}), FAMILIES, ""),
    ],
)  # fmt: skip
def test_the_sentence_says_what_the_training_had_and_what_of_that_measured_it_had_not(card, measured, told):
    assert trained_on(card, [*measured.values()]) == told


def test_the_window_names_the_field():
    assert in_fields(trained_on(card(), [*PHONE.values()])).endswith(
        " 'a bad phone picture' is not among them: \"all,phone\" in the field Against trains on it, too."
    )
