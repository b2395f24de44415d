"""Sixteen who number one letter at once give one number; nothing of the explanation gets into a letter."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from portal.accountability.apologies import issuing, letters, queries
from portal.accountability.explanations.models import Explanation
from portal.audit.queries import events_of
from portal.database import db
from portal.documents.models import DocumentNumber
from portal.documents.queries import next_number
from portal.documents.serving import file_store
from portal.policy.queries import catalogue
from portal.refusal import Refused
from tests.apologies.conftest import AT, TEXT, TODAY

RACERS = 16
INTERNAL = "CANARY-noi-bo: anh Nam quên hồ sơ trong ngăn bàn"


def at_once(app, act):
    """Run ``act(index)`` in sixteen threads that begin together; what each gave, or the code it was refused with."""
    gate, results = threading.Barrier(RACERS), [None] * RACERS

    def run(index):
        with app.app_context():
            gate.wait()
            try:
                results[index] = act(index)
            except Refused as refused:
                results[index] = refused.code
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(RACERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return results


def test_sixteen_who_number_one_letter_give_it_one_number(app, world):
    apology = world.signed(world.handed_in(world.waiting()))
    ident, version, clerk = apology.id, apology.version, world.viewer(world.clerk)
    db.session.rollback()

    def number(_index):
        found = world.found(ident)
        return issuing.number(
            found, None, file_store(), issued_on=TODAY, version=version, by=clerk, at=AT, on=TODAY
        )  # fmt: skip

    results = at_once(app, number)

    assert [result for result in results if isinstance(result, int)] == [1]
    assert (world.found(ident).number, next_number(world.unit.id, "PXL", 2023)) == (1, 2)
    assert db.session.scalar(select(func.count()).select_from(DocumentNumber)) == 1
    assert len([event for event in events_of("apology", ident) if event.kind == "apology.numbered"]) == 1


def test_nothing_of_the_explanation_gets_into_a_letter(world, tmp_path):
    apology = world.waiting()
    world.make.add(
        Explanation(
            breach_id=apology.breach_id, case_id=apology.case_id, state="draft", holder_id=world.officer.id,
            unit_id=world.unit.id, noticed_on=TODAY, due_on=TODAY, happened=INTERNAL, remedy=INTERNAL,
            commitment=INTERNAL,
        )
    )  # fmt: skip

    apology = world.numbered(world.signed(world.handed_in(world.found(apology.id), replace(TEXT, cause_text="Bận"))))

    said = letters.present(apology, TODAY, mark="").as_text()
    assert "CANARY" not in said and "Nam quên" not in said and world.officer.full_name not in said
    assert "CANARY" not in repr(queries.apology_of_breach(apology.breach_id).content)


def test_each_cause_has_words_of_its_own_for_the_applicant(world):
    for cause in catalogue(TODAY):
        if not cause.is_violation:
            assert cause.citizen_text.strip() and cause.citizen_text.strip() != cause.guidance.strip()
            assert cause.name not in cause.citizen_text


@pytest.mark.parametrize("desk", ["missed", "to_draft"])
def test_a_list_that_is_empty_says_why(world, signed_in, desk):
    assert "empty" in signed_in(world.clerk).get(f"/apologies?desk={desk}").get_data(as_text=True)
