"""The recorded parameters of the commands are those that the commands declare."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import frozen
import pytest

from tfstab.cli.app import COMMANDS
from tfstab.cli.parameters import declared_by
from tfstab.orders.parameters import FILE, parameters_of

RECORD = Path(__file__).parents[2] / "resources" / FILE
FUNCTIONS = {function.__name__: function for functions in COMMANDS.values() for function in functions}


@pytest.fixture(scope="session", autouse=True)
def _record():
    if frozen.RECORD in os.environ:
        made = {name: [asdict(one) for one in declared_by(function)] for name, function in FUNCTIONS.items()}
        frozen.record(RECORD, json.dumps(made, indent=1, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("command", FUNCTIONS)
def test_the_parameters_are_recorded(command):
    assert parameters_of(command) == declared_by(FUNCTIONS[command]), "record them anew with `make frozen`"
