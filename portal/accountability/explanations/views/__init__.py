"""Explanations on pages: what I owe, one explanation with its facts, and the head's queue."""

from portal.accountability.explanations.views import (
    deciding,
    reconsidering,
    sections,
    several,
    supplements,
    together,
    writing,
)
from portal.accountability.explanations.views.basis import bp

__all__ = ["bp", "deciding", "reconsidering", "sections", "several", "supplements", "together", "writing"]
