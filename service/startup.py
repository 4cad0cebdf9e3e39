"""Progress shown while the embedded Neo4j is fetched and started: a bar on a terminal, else one line."""

from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn


class StartupProgress:
    """`with StartupProgress() as report: attach(config, report)`; a total of 0 means unknown."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._progress: Progress | None = None
        self._tasks: dict[str, Any] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        """Shows how far `what` is."""
        if not self._console.is_terminal:
            if what not in self._tasks:
                self._tasks[what] = None
                self._console.print(f"{what} ...")
            return
        if self._progress is None:
            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                DownloadColumn(),
                TimeElapsedColumn(),
                console=self._console,
                transient=True,
            )
            self._progress.start()
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=total or None)
        self._progress.update(self._tasks[what], completed=done if total else 0, total=total or None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def note(self, text: str | None) -> None:
        """Prints a line that stays on the screen."""
        if text:
            self._console.print(text, soft_wrap=True)
