"""What ``portal upgrade`` loads after the migrations: each loader is idempotent and never overwrites an edit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

LOADERS: tuple[Callable[[datetime], Any], ...] = ()
