"""What instructions take of the store of the real database."""

from pathlib import Path

from planting import Plant

from graph.database import Database
from graph.embedded.store_files import store_files
from graph.model import Kind
from graph.queries import parse
from graph.store_size import of_instructions
from service.database import share_of_instructions
from service.settings import Settings

ADD = parse(
    "test.add",
    "// Adds.\n// access: write\nUNWIND range(1, $count) AS n "
    "CREATE (i:Instruction {id: toString(n), question: $text, answer: $text, concepts: ['a', 'b']})",
)


async def test_what_instructions_take(database: Database, settings: Settings, home: Path):
    assert await of_instructions(database, store_files(home)) is None
    plant = Plant(database)
    top = await plant.node(Kind.Field, "Farming", await plant.node(Kind.Taxonomy, "All"))
    root = await plant.node(Kind.Discipline, "Beekeeping", top)
    await plant.syllabus(root, "Hives", {"One": ["smoke", "frames"]})
    await database.write(ADD, count=500, text="bees " * 200)
    files = store_files(home)
    found = await of_instructions(database, files)
    assert found is not None
    assert found.instructions == 500
    # The files were opened with room for more, and keep the room of what other tests have removed.
    assert 0 < found.bytes <= files.store
    assert round(found.each) == round(found.bytes / 500)
    # As `glan db info` asks: over a connection of its own, without a migration.
    assert await share_of_instructions(settings, files) == found
