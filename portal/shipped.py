"""What ``portal upgrade`` loads after the migrations: each loader is idempotent and never overwrites an edit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from portal.calendars.actions import load_shipped as load_calendar
from portal.policy.actions import load_shipped as load_policy

LOADERS: tuple[Callable[[datetime], Any], ...] = (load_calendar, load_policy)
