"""Reading for the door for programs: tokens, kept answers, the batches and cases of one source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Self

from sqlalchemy import Select, false, select

from portal.api.models import ApiAnswer, ApiToken
from portal.cases.models import Case, SourceUnit
from portal.database import db
from portal.guard import Permission, Viewer
from portal.imports.models import Batch, BatchRow

CODES_AT_ONCE = 5_000
MOST_REMARKS = 10_000


@dataclass(frozen=True)
class TokenQuery:
    """Tokens, for those who manage the settings."""

    statement: Select[Any]

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Self:
        """All tokens for an administrator, none for others."""
        found = select(ApiToken)
        return cls(found if viewer.may(Permission.MANAGE_SETTINGS) else found.where(false()))

    def newest_first(self) -> Sequence[ApiToken]:
        """Every token, revoked and expired ones too: each may have brought data."""
        return db.session.scalars(self.statement.order_by(ApiToken.id.desc())).all()

    def get(self, token_id: int) -> ApiToken | None:
        """One token."""
        found: ApiToken | None = db.session.scalar(self.statement.where(ApiToken.id == token_id))
        return found


def token_by_hash(token_hash: str) -> ApiToken | None:
    """The token with this hash, whether it is still good or not."""
    return db.session.scalar(select(ApiToken).where(ApiToken.token_hash == token_hash))


def answer_to(token_id: int, key: str) -> ApiAnswer | None:
    """What a token was answered to a key."""
    return db.session.scalar(select(ApiAnswer).where(ApiAnswer.token_id == token_id, ApiAnswer.key == key))


def batch_of_source(source_id: int, batch_id: int) -> Batch | None:
    """A batch, if it is of this source: a token sees nothing else."""
    return db.session.scalar(select(Batch).where(Batch.id == batch_id, Batch.source_id == source_id))


def remarks_of(batch_id: int) -> Sequence[BatchRow]:
    """What a batch says of its rows, in their order."""
    found = select(BatchRow).where(BatchRow.batch_id == batch_id).order_by(BatchRow.row_number, BatchRow.id)
    return db.session.scalars(found.limit(MOST_REMARKS)).all()


def case_ids(codes: Iterable[str], source_id: int | None = None) -> dict[str, int]:
    """The cases of these codes, by code; only those of one source where it is given."""
    found: dict[str, int] = {}
    for chunk in _in_chunks(codes):
        wanted = select(Case.code, Case.id).where(Case.code.in_(chunk))
        if source_id is not None:
            wanted = wanted.where(Case.source_id == source_id)
        found.update({row.code: row.id for row in db.session.execute(wanted)})
    return found


def ruled_elsewhere(codes: Iterable[str], source_id: int) -> frozenset[str]:
    """Those of these codes whose case another source brought and rules (domain rules, facts in, 8)."""
    found: set[str] = set()
    for chunk in _in_chunks(codes):
        owned = select(Case.code).join(SourceUnit, SourceUnit.unit_id == Case.resolving_unit_id)
        theirs = (Case.source_id != source_id, SourceUnit.source_id != source_id)
        found.update(db.session.scalars(owned.where(Case.code.in_(chunk), *theirs)))
    return frozenset(found)


def _in_chunks(codes: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(sorted(set(codes)))
    while chunk := list(islice(rest, CODES_AT_ONCE)):
        yield chunk
