"""Pages of sources: what each is, which units it rules, how its columns and words are read, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from portal import clock
from portal.audit.queries import events_of
from portal.cases.models import Source
from portal.database import commit
from portal.directory.queries import load_tree
from portal.directory.rules import Line
from portal.guard import Permission, permit, viewer
from portal.refusal import Refused
from portal.sources import actions, queries
from portal.sources.actions import Description
from portal.sources.forms import ChannelsForm, SourceForm, StatusesForm, UnitsForm, WordsForm
from portal.sources.meanings import (
    CHANNEL_NAMES,
    NATIONAL,
    NATIONAL_TEXTS,
    VENDOR,
    channel_of,
    meaning_of,
    vendor_meanings,
)
from portal.sources.messages import KINDS, channel_word, fact_word, meaning_word, told
from portal.sources.models import SourceMapping
from portal.sources.queries import SourceQuery, vocabulary_of
from portal.sources.rules import NOTHING, SourceKind, WordKind, differences
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("sources", __name__, url_prefix="/sources")


def words() -> dict[str, Any]:
    """What templates need to name meanings, channels and columns."""
    return {"meaning_word": meaning_word, "channel_word": channel_word, "fact_word": fact_word}


bp.app_context_processor(words)


@bp.get("")
@permit(Permission.READ_SOURCES)
def index() -> ResponseReturnValue:
    """The sources with what is known of each and what waits."""
    return page("sources/index.html", form=SourceForm(formdata=None), **_indexed())


def _indexed() -> dict[str, Any]:
    return {"lines": SourceQuery.visible_to(viewer()).lines(), "kinds": KINDS}


@bp.post("")
@permit(Permission.MANAGE_SETTINGS)
def create() -> ResponseReturnValue:
    """Enter a system before its first file comes."""
    form = SourceForm()
    if not form.validate():
        return invalid("sources/index.html", form=form, **_indexed())
    try:
        with commit():
            source = actions.make_source(_description(form), by=viewer(), at=clock.now())
    except Refused as refused:
        form.name.errors = [sentence(refused)]
        return invalid("sources/index.html", form=form, **_indexed())
    return done(_("The source is entered."), _page_of(source))


def _description(form: SourceForm) -> Description:
    return Description(
        name=form.name.data,
        kind=SourceKind(form.kind.data),
        label=form.label.data or "",
        note=form.note.data or "",
        active=form.active.data,
        supplements_pause=form.supplements_pause.data,
    )


def _page_of(source: Source) -> str:
    return url_for("sources.show", source_id=source.id)


def _source(source_id: int) -> Source:
    return or_404(SourceQuery.visible_to(viewer()).get(source_id))


def _mapped(source_id: int) -> Source:
    """A source whose words the viewer may explain."""
    return or_404(SourceQuery.mapped_by(viewer()).get(source_id))


@bp.get("/<int:source_id>")
@permit(Permission.READ_SOURCES)
def show(source_id: int) -> ResponseReturnValue:
    """How a source is read now, how it was read before, and what its files wrote."""
    source = _source(source_id)
    versions = queries.versions_of(source.id)
    mapping = vocabulary_of(versions[0]) if versions else NOTHING
    seen = queries.words_of(source.id)
    return page(
        "sources/show.html",
        source=source,
        kind=KINDS.get(SourceKind(source.kind), source.kind),
        mapping=mapping,
        units=queries.units_of(source.id),
        unknown=queries.unknown_words(seen, mapping),
        history=_history(versions),
        may_map=SourceQuery.mapped_by(viewer()).get(source.id) is not None,
        events=events_of("source", source.id),
    )


def _history(versions: Sequence[SourceMapping]) -> list[tuple[SourceMapping, list[tuple[str, str, str, str]]]]:
    """Each version, the newest first, with what it says otherwise than the one before."""
    values = [*(vocabulary_of(row) for row in versions), NOTHING]
    changes = [[told(one) for one in differences(old, new)] for new, old in pairwise(values)]
    return list(zip(versions, changes, strict=True))


@bp.get("/<int:source_id>/versions/<int:number>")
@permit(Permission.READ_SOURCES)
def version(source_id: int, number: int) -> ResponseReturnValue:
    """One version, whole."""
    source = _source(source_id)
    row = or_404(queries.version_of(source.id, number))
    return page("sources/version.html", source=source, row=row)


# --- what a source is


@bp.get("/<int:source_id>/edit")
@permit(Permission.MANAGE_SETTINGS)
def edit(source_id: int) -> ResponseReturnValue:
    """Say what a source is."""
    source = _source(source_id)
    return page("sources/edit.html", source=source, form=SourceForm(formdata=None, obj=source))


@bp.post("/<int:source_id>/edit")
@permit(Permission.MANAGE_SETTINGS)
def update(source_id: int) -> ResponseReturnValue:
    """Keep what is said of a source."""
    source = _source(source_id)
    form = SourceForm()
    if not form.validate():
        return invalid("sources/edit.html", source=source, form=form)
    try:
        with commit():
            actions.describe(source, _description(form), by=viewer(), at=clock.now())
    except Refused as refused:
        form.name.errors = [sentence(refused)]
        return invalid("sources/edit.html", source=_source(source_id), form=form)
    return done(_("Kept."), _page_of(source))


# --- which units it rules


@bp.get("/<int:source_id>/units")
@permit(Permission.MANAGE_SETTINGS)
def units(source_id: int) -> ResponseReturnValue:
    """Tick the units whose cases this source rules."""
    source = _source(source_id)
    return page("sources/units.html", **_ticks(source, UnitsForm(formdata=None)))


def _ticks(source: Source, form: UnitsForm) -> dict[str, Any]:
    owners, names = queries.owners(), queries.source_names()
    rows = list(load_tree(clock.today()).walk(Line.REPORTS_IN))
    form.units.choices = [SelectChoice(node.id, node.name) for _depth, node in rows]
    # A unit that has ended keeps its owner, although it is no longer offered.
    ended = [unit_id for unit_id, owner in owners.items() if owner == source.id and not _offers(form, unit_id)]
    form.units.choices += [SelectChoice(unit_id, str(unit_id)) for unit_id in ended]
    if not form.is_submitted():
        form.units.data = [unit_id for unit_id, owner in owners.items() if owner == source.id]
    others = {unit_id: names[owner] for unit_id, owner in owners.items() if owner != source.id}
    return {"source": source, "form": form, "rows": rows, "others": others, "ended": ended}


def _offers(form: UnitsForm, unit_id: int) -> bool:
    return any(choice.value == unit_id for choice in form.units.choices)


@bp.post("/<int:source_id>/units")
@permit(Permission.MANAGE_SETTINGS)
def set_units(source_id: int) -> ResponseReturnValue:
    """Keep which units this source rules."""
    source = _source(source_id)
    form = UnitsForm()
    context = _ticks(source, form)
    if not form.validate():
        return invalid("sources/units.html", **context)
    with commit():
        actions.own_units(source, form.units.data or (), by=viewer(), at=clock.now())
    return done(_("Kept."), _page_of(source))


# --- what its words mean


@bp.get("/<int:source_id>/statuses")
@permit(Permission.MAP_SOURCES)
def statuses(source_id: int) -> ResponseReturnValue:
    """What the statuses of a source mean, those nobody knows first."""
    source = _mapped(source_id)
    return page("sources/statuses.html", **_statuses(source, StatusesForm(formdata=None)))


def _statuses(source: Source, form: StatusesForm) -> dict[str, Any]:
    mapping = queries.current_mapping(source.id) or NOTHING
    counts = queries.status_counts(source.id)
    for word in queries.words_of(source.id, WordKind.STATUS):
        counts.setdefault(word.text, 0)
    texts = sorted(counts, key=lambda text: (meaning_of(text) is not None, -counts[text], text))
    national = [text for number, text in NATIONAL_TEXTS.items() if text not in counts]
    own = [text for text in mapping.meanings if text not in counts and text not in national]
    form.offer([*texts, *own, *national], mapping.meanings)
    if not form.is_submitted():
        form.vendor.data = vendor_meanings().items() <= mapping.meanings.items()
    return {
        "source": source,
        "form": form,
        "counts": counts,
        "shipped": {text: meaning_of(text) for text in (*texts, *own, *national)},
        "national": [(number, NATIONAL_TEXTS[number], meaning) for number, meaning in NATIONAL.items()],
        "vendor": [(number, *entry) for number, entry in VENDOR.items()],
    }


@bp.post("/<int:source_id>/statuses")
@permit(Permission.MAP_SOURCES)
def set_statuses(source_id: int) -> ResponseReturnValue:
    """Keep what the statuses mean as a new version."""
    source = _mapped(source_id)
    form = StatusesForm()
    context = _statuses(source, form)
    if not form.validate():
        return invalid("sources/statuses.html", **context)
    numbers = vendor_meanings()
    said = {text: means for text, means in form.said.items() if form.vendor.data or numbers.get(text) != means}
    with commit():
        actions.set_meanings(
            source, {**(numbers if form.vendor.data else {}), **said}, form.reason.data, by=viewer(), at=clock.now()
        )
    return done(_("Kept as a new version. It counts from the next file of this source on."), _page_of(source))


@bp.get("/<int:source_id>/channels")
@permit(Permission.MAP_SOURCES)
def channels(source_id: int) -> ResponseReturnValue:
    """Which channel a text of a source means, those nobody knows first."""
    source = _mapped(source_id)
    return page("sources/channels.html", **_channels(source, ChannelsForm(formdata=None)))


def _channels(source: Source, form: WordsForm) -> dict[str, Any]:
    mapping = queries.current_mapping(source.id) or NOTHING
    counts = {word.text: word.row_count for word in queries.words_of(source.id, WordKind.CHANNEL)}
    texts = sorted(counts, key=lambda text: (channel_of(text) != "unknown", -counts[text], text))
    own = [text for text in mapping.channels if text not in counts]
    form.offer([*texts, *own], mapping.channels)
    return {
        "source": source,
        "form": form,
        "counts": counts,
        "shipped": {text: channel_of(text) for text in (*texts, *own)},
        "known": CHANNEL_NAMES,
    }


@bp.post("/<int:source_id>/channels")
@permit(Permission.MAP_SOURCES)
def set_channels(source_id: int) -> ResponseReturnValue:
    """Keep which channel the texts mean as a new version."""
    source = _mapped(source_id)
    form = ChannelsForm()
    context = _channels(source, form)
    if not form.validate():
        return invalid("sources/channels.html", **context)
    with commit():
        actions.set_channels(source, form.said, form.reason.data, by=viewer(), at=clock.now())
    return done(_("Kept as a new version. It counts from the next file of this source on."), _page_of(source))
