"""What the tests of all pictures share."""

import pytest

from course_utils.lab import projector


@pytest.fixture(autouse=True)
def _projector_off():
    yield
    projector(False)
