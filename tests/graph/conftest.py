"""What the tests of the graph share."""

import pytest
from planting import Plant

from graph.database import Database


@pytest.fixture
def plant(database: Database) -> Plant:
    """Grows small taxonomies in an empty database."""
    return Plant(database)
