"""Bringing a file by the page, and what came of it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from portal.database import db
from portal.imports.models import Batch


def bring(client: FlaskClient, path: Path, *, name: str | None = None, **more: Any) -> Any:
    """Post a file of the disk to the upload page."""
    data = {
        "file": FileStorage(io.BytesIO(path.read_bytes()), name or path.name),
        "source": "iGate",
        "order": "day_first",
        **more,
    }
    boundary, body = encode_multipart(data)
    return client.post("/imports", data=body, content_type=f'multipart/form-data; boundary="{boundary}"')


def newest() -> Batch:
    """The last batch, read anew."""
    db.session.rollback()
    return db.session.scalars(select(Batch).order_by(Batch.id.desc()).limit(1)).one()


def count(model: Any, *where: Any) -> int:
    """Rows of a model."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0
