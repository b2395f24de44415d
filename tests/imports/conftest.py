"""A district with one commune, its officer and procedure, and the monitoring office that imports."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from portal.directory.models import Unit
from tests.factories import Make
from tests.imports.lists import OFFICER, PROCEDURE, UNIT


@pytest.fixture
def district(make: Make) -> Unit:
    """The district the importer works for."""
    return make.unit("Huyện Krông Nô", kind="district")


@pytest.fixture
def unit(make: Make, district: Unit) -> Unit:
    """The commune of the lists, with the officer and the procedure they name."""
    found = make.unit(UNIT, code="H16.25.01", reports_in=district)
    make.officer(found, OFFICER)
    make.procedure(PROCEDURE)
    return found


@pytest.fixture
def office(signed_in: Callable[..., FlaskClient], district: Unit) -> FlaskClient:
    """The monitoring office of the district."""
    return signed_in("monitoring_office", district)
