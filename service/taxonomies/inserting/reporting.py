"""What whoever imports tells the log: problems in parts, and how it ended."""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from itertools import islice

from graph.taxonomy.streams.import_facts import (
    AT_ONCE,
    LONGEST_TEXT,
    LONGEST_URI,
    MOST_KEPT,
    ImportState,
    NewProblems,
)
from graph.text import clean_text
from service.taxonomies.inserting.store import Store

STOPPED = "it was stopped; load the file again"


def keep(store: Store, code: str, rows: Iterable[tuple[str, str]]) -> None:
    """Keeps the first problems of a code: pairs of the concept's URI and a text."""
    kept = islice(rows, MOST_KEPT)
    for n in range(0, MOST_KEPT, AT_ONCE):
        part = [*islice(kept, AT_ONCE)]
        if not part:
            return
        uris = [clean_text(uri)[:LONGEST_URI] for uri, _ in part]
        texts = [clean_text(text)[:LONGEST_TEXT] for _, text in part]
        store.keep([NewProblems(code=code, first=n + 1, uris=uris, texts=texts)])


@contextmanager
def ending(report: Callable[[ImportState, str | None], None]) -> Generator[None]:
    """Reports how the block ended, also if it failed or was stopped."""
    try:
        yield
    except BaseException as error:
        # The log may be what cannot be reached.
        with suppress(Exception):
            if isinstance(error, Exception):
                reason = clean_text(str(error) or type(error).__name__)
                report(ImportState.failed, reason[:LONGEST_TEXT])
            else:
                report(ImportState.interrupted, STOPPED)
        raise
    report(ImportState.done, None)
