"""The bodies and answers of the door for programs. The description (OpenAPI) is made from these models.

Strict: a number is no text and a text no number. Whether a text is a possible date is said of the single case, by the
same rules that read files, and so is no fault of the body.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from portal.api.rules import LONGEST_TEXT, MOST_CASES
from portal.imports.rules import Outcome
from portal.web.words import N_

Cell = Annotated[str, Field(max_length=LONGEST_TEXT)] | None
MOMENT = N_("ISO 8601 or dd/mm/yyyy, with or without a time of day; without an offset it is Vietnam's wall clock.")


class Body(BaseModel):
    """What is sent: nothing but what is named here, each of its own type."""

    model_config = ConfigDict(strict=True, extra="forbid")


class CaseIn(Body):
    """One case as the source knows it now."""

    code: Cell = Field(
        description=N_("Case code, opaque text, at most 100 characters."), examples=["H20.01-231002-0001"]
    )
    received_at: Cell = Field(description=MOMENT, examples=["2023-10-02T08:00:00+07:00"])
    due_at: Cell = Field(
        description=N_("The due moment printed on the receipt; null where there is none."),
        examples=["2023-10-10T17:00:00+07:00"],
    )
    resolving_unit: Cell = Field(
        description=N_("Code or name of the resolving unit."), examples=["Chi nhánh VPĐKĐĐ huyện Krông Nô"]
    )
    finished_at: Cell = Field(None, description=MOMENT, examples=["2023-10-12T10:30:00+07:00"])
    returned_at: Cell = Field(None, description=MOMENT, examples=["2023-10-12T14:00:00+07:00"])
    status: Cell = Field(
        None,
        description=N_("Status as the source writes it, or the national number 1 to 10."),
        examples=["Đã trả kết quả"],
    )
    officer: Cell = Field(None, description=N_("Full name of the responsible officer."), examples=["Nguyễn Văn An"])
    receiving_unit: Cell = Field(None, description=N_("Code or name of the receiving unit."))
    procedure_code: Cell = Field(None, description=N_("Code of the procedure."), examples=["1.004199"])
    procedure: Cell = Field(None, description=N_("Name of the procedure."))
    procedure_field: Cell = Field(None, description=N_("Field of the procedure."))
    applicant: Cell = Field(None, description=N_("Name of the applicant. Never an identity or telephone number."))
    subject: Cell = Field(None, description=N_("Subject of the case."))
    channel: Cell = Field(
        None, description=N_("How the case came in, as the source writes it."), examples=["Trực tuyến"]
    )

    result_number: Cell = Field(None, description=N_("Number of the result that was handed out."))
    result_file: Cell = Field(None, description=N_("Name of the file of the result."))
    supplement_asked_at: Cell = Field(None, description=N_("When a supplement was last asked for."))
    supplement_done_at: Cell = Field(None, description=N_("When the supplement came."))


class BatchIn(Body):
    """Cases of one moment. A fact that none of them carries takes nothing away from what is known."""

    cases: list[CaseIn] = Field(min_length=1, max_length=MOST_CASES, description=N_("The cases."))
    data_as_of: AwareDatetime | None = Field(
        None,
        description=N_("The moment the data were true in the source, with offset; default: the moment they arrive."),
        examples=["2023-10-16T16:00:00+07:00"],
    )
    strict: bool = Field(
        False, description=N_("True: where any case would be rejected or pending, nothing at all is written.")
    )


class Answer(BaseModel):
    """What is answered."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})


class Counts(Answer):
    """rows = new + changed + unchanged + pending + rejected."""

    rows: int = Field(ge=0)
    new: int = Field(ge=0)
    changed: int = Field(ge=0)
    unchanged: int = Field(ge=0)
    pending: int = Field(ge=0)
    rejected: int = Field(ge=0)


class Remark(Answer):
    """Something to say about one item."""

    row: int | None = Field(description=N_("Place of the item in the body, from 1."))
    field: str | None = Field(description=N_("Name of the fact in the body."))
    value: str | None = Field(description=N_("What stood there."))
    reason: str = Field(description=N_("Stable code of the reason."))
    vi: str = Field(description=N_("The sentence in Vietnamese."))
    en: str = Field(description=N_("The sentence in English."))


class Item(Answer):
    """What became of one item of the body."""

    row: int = Field(ge=1, description=N_("Place of the item in the body, from 1."))
    code: str = Field(description=N_("Its case code."))
    outcome: Outcome = Field(
        description=N_(
            "new, changed or unchanged: taken. pending: kept, waits until its unit is mapped. rejected: not taken."
        )
    )
    problems: list[Remark] = Field(description=N_("Why it was rejected or waits."))
    warnings: list[Remark] = Field(description=N_("Remarks on an item that was taken."))


class BatchOut(Answer):
    """What came of a body. ``applied`` false: nothing was written, the outcomes say what would have been."""

    batch: int | None = Field(description=N_("Number of the batch; null where none was made."))
    applied: bool = Field(description=N_("Whether anything of the body may have been written."))
    data_as_of: AwareDatetime | None = Field(description=N_("The moment of the data."))
    counts: Counts
    items: list[Item] = Field(description=N_("One for each item of the body, in its order."))


class BatchState(Answer):
    """A batch of the token's source, whatever door it came through."""

    batch: int
    source: str = Field(description=N_("Name of the source."))
    door: str = Field(description=N_("page, command, api or drop."))
    state: str = Field(description=N_("State of the batch, such as applied."))
    applied: bool = Field(description=N_("Whether its cases are in the portal."))
    data_as_of: AwareDatetime | None = Field(description=N_("The moment of the data."))
    received_at: AwareDatetime = Field(description=N_("When it was brought."))
    applied_at: AwareDatetime | None = Field(description=N_("When it was applied."))
    counts: Counts
    problems: list[Remark] = Field(description=N_("Rejected and pending rows, at most 10,000 with the warnings."))
    warnings: list[Remark] = Field(description=N_("Remarks on rows that were taken."))
