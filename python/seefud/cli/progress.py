"""What a build shows while it runs."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from seefud.build import Listener
from seefud.training import TrainingProgress

__all__ = ["ScreenListener"]


class ScreenListener(Listener):
    """A line per stage with its time, and a bar per training; plain lines where there is no terminal."""

    def __init__(self, console: Console) -> None:
        """Draws on `console`."""
        self._console = console
        self._started: float | None = None
        self._text = ""
        self._progress = Progress(
            TextColumn("  [cyan]{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.completed:.0f}/{task.total:.0f} {task.fields[note]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> ScreenListener:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._finish()
        self._progress.stop()

    def stage(self, text: str) -> None:
        """Ends the last stage's line and begins a new one."""
        self._finish()
        self._text, self._started = text, time.monotonic()
        if not self._console.is_terminal:
            self._console.print(f"{text} ...")

    def training(self, name: str, progress: TrainingProgress) -> None:
        """Moves the bar of a training."""
        note = f"loss {progress.loss:.4f}"
        if progress.validation is not None:
            note += f", NDCG@20 {progress.validation:.4f}"
        task = self._tasks.get(name)
        if task is None:
            task = self._tasks[name] = self._progress.add_task(name, total=progress.epochs, note=note)
        self._progress.update(task, completed=progress.epoch, note=note)
        if progress.epoch == progress.epochs:
            self._progress.update(task, visible=False)

    def _finish(self) -> None:
        if self._started is not None:
            for task in self._tasks.values():
                self._progress.update(task, visible=False)
            self._console.print(f"{self._text} [dim]{time.monotonic() - self._started:.1f} s[/dim]")
            self._started = None
