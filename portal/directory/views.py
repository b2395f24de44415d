"""Units and people: everyone signed in may read; administrators change what lies in their units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from portal import clock
from portal.audit.queries import events_of
from portal.database import commit
from portal.directory import actions, queries
from portal.directory.forms import EndPostingForm, ParentForm, PersonForm, PostingForm, UnitChangeForm, UnitForm
from portal.directory.messages import LINE_WORDS, PERSON_KIND_WORDS, ROLE_WORDS, SUCCESSION_WORDS, UNIT_KIND_WORDS
from portal.directory.models import Person, Posting, Unit
from portal.directory.rules import SINCE_EVER, Line, PersonKind, UnitKind, in_force
from portal.guard import Permission, Role, permit, viewer
from portal.vietnamese import clean
from portal.web.forms import EmptyForm
from portal.web.respond import done, invalid, or_404, page

bp = Blueprint("directory", __name__)
NO_UNIT = 0


def words() -> dict[str, Any]:
    """What templates need to name roles and kinds."""
    return {
        "role_words": lambda role: ROLE_WORDS.get(str(role), str(role)),
        "unit_kind_words": lambda kind: UNIT_KIND_WORDS.get(str(kind), str(kind)),
        "person_kind_words": lambda kind: PERSON_KIND_WORDS.get(str(kind), "–"),
        "line_words": lambda line: LINE_WORDS.get(str(line), str(line)),
        "succession_words": lambda kind: SUCCESSION_WORDS.get(str(kind), str(kind)),
        "since_ever": SINCE_EVER,
    }


bp.app_context_processor(words)


# --- Units -----------------------------------------------------------------------------------------------------------


@bp.get("/directory/units")
@permit(Permission.READ_DIRECTORY)
def units() -> ResponseReturnValue:
    """The tree of today, on the line the reader chooses."""
    today = clock.today()
    line = Line.MANAGED_BY if request.args.get("line") == Line.MANAGED_BY else Line.REPORTS_IN
    tree = queries.load_tree(today)
    heads = {unit_id: posting.person for unit_id, posting in queries.heads_on(today).items()}
    return page(
        "directory/units.html", rows=list(tree.walk(line)), tree=tree, line=line, heads=heads,
        counts=queries.headcounts(today),
    )  # fmt: skip


@bp.get("/directory/units/<int:unit_id>")
@permit(Permission.READ_DIRECTORY)
def unit(unit_id: int) -> ResponseReturnValue:
    """One unit: parents with dates, people of today, former postings, trail."""
    found = or_404(queries.unit_by_id(unit_id))
    return page("directory/unit.html", **_unit_page(found))


@bp.get("/directory/units/new")
@permit(Permission.MANAGE_DIRECTORY)
def new_unit() -> ResponseReturnValue:
    """The form of a new unit."""
    form = with_units(UnitForm(formdata=None, valid_from=clock.today(), kind=UnitKind.DIVISION))
    return page("directory/new_unit.html", form=form)


@bp.post("/directory/units/new")
@permit(Permission.MANAGE_DIRECTORY)
def create_unit() -> ResponseReturnValue:
    """Add a unit below units of the administrator's own."""
    form = with_units(UnitForm())
    if not form.validate():
        return invalid("directory/new_unit.html", form=form)
    with commit():
        made = actions.create_unit(
            form.code.data, form.name.data, UnitKind(form.kind.data), valid_from=form.valid_from.data,
            reports_in=queries.unit_by_id(form.reports_in.data), managed_by=queries.unit_by_id(form.managed_by.data),
            by=viewer(), at=clock.now(),
        )  # fmt: skip
        unit_id = made.id
    return done(_("The unit was added."), url_for("directory.unit", unit_id=unit_id))


@bp.post("/directory/units/<int:unit_id>")
@permit(Permission.MANAGE_DIRECTORY)
def update_unit(unit_id: int) -> ResponseReturnValue:
    """Change the name, kind or last day of a unit."""
    found, form = own_unit(unit_id), UnitChangeForm()
    if not form.validate():
        return invalid("directory/unit.html", **_unit_page(found, change_form=form))
    changes = {"name": form.name.data, "kind": form.kind.data, "valid_to": form.valid_to.data}
    with commit():
        actions.change_unit(found, changes, by=viewer(), at=clock.now())
    return done(_("The unit was changed."), url_for("directory.unit", unit_id=unit_id))


