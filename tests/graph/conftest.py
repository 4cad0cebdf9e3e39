"""Fixtures shared by the tests of the graph."""

import pytest
from planting import Plant

from graph.database import Database


@pytest.fixture
def plant(database: Database) -> Plant:
    """Creates small taxonomies in an empty database."""
    return Plant(database)
