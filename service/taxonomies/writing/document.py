"""Writes what was collected in the format that is asked for."""

from typing import IO

from service.taxonomies.writing import lines, mappings, paths
from service.taxonomies.writing.collection import Collection
from service.taxonomies.writing.options import ExportFormat, ExportOptions


def write(collection: Collection, format_: ExportFormat, options: ExportOptions, file: IO[bytes]) -> None:
    """Writes a whole export; raises Invalid if the taxonomy cannot be written so."""
    if format_ is ExportFormat.csv:
        paths.write(collection, options, file)
    elif format_ is ExportFormat.ndjson:
        lines.write(collection, file)
    elif format_ is ExportFormat.sssom:
        mappings.write(collection, options, file)
    else:
        # Imported here, because pyoxigraph takes a moment to load.
        from service.taxonomies.writing import rdf
        from service.taxonomies.writing.statements import Statements

        rdf.write(Statements(collection, options).all(), format_, file)
