"""A job whose file operations fail, or that is killed or loses its power, ends as if nothing had happened.

A sample, drawn alike of all kinds of operation and fault; `make faults` runs all cases.
"""

import pytest

from campaign import campaign
from fault_library import POSSIBLE

pytestmark = pytest.mark.skipif(not POSSIBLE, reason="the library of faults needs Linux and a C compiler")


# So many that each kind of fault comes up at each kind of operation, where that takes a fraction of a second.
# A growing sweep, which takes longer, does the same operations as a sweep.
@pytest.mark.parametrize(
    ("job", "cases"), [("sweep", 60), ("growing sweep", 12), ("search", 45), ("report", 10), ("training", 5)]
)
def test_a_disturbed_job_is_run_again_to_the_same_files(job, cases):
    result = campaign(job, cases)
    assert result["failures"] == []
    assert sum(result["counts"].values()) == cases
