"""Every feature that has pages, refusals or something to say on each page, in one list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint
from flask_babel import LazyString

from portal.audit import views as audit
from portal.demo import hooks as demo
from portal.web import views as web

BLUEPRINTS: tuple[Blueprint, ...] = (web.bp, audit.bp)
REFUSALS: Mapping[str, LazyString] = {}
STARTS: tuple[Callable[[], Any], ...] = (demo.start_request,)
CONTEXT: tuple[Callable[[], Mapping[str, Any]], ...] = (web.context, audit.context, demo.context)
