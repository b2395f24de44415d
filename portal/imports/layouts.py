"""The page of a list whose columns nobody knows yet: a proposal with its reasons, samples, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal import clock
from portal.cases.models import Source
from portal.database import commit, db
from portal.guard import Permission, permit, viewer
from portal.imports import actions, keeping, queries
from portal.imports.forms import LayoutForm, name_of
from portal.imports.header import Header
from portal.imports.messages import usual_heading
from portal.imports.models import Batch
from portal.imports.naming import known_names
from portal.imports.proposing import Choice, Column, Proposal, Why, propose_columns, share_read
from portal.imports.queries import BatchQuery
from portal.imports.rules import REQUIRED, BatchState, DateOrder, Fact
from portal.imports.sampling import sample_of
from portal.imports.views import look_again
from portal.refusal import Refused
from portal.sources.actions import remember_columns
from portal.sources.queries import SourceQuery, layouts_in, versions_of, vocabulary_of
from portal.sources.rules import NOTHING
from portal.web.operations import repeatable
from portal.web.respond import done, invalid, or_404, page

bp = Blueprint("layouts", __name__, url_prefix="/imports")

WHYS: Mapping[Why, LazyString] = {
    Why.EXACT: _l("the heading is known"),
    Why.FOLDED: _l("the heading resembles a known one"),
    Why.BESIDE: _l("by the columns beside it"),
    Why.REMEMBERED: _l("remembered from version %(n)s"),
    Why.CONTENT: _l("by what its cells look like"),
    Why.CHOSEN: _l("chosen by you"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One fact on the page: its select, the column chosen now, why, and how its cells read."""

    fact: Fact
    select: Any
    column: Column | None
    why: str
    is_required: bool
    asked: tuple[str, ...]
    read: tuple[int, int] | None

    @property
    def fits_badly(self) -> bool:
        """Whether less than half of the sampled cells read as the fact needs."""
        return self.read is not None and self.read[1] > 0 and 2 * self.read[0] < self.read[1]


@bp.get("/<int:batch_id>/layout")
@permit(Permission.IMPORT_CASES)
def show(batch_id: int) -> ResponseReturnValue:
    """The proposal for a list whose columns are asked."""
    batch = _batch(batch_id)
    return page("imports/layout.html", **_asked(batch, LayoutForm(formdata=None, order=batch.date_order)))


def _batch(batch_id: int) -> Batch:
    batch = or_404(BatchQuery.visible_to(viewer()).get(batch_id))
    if batch.state not in (BatchState.UPLOADED, BatchState.PREVIEWED) or not batch.headings:
        raise Refused("imports.already_decided")
    return batch


def _asked(batch: Batch, form: LayoutForm) -> dict[str, Any]:
    """The whole page: the proposal, and the answer so far where a form was sent."""
    versions = versions_of(batch.source_id)
    mapping = vocabulary_of(versions[0]) if versions else NOTHING
    known, remembered = known_names(mapping), queries.remembered_in(layouts_in(versions))
    upload, headings, source = keeping.upload_of(batch), dict(batch.headings), batch.source
    may_keep = SourceQuery.mapped_by(viewer()).get(source.id) is not None
    present = {"batch": batch, "source": source, "may_keep": may_keep, "version": mapping.version}
    db.session.rollback()  # the child may take a while: no read stays open meanwhile
    sample = sample_of(upload.path, upload.name, headings)
    rows = sample.rows if sample else []
    proposal = propose_columns(_by_place(headings), rows, known=known, remembered=remembered)
    columns = {column.place: column for column in proposal.columns}
    form.offer({str(place): column.heading for place, column in columns.items()}, proposal.as_mapping())
    chosen = form.chosen
    return present | {
        "form": form,
        "lines": [_line(fact, form, columns, proposal, mapping.version) for fact in form.order_of_facts()],
        "columns": [
            (column, next((f for f, place in chosen.items() if place == at), None)) for at, column in columns.items()
        ],
        "missing": [usual_heading(fact) for fact in REQUIRED if fact not in chosen],
        "sampled": len(rows),
    }


def _by_place(headings: Mapping[str, str]) -> dict[int, str]:
    return {int(place): text for place, text in headings.items()}


def _line(fact: Fact, form: LayoutForm, columns: Mapping[int, Column], proposal: Proposal, version: int) -> Line:
    place = form.chosen.get(fact)
    column = columns.get(place) if place is not None else None
    return Line(
        fact=fact,
        select=form[name_of(fact)],
        column=column,
        why=_why(proposal.choices.get(fact), place, version),
        is_required=fact in REQUIRED,
        asked=proposal.unclear.get(fact, ()) if column is None else (),
        read=share_read(fact, column) if column else None,
    )


def _why(choice: Choice | None, place: int | None, version: int) -> str:
    if place is None:
        return ""
    why = choice.why if choice is not None and choice.place == place else Why.CHOSEN
    words = str(WHYS[why])
    return words % {"n": version} if why is Why.REMEMBERED else words


@bp.post("/<int:batch_id>/layout/check")
@permit(Permission.IMPORT_CASES)
@repeatable
def check(batch_id: int) -> ResponseReturnValue:
    """How the sampled rows read with the columns chosen so far; nothing is kept."""
    form = LayoutForm()
    context = _asked(_batch(batch_id), form)
    form.mark_twice()
    return page("imports/layout.html", fragment="imports/_layout.html", **context)


@bp.post("/<int:batch_id>/layout")
@permit(Permission.IMPORT_CASES)
def save(batch_id: int) -> ResponseReturnValue:
    """Keep which column holds what as a new version of the source's mapping, and preview the file with it."""
    form = LayoutForm()
    context = _asked(_batch(batch_id), form)
    if not form.validate():
        return invalid("imports/layout.html", **context)
    batch = _batch(batch_id)
    wishes = actions.wishes_of(batch, chosen=form.chosen, order=DateOrder(form.order.data))
    if SourceQuery.mapped_by(viewer()).get(batch.source_id) is not None:
        _remember(batch, form)
    look_again(_batch(batch_id), wishes)
    return done(_("This is what the file will do with these columns."), url_for("imports.show", batch_id=batch_id))


def _remember(batch: Batch, form: LayoutForm) -> None:
    header = Header((), _by_place(batch.headings), form.chosen)
    reason = actions.REMEMBERED.format(name=batch.file_name)
    with commit():
        source = db.session.get_one(Source, batch.source_id)
        remember_columns(
            source,
            header.as_mapping(),
            header.named.values(),
            reason,
            by=viewer(),
            at=clock.now(),
            batch_id=batch.id,
        )
