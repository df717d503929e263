"""Images that several tests of the check of inputs share."""

import pytest
from clothes_models import EVEN, images_of


@pytest.fixture(scope="session")
def clothes():
    return images_of(EVEN)
