"""PURE: what the texts of a source mean; the tables stand with the sources."""

from __future__ import annotations

from portal.sources.meanings import channel_of, meaning_of

__all__ = ["channel_of", "meaning_of"]