@bp.post("/directory/units/<int:unit_id>/parent")
@permit(Permission.MANAGE_DIRECTORY)
def set_parent(unit_id: int) -> ResponseReturnValue:
    """Let a unit stand below another from a day on."""
    found, form = own_unit(unit_id), with_units(ParentForm())
    if not form.validate():
        return invalid("directory/unit.html", **_unit_page(found, parent_form=form))
    parent, line = queries.unit_by_id(form.parent.data), Line(form.line.data)
    with commit():
        actions.set_parent(found, line, parent, from_=form.valid_from.data, by=viewer(), at=clock.now())
    return done(_("The parent was changed."), url_for("directory.unit", unit_id=unit_id))


# --- People ----------------------------------------------------------------------------------------------------------


@bp.get("/directory/people")
@permit(Permission.READ_DIRECTORY)
def people() -> ResponseReturnValue:
    """People by name, found without marks, a page at a time."""
    today, text, after = clock.today(), request.args.get("q", "").strip(), request.args.get("after", type=int)
    found = queries.PersonQuery.everyone().matching(text)
    total = found.count()
    last_seen = queries.person_by_id(after) if after else None
    rows = (found.after(last_seen.sort_key, last_seen.id) if last_seen else found).page()
    shown = rows[: queries.PAGE]
    return page(
        "directory/people.html", fragment="directory/_people.html", people=shown, total=total, text=text,
        postings=queries.postings_by_person([person.id for person in shown], today),
        next_after=shown[-1].id if len(rows) > queries.PAGE else None,
    )  # fmt: skip


@bp.get("/people/<int:person_id>")
@permit(Permission.READ_DIRECTORY)
def person(person_id: int) -> ResponseReturnValue:
    """One person: postings with dates, trail; forms for the administrator."""
    found = or_404(queries.person_by_id(person_id))
    return page("directory/person.html", **_person_page(found))


@bp.get("/directory/people/new")
@permit(Permission.MANAGE_DIRECTORY)
def new_person() -> ResponseReturnValue:
    """The form of a new person."""
    return page("directory/new_person.html", form=PersonForm(formdata=None))


@bp.post("/directory/people/new")
@permit(Permission.MANAGE_DIRECTORY)
def create_person() -> ResponseReturnValue:
    """Add a person; postings follow on their page."""
    form = PersonForm()
    if not form.validate():
        return invalid("directory/new_person.html", form=form)
    with commit():
        made = actions.create_person(
            form.full_name.data, code=form.code.data, email=form.email.data,
            kind=PersonKind(form.kind.data) if form.kind.data else None, by=viewer(), at=clock.now(),
        )  # fmt: skip
        person_id = made.id
    return done(_("The person was added."), url_for("directory.person", person_id=person_id))


@bp.post("/people/<int:person_id>")
@permit(Permission.MANAGE_DIRECTORY)
def update_person(person_id: int) -> ResponseReturnValue:
    """Correct the facts of a person who holds no posting outside the administrator's units."""
    found, form = _own_person(person_id), PersonForm()
    if not form.validate():
        return invalid("directory/person.html", **_person_page(found, person_form=form))
    changes = {
        "full_name": clean(form.full_name.data),
        "code": clean(form.code.data or "") or None,
        "kind": form.kind.data or None,
        "email": clean(form.email.data or "") or None,
    }
    with commit():
        actions.change_person(found, changes, by=viewer(), at=clock.now())
    return done(_("The person was changed."), url_for("directory.person", person_id=person_id))


@bp.post("/people/<int:person_id>/postings")
@permit(Permission.MANAGE_DIRECTORY)
def add_posting(person_id: int) -> ResponseReturnValue:
    """Give a person a role in one of the administrator's units."""
    found, form = or_404(queries.person_by_id(person_id)), with_units(PostingForm(), empty=False)
    if not form.validate():
        return invalid("directory/person.html", **_person_page(found, posting_form=form))
    where = own_unit(form.unit.data)
    with commit():
        actions.add_posting(
            found, where, Role(form.role.data), position=form.position.data or "", is_clerk=form.is_clerk.data,
            valid_from=form.valid_from.data, valid_to=form.valid_to.data, by=viewer(), at=clock.now(),
        )  # fmt: skip
    return done(
        _("The posting was added. Sessions of the person end."), url_for("directory.person", person_id=person_id)
    )


@bp.post("/directory/postings/<int:posting_id>/end")
@permit(Permission.MANAGE_DIRECTORY)
def end_posting(posting_id: int) -> ResponseReturnValue:
    """End a posting after its last day."""
    posting, form = own_posting(posting_id), EndPostingForm()
    if not form.validate():
        return invalid("directory/person.html", **_person_page(posting.person, ends={posting.id: form}))
    person_id = posting.person_id
    with commit():
        actions.end_posting(posting, form.last_day.data, by=viewer(), at=clock.now())
    return done(_("The posting ends after that day."), url_for("directory.person", person_id=person_id))


