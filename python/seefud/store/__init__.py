"""The interaction store: a folder of events that grows by `seefud ingest` and is read like a file."""

from __future__ import annotations

from seefud.store.folder import InteractionStore

__all__ = ["InteractionStore"]
