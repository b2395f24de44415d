"""Coverage: it adds up, every number opens its list, and the commands print what scripts read. Rules §3.14–3.15."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from portal import clock
from portal.accountability.apologies.models import Apology
from portal.accountability.breaches.models import BreachCorrection
from portal.accountability.breaches.queries import BreachQuery
from portal.accountability.explanations.models import Explanation
from portal.accountability.ledger.actions import decide_correction
from portal.accountability.ledger.queries import Gap, Only, cases_in_gap, coverage, narrowed
from portal.accountability.ledger.rules import Coverage, OpenResult
from portal.cases.models import Case
from portal.database import commit, db
from portal.guard import Role, Viewer
from portal.imports.models import PendingRow
from portal.refusal import Refused
from tests.accountability.conftest import MONDAY, NEXT_MONDAY, Place, acting
from tests.factories import Make

Open = Callable[..., OpenResult]
EVERYBODY = Viewer.for_command()


@pytest.fixture
def variety(make: Make, place: Place) -> dict[str, Case]:
    """One case of every kind that the ledger tells apart."""
    unit, officer = place.commune, place.officer
    return {
        "late": make.case(unit=unit, officer=officer, finished="2023-10-12 09:00"),
        "overdue": make.case(unit=unit, officer=officer),
        "withdrawn": make.case(unit=unit, officer=officer, meaning="withdrawn", finished="2023-10-12 09:00"),
        "stale": make.case(unit=unit, officer=officer, as_of="2023-10-10 08:00"),
        "no_term": make.case(unit=unit, officer=officer, due=None),
        "gone": make.case(unit=unit, officer=officer, gone_since=datetime(2023, 10, 13)),
        "paused": make.case(unit=unit, officer=officer, meaning="paused"),
        "in_time": make.case(unit=unit, officer=officer, finished="2023-10-09 09:00"),
    }


def check_sums(found: Coverage) -> None:
    withdrawn = found.cancelled + found.withdrawn_after_due
    assert found.late_or_overdue == found.breaches - withdrawn + found.without_breach
    assert sum(found.explanations.values()) == found.breaches == sum(found.apologies.values())


def test_before_the_first_run_everybody_is_without_a_breach(app: Any, variety: dict[str, Case]) -> None:
    found = coverage(MONDAY)

    assert (found.breaches, found.without_breach, found.late_or_overdue) == (0, 2, 2)
    assert (found.stale, found.no_term, found.gone) == (1, 1, 1)
    check_sums(found)


def test_after_it_nobody_is(variety: dict[str, Case], opened: Open) -> None:
    result = opened()

    found = coverage(MONDAY)

    assert (found.breaches, found.withdrawn_after_due, found.without_breach, found.late_or_overdue) == (3, 1, 0, 2)
    assert (result.cases_late, result.cases_overdue) == (1, 1)
    assert found.explanations["waiting"] == found.apologies["waiting"] == 3
    check_sums(found)


@pytest.mark.parametrize("gap", [Gap.STALE, Gap.NO_TERM, Gap.GONE])
def test_every_gap_opens_its_list(variety: dict[str, Case], opened: Open, gap: Gap) -> None:
    opened()

    assert [row.id for row in cases_in_gap(gap, MONDAY, EVERYBODY)] == [variety[gap].id]


def test_past_its_term_is_an_extra_count(variety: dict[str, Case], opened: Open) -> None:
    opened()

    assert coverage(MONDAY).explanations_past_term == 0
    assert coverage(NEXT_MONDAY).explanations_past_term == 3
    late = narrowed(BreachQuery.visible_to(EVERYBODY), NEXT_MONDAY, only=Only.PAST_TERM)
    assert late.count() == 3


def test_pending_rows_are_printed_beside(make: Make, batch: Callable[[str], int], app: Any) -> None:
    ident = batch("2023-10-16 08:00")
    source = make.source()
    make.add(
        PendingRow(
            code="X1", unit_text="Xã lạ", unit_folded="xa la", batch_id=ident, source_id=source.id, payload="{}",
            data_as_of=datetime(2023, 10, 16, 8),
        )
    )  # fmt: skip

    assert coverage(MONDAY).pending == 1


def test_an_approved_cancellation_takes_both_open_duties_along(
    make: Make, place: Place, variety: dict[str, Case], opened: Open
) -> None:
    opened()
    breach = BreachQuery.visible_to(EVERYBODY).of_case(variety["overdue"].id).page()[0]
    proposal = make.correction(breach)
    office = acting(make.person(), Role.MONITORING_OFFICE, scope=(place.commune,))
    db.session.rollback()
    with commit():
        decide_correction(proposal, approve=True, reason="Đúng.", version=1, by=office, at=clock.now())

    found = coverage(MONDAY)

    assert (found.cancelled, found.late_or_overdue) == (1, 1)
    assert found.explanations["cancelled"] == found.apologies["cancelled"] == 1
    assert opened() == OpenResult(opened=0, already_open=2, cases_late=1, cases_overdue=1)
    check_sums(found)


def test_a_declined_proposal_changes_nothing(make: Make, place: Place, variety: dict[str, Case], opened: Open) -> None:
    opened()
    breach = BreachQuery.visible_to(EVERYBODY).of_case(variety["overdue"].id).page()[0]
    proposal = make.correction(breach)
    office = acting(make.person(), Role.MONITORING_OFFICE, scope=(place.commune,))
    db.session.rollback()
    with commit():
        decide_correction(proposal, approve=False, reason="Sai.", version=1, by=office, at=clock.now())

    assert coverage(MONDAY).cancelled == 0
    assert db.session.scalars(select(BreachCorrection.state)).one() == "declined"


def test_the_officer_does_not_cancel_his_own_breach(
    make: Make, place: Place, variety: dict[str, Case], opened: Open
) -> None:
    opened()
    breach = BreachQuery.visible_to(EVERYBODY).of_case(variety["overdue"].id).page()[0]
    proposal = make.correction(breach)
    himself = acting(place.officer, Role.HEAD, heads=(place.commune,))
    db.session.rollback()

    with pytest.raises(Refused, match="not_his_own"), commit():
        decide_correction(proposal, approve=True, reason="", version=1, by=himself, at=clock.now())


def test_a_viewer_s_sum_is_of_his_scope(make: Make, place: Place, variety: dict[str, Case], opened: Open) -> None:
    make.case()
    opened()

    mine = coverage(MONDAY, acting(place.head, Role.HEAD, heads=(place.commune,)))

    assert (mine.breaches, coverage(MONDAY).breaches) == (3, 4)
    check_sums(mine)


def test_the_commands(variety: dict[str, Case], portal: Callable[..., Any]) -> None:
    first = portal("accountability", "open-breaches", "--on", "2023-10-16")
    second = portal("accountability", "open-breaches", "--on", "16/10/2023")
    report = portal("report", "coverage", "--on", "2023-10-16")

    assert (first.exit_code, second.exit_code, report.exit_code) == (0, 0, 0)
    assert first.json == {"opened": 3, "already_open": 0, "cases_late": 1, "cases_overdue": 1}
    assert second.json == {"opened": 0, "already_open": 3, "cases_late": 1, "cases_overdue": 1}
    assert set(report.json) == {
        "late_or_overdue", "breaches", "without_breach", "pending", "no_term", "stale", "explanations", "apologies",
    }  # fmt: skip
    assert sum(report.json["explanations"].values()) == report.json["breaches"] == 3


def test_a_refused_command_prints_all_counts_and_the_problem(
    make: Make, place: Place, portal: Callable[..., Any]
) -> None:
    make.case(unit=place.commune)

    refused = portal("accountability", "open-breaches", "--on", "2035-10-16")

    assert refused.exit_code == 2
    assert refused.json["opened"] == refused.json["cases_late"] == 0
    assert refused.json["problems"][0]["reason"]


@pytest.mark.parametrize(
    "url",
    [
        "/coverage",
        "/coverage?day=16/10/2023",
        "/coverage?day=rubbish",
        "/coverage/breaches",
        "/coverage/breaches?explanation=waiting",
        "/coverage/breaches?apology=sent",
        "/coverage/breaches?part=past_term",
        "/coverage/breaches?part=cancelled&after=rubbish",
        "/coverage/cases?gap=stale",
        "/coverage/cases?gap=rubbish",
        "/coverage/corrections",
    ],
)
def test_the_pages_render(
    variety: dict[str, Case], place: Place, opened: Open, signed_in: Callable[..., Any], url: str
) -> None:
    opened()

    assert signed_in(place.head).get(url).status_code == 200


def test_the_duties_of_a_case_as_page_and_as_fragment(
    variety: dict[str, Case], place: Place, opened: Open, signed_in: Callable[..., Any], make: Make
) -> None:
    opened()
    url = f"/coverage/cases/{variety['late'].id}"
    client = signed_in(place.officer)

    whole, part = client.get(url), client.get(url, headers={"HX-Request": "true"})

    assert "<html" in whole.text and "<html" not in part.text
    assert 'id="ledger-case-duties"' in part.text
    assert signed_in(make.officer(make.unit())).get(url).status_code == 404


def test_the_office_opens_and_decides_on_pages(
    variety: dict[str, Case], place: Place, signed_in: Callable[..., Any], make: Make, at: Callable[[datetime], None]
) -> None:
    at(datetime(2023, 10, 16, 16, 0))
    office = signed_in("monitoring_office", place.district)

    assert office.post("/coverage/open").status_code == 303
    breach = BreachQuery.visible_to(EVERYBODY).of_case(variety["overdue"].id).page()[0]
    empty = office.post(f"/coverage/breaches/{breach.id}/corrections", data={"reason": ""})
    head = signed_in(place.head)
    asked = head.post(f"/coverage/breaches/{breach.id}/corrections", data={"reason": "Có văn bản tạm dừng số 5."})
    proposal = db.session.scalars(select(BreachCorrection)).one()
    own = head.post(f"/coverage/corrections/{proposal.id}", data={"version": 1, "approve": "1"})
    decided = office.post(f"/coverage/corrections/{proposal.id}", data={"version": 1, "approve": "1"})

    assert (empty.status_code, asked.status_code, own.status_code, decided.status_code) == (409, 303, 409, 303)
    assert db.session.scalars(select(Explanation.state).where(Explanation.breach_id == breach.id)).one() == "cancelled"
    assert db.session.scalars(select(Apology.state).where(Apology.breach_id == breach.id)).one() == "cancelled"


def test_an_earlier_day_sees_only_its_own_terms(make: Make, place: Place, opened: Open) -> None:
    make.case(unit=place.commune)
    opened()

    assert coverage(date(2023, 10, 9)).breaches == 0
