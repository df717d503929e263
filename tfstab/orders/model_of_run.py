"""The model that a run was made with, as far as this machine knows where it is."""

from collections.abc import Mapping
from typing import Any

from tfstab.errors import InputError
from tfstab.models import bundled_names
from tfstab.orders.model import ModelOptions
from tfstab.paths import user_path
from tfstab.runs.form import recorded_form
from tfstab.runs.info import FUNCTION, model_of
from tfstab.runs.known_models import changed_code, find_model, is_there, remembered_path, source_at

EXPLAIN_FAILURE = "tfstab.explain_failure"


def model_of_run(
    info: Mapping[str, Any], file: str | None = None, trust: bool = False, in_python: str = EXPLAIN_FAILURE
) -> ModelOptions:
    """Return how the model of a run is loaded.

    Parameters
    ----------
    info : mapping
        The run's run.json.
    file : str, optional
        Name or path of the model; by default it is looked for where it was when the run was made.
    trust : bool
        Whether this file may run any code.
    in_python : str
        The function or call to use in Python instead, which the error names if the model was a Python function.

    Returns
    -------
    ModelOptions
        The model with the options that the run was made with, as far as they are known.

    Raises
    ------
    InputError
        It is not known where the model is, or it was a Python function.
    """
    model = model_of(info)
    if file in bundled_names():
        return ModelOptions.remembered(str(file), recorded_form(model))
    if file is not None:
        source = source_at(user_path(file), model, trust)
        return ModelOptions.remembered(source.path, source.options)
    if model.get(FUNCTION):
        raise InputError(f"the model of this run ({model['name']}) was a Python function: use {in_python} in Python.")
    found = find_model(model)
    if found is None:
        where, changed = remembered_path(model["fingerprint"]), changed_code(model["fingerprint"])
        known, more = "is in an unknown place", ""
        if where is not None and not is_there(where):
            known = f"is no longer at {where}"
        elif where is not None and where in changed:
            known, more = f"at {where} has changed since it was trusted", " and --trust"
        elif changed:
            is_file = changed[0].suffix == ".py"
            why = "has changed since the run was made" if is_file else "is not an installed module"
            known = f"needs {changed[0]}, which {why}"
            more = f", and {changed[0].name} with --import"
        raise InputError(f"the model of this run ({model['name']}) {known}: give it with --model{more}.")
    return ModelOptions.remembered(*found)
