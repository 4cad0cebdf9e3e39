"""Errors that last are logged once, and not at every try."""

import logging

log = logging.getLogger("glan")


class Trouble:
    """What is wrong at present, if anything is."""

    def __init__(self) -> None:
        self._told = ""

    def tell(self, error: Exception, before: str = "", *, level: int = logging.WARNING) -> None:
        """Logs an error, with some words before it, unless it was the last one to be told."""
        if str(error) != self._told:
            self._told = str(error)
            log.log(level, "%s%s", before, error)

    def ended(self) -> None:
        """Says that all is well: the same error is told again if it comes back."""
        self._told = ""
