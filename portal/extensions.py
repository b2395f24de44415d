"""Extensions, created unbound; ``create_app`` binds them."""

from __future__ import annotations

from flask_login import LoginManager
from flask_wtf import CSRFProtect
from htmx_flask import Htmx

csrf = CSRFProtect()
htmx = Htmx()
login_manager = LoginManager()
