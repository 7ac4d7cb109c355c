"""The interaction store: a folder of events that grows by `ingest` and is read like a file."""

from __future__ import annotations

from seefud.store.folder import InteractionStore
from seefud.store.ingest import IngestResult, ingest

__all__ = ["IngestResult", "InteractionStore", "ingest"]
