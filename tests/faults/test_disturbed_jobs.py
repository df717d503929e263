"""A job whose file operations fail, or that is killed or loses its power, ends as if nothing had happened.

A sample, drawn alike of all kinds of operation and fault; `make faults` runs all cases.
"""

import os
import re

import pytest

from campaign import campaign
from fault_library import BUILDS

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="each case runs in a fork")


# Of a sweep so many that each kind of fault comes up at each kind of operation. A case of a report or a training takes
# seconds, and these write their files by the same functions: only `make faults` has them.
@pytest.mark.parametrize(("job", "cases"), [("sweep", 32), ("scoring", 12), ("growing sweep", 4), ("search", 8)])
def test_a_disturbed_job_is_run_again_to_the_same_files(job, cases):
    result = campaign(job, cases)
    assert result["failures"] == []
    assert sum(result["counts"].values()) == cases


@pytest.mark.skipif(not BUILDS, reason="elsewhere, all cases run so")
def test_without_a_c_compiler_functions_of_os_are_replaced():
    result = campaign("sweep", 32, preload=False)
    assert result["failures"] == []
    kinds = {kind for kind in result["counts"] if kind != "power cut"}
    assert {"kill write", "short write", "ENOSPC open", "EIO fsync", "EIO rename", "EDQUOT mkdir"} <= kinds


@pytest.mark.parametrize("preload", [True, False])
def test_work_without_care_is_found(preload):
    """A job that overwrites a file in place, and takes half of it for the whole."""
    if preload and not BUILDS:
        pytest.skip("the library of faults needs Linux and a C compiler")
    failures = "\n".join(campaign("careless", preload=preload)["failures"])
    assert "a power cut after the end loses" in failures
    for case in ("kill write", "power cut"):
        assert re.search(rf"careless, {case}.*: run/result.txt differs", failures), failures
    assert re.search(r"careless, ENOSPC write.*: a traceback: .*No space left", failures)
