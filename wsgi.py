"""The entry for a WSGI server: ``gunicorn wsgi:app``."""

from portal.app import create_app
from portal.config import Settings
from portal.logs import configure

settings = Settings()
configure(settings.log_level)
app = create_app(settings)