@bp.post("/directory/postings/<int:posting_id>/clerk")
@permit(Permission.MANAGE_DIRECTORY)
def set_clerk(posting_id: int) -> ResponseReturnValue:
    """Give the posting the clerk's permission, or take it away."""
    posting = own_posting(posting_id)
    person_id, is_clerk = posting.person_id, request.form.get("is_clerk") == "1"
    with commit():
        actions.set_clerk(posting, is_clerk, by=viewer(), at=clock.now())
    said = _("The person now numbers letters.") if is_clerk else _("The person no longer numbers letters.")
    return done(said, url_for("directory.person", person_id=person_id))


# --- Parts -----------------------------------------------------------------------------------------------------------


def own_unit(unit_id: int) -> Unit:
    """A unit this administrator may change, or 404."""
    return or_404(queries.unit_by_id(unit_id) if unit_id in viewer().admin_units else None)


def _own_person(person_id: int) -> Person:
    """A person without a posting in force outside this administrator's units, or 404."""
    held = queries.postings_on(clock.today(), person_id=person_id)
    within = all(posting.unit_id in viewer().admin_units for posting in held)
    return or_404(queries.person_by_id(person_id) if within else None)


def own_posting(posting_id: int) -> Posting:
    """A posting in a unit of this administrator, or 404."""
    posting = or_404(queries.posting_by_id(posting_id))
    own_unit(posting.unit_id)
    return posting


def with_units(form: Any, *, empty: bool = True) -> Any:
    """Fill the choices of units with those the administrator may use."""
    mine = [unit for unit in queries.units_in_force(clock.today()) if unit.id in viewer().admin_units]
    choices = [SelectChoice(unit.id, unit.name) for unit in mine]
    for name in ("reports_in", "managed_by", "parent", "unit"):
        if name in form:
            form[name].choices = [SelectChoice(NO_UNIT, "–"), *choices] if empty else choices
    return form


def _unit_page(found: Unit, *, change_form: Any = None, parent_form: Any = None) -> dict[str, Any]:
    today, may = clock.today(), viewer().may(Permission.MANAGE_DIRECTORY) and found.id in viewer().admin_units
    current = queries.postings_on(today, unit_id=found.id)
    shown = {posting.id for posting in current}
    forms = {
        "change_form": change_form or UnitChangeForm(formdata=None, obj=found),
        "parent_form": parent_form or with_units(ParentForm(formdata=None, valid_from=today)),
    }
    return {
        "unit": found,
        "links": queries.links_of(found.id),
        "successions": queries.successions_of(found.id),
        "former_names": queries.former_names_of(found.id),
        "postings": current,
        "former": [posting for posting in queries.postings_of(unit_id=found.id) if posting.id not in shown],
        "children": [node for line in Line for node in _children(found.id, line)],
        "events": events_of("unit", found.id),
        "may_change": may,
        **(forms if may else {}),
    }


def _children(unit_id: int, line: Line) -> list[tuple[Line, Any]]:
    tree = queries.load_tree(clock.today())
    return [(line, tree.node(child)) for child in tree.children(line, unit_id)]


def _person_page(
    found: Person, *, person_form: Any = None, posting_form: Any = None, ends: Mapping[int, Any] | None = None
) -> dict[str, Any]:
    today, who = clock.today(), viewer()
    may = who.may(Permission.MANAGE_DIRECTORY)
    postings = queries.postings_of(person_id=found.id)
    held = [posting for posting in postings if in_force(posting.valid_from, posting.valid_to, today)]
    within = all(posting.unit_id in who.admin_units for posting in held)
    return {
        "person": found,
        "postings": postings,
        "manages_account": who.may(Permission.MANAGE_ACCOUNTS) and within,
        "events": events_of("person", found.id) if may or who.may(Permission.READ_TRAIL) else None,
        "may_change": may,
        "person_form": (person_form or PersonForm(formdata=None, obj=found)) if may else None,
        "today": today,
        "ends": ends or {},
        "end_form": lambda: EndPostingForm(formdata=None, last_day=today),
        "button": lambda: EmptyForm(formdata=None),
        "posting_form": (posting_form or with_units(PostingForm(formdata=None, valid_from=today), empty=False))
        if may
        else None,
    }
