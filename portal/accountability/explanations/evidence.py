"""Files of evidence that go along from one page of ticked cases to the next; a browser does not keep them.

They were stored once and tied to a case of the page before; the next page sends the numbers of those rows back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from portal.accountability.explanations.models import Attachment, Explanation
from portal.accountability.explanations.queries import ExplanationQuery
from portal.database import db
from portal.documents.store import Content
from portal.guard import Viewer

Files = Sequence[tuple[str, Content]]


def to_go_along(explanation_id: int, files: Files, viewer: Viewer) -> Sequence[Attachment]:
    """The rows by which files that a viewer attached to a case just now go along, each file once."""
    contents = {content.sha256 for _name, content in files}
    found = select(Attachment).where(
        Attachment.explanation_id == explanation_id, Attachment.sha256.in_(contents),
        Attachment.by_id == viewer.person_id,
    )  # fmt: skip
    newest = {row.sha256: row for row in db.session.scalars(found.order_by(Attachment.id))}
    return list(newest.values())


def went_along(numbers: Iterable[int], viewer: Viewer) -> Sequence[Attachment]:
    """Those of some rows that this viewer attached, to explanations that they may see; others do not exist."""
    seen = ExplanationQuery.visible_to(viewer).statement.with_only_columns(Explanation.id)
    found = select(Attachment).where(
        Attachment.id.in_(list(numbers)), Attachment.by_id == viewer.person_id, Attachment.explanation_id.in_(seen)
    )
    return db.session.scalars(found.order_by(Attachment.id)).all()


def contents_of(rows: Iterable[Attachment]) -> Files:
    """The stored files of some rows, to be tied to further cases."""
    return [(row.name, Content(row.sha256, row.size, row.media_type)) for row in rows]
