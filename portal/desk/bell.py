"""What the frame of a page reads: until when the data are, and how many notices are unread; in one statement."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import Integer, String, cast, literal, null, select, union_all

from portal.cases.freshness import Freshness, freshness, freshness_statement, newest_first
from portal.database import WallTime, db
from portal.guard import Permission, Viewer
from portal.notices import queries as notices

SOURCES_SHOWN = 2


class Frame:
    """Reads for one rendering, and only what its page shows: the bell rides on the line "data as of"."""

    def __init__(self, who: Viewer) -> None:
        self._who = who
        self._unread: int | None = None

    def freshness_lines(self) -> list[str]:
        """Until when the sources have told of their cases, one sentence a source; for who reads cases or figures."""
        who = self._who
        if not (who.may(Permission.READ_CASES) or who.may(Permission.READ_FIGURES)):
            return []
        return [
            _(
                "Figures up to %(moment)s, source %(source)s",
                moment=f"{row.data_as_of:%H:%M %d/%m/%Y}",
                source=row.source,
            )
            for row in self._read()[:SOURCES_SHOWN]
        ]

    def unread(self) -> int:
        """How many notices the viewer has not read, at most a hundred."""
        if self._unread is None:
            self._unread = notices.unread_of(self._who.person_id)
        return self._unread

    def _read(self) -> list[Freshness]:
        """Both at once: the sources, and one row more that carries the count."""
        if self._who.person_id is None:
            return list(freshness())
        sources = freshness_statement().subquery("sources")
        unread = notices.unread_statement(self._who.person_id).scalar_subquery()
        rows = union_all(
            select(sources.c.name, sources.c.newest, cast(null(), Integer).label("unread")),
            select(cast(literal(""), String), cast(null(), WallTime), unread),
        )
        found = db.session.execute(select(rows.subquery("frame"))).all()
        self._unread = next(row.unread for row in found if row.unread is not None)
        return list(newest_first(Freshness(row.name, row.newest) for row in found if row.unread is None))
