"""Forms of a letter's road: shape only, what holds is decided by the actions."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import HiddenInput

from portal.accountability.apologies.messages import CHANNELS, EXEMPT_REASONS, FATES, TEMPLATE_KINDS
from portal.accountability.apologies.rules import LONGEST_CAUSE
from portal.policy.models import Cause
from portal.web.forms import DayField, MomentField, PortalForm

LONGEST_NOTE = 2000
MOST_DAYS = 60
EMAIL = r"^[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[A-Za-z]{2,}$"
"""The shape of one address; whether somebody reads there only the server knows."""


class VersionForm(PortalForm):
    """A bare step: it says which state of the letter was on the screen."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])


class DraftForm(VersionForm):
    """What the officer writes. Nothing is required while a draft is saved; the hand-in asks for all."""

    addressee = StringField(
        _l("To whom"),
        [Optional(), Length(max=300)],
        description=_l("Name of the applicant as it shall stand on the letter."),
    )
    email = StringField(
        _l("E-mail of the applicant"),
        [Optional(), Length(max=200), Regexp(EMAIL, message=_l("This is no e-mail address."))],
        description=_l("Only where the applicant gave it for answers; the clerk can then mail the signed letter."),
    )
    cause = SelectField(
        _l("Cause"), coerce=int, description=_l("Proposes a sentence for the applicant; you may change it.")
    )
    cause_text = TextAreaField(
        _l("Reason for the delay, as the applicant will read it"),
        [Optional(), Length(max=LONGEST_CAUSE)],
        description=_l("Polite and true; names no colleague and no internal matter."),
    )
    new_date = DayField(
        _l("New date of the result"),
        [Optional()],
        description=_l("A working day after today. It can be promised only once."),
    )

    days = IntegerField(
        _l("or in so many working days"), [Optional(), NumberRange(1, MOST_DAYS)],
        description=_l("Counted from today by the calendar of days off; used where no date is given."),
    )  # fmt: skip

    def offer(self, causes: Sequence[Cause], *, english: bool) -> None:
        """The causes in force as choices. Nothing is called optional: a draft may lack what the hand-in demands."""
        for field in (self.addressee, self.cause_text, self.new_date, self.days):
            field.flags.optional = False
        offered = [SelectChoice(cause.id, cause.name_en if english else cause.name) for cause in causes]
        self.cause.choices = [SelectChoice(0, str(_l("choose a cause"))), *offered]


class SendBackForm(VersionForm):
    """Back to the drafter."""

    comment = TextAreaField(_l("What must be changed"), [DataRequired(), Length(max=LONGEST_NOTE)])


class NumberForm(VersionForm):
    """Number and day of the letter."""

    number = IntegerField(
        _l("Number"), [Optional()], description=_l("Leave empty to draw the next number of the register.")
    )
    issued_on = DayField(_l("Day of the letter"), [DataRequired()])


class SendForm(VersionForm):
    """How the letter left."""

    channel = RadioField(
        _l("Sent"), [InputRequired()], choices=[SelectChoice(code, words) for code, words in CHANNELS.items()]
    )
    sent_at = MomentField(_l("When"), [DataRequired()])
    proof = TextAreaField(
        _l("Proof"), [DataRequired(), Length(max=LONGEST_NOTE)],
        description=_l("Number of the postal item, of the message or e-mail, or the receipt signed by the applicant."),
    )  # fmt: skip
    file = FileField(
        _l("Proof as a file"), [Optional()],
        description=_l(
            "Receipt of the post or signed by the applicant, picture of the message, page of the public service "
            "portal; pdf, png or jpg, at most 25 MiB. It may also be brought later."
        ),
    )  # fmt: skip


class BatchDraftForm(PortalForm):
    """One text for many letters; to whom each goes stands in its row."""

    cause = SelectField(_l("Cause"), coerce=int)
    cause_text = TextAreaField(
        _l("Reason for the delay, as the applicant will read it"), [DataRequired(), Length(max=LONGEST_CAUSE)],
        description=_l("The same sentence in each letter: polite and true; names no colleague and no internal matter."),
    )  # fmt: skip
    new_date = DayField(
        _l("New date of the result"), [Optional()],
        description=_l("A working day after today; cases that are finished get the short letter without a date."),
    )  # fmt: skip

    days = IntegerField(
        _l("or in so many working days"), [Optional(), NumberRange(1, MOST_DAYS)],
        description=_l("Counted from today by the calendar of days off; used where no date is given."),
    )  # fmt: skip

    def offer(self, causes: Sequence[Cause], *, english: bool) -> None:
        """The causes in force as choices. Nothing is called optional: open cases need a new date."""
        for field in (self.new_date, self.days):
            field.flags.optional = False
        offered = [SelectChoice(cause.id, cause.name_en if english else cause.name) for cause in causes]
        self.cause.choices = [SelectChoice(0, str(_l("choose a cause"))), *offered]


class BatchSignForm(PortalForm):
    """Nothing is asked but the signature."""


class BatchNumberForm(PortalForm):
    """The day that stands on all of them; the numbers come from the register."""

    issued_on = DayField(_l("Day of the letter"), [DataRequired()])


class BatchSendForm(PortalForm):
    """How they left together."""

    channel = RadioField(
        _l("Sent"), [InputRequired()], choices=[SelectChoice(code, words) for code, words in CHANNELS.items()]
    )
    sent_at = MomentField(_l("When"), [DataRequired()])
    proof = TextAreaField(
        _l("Proof"), [DataRequired(), Length(max=LONGEST_NOTE)],
        description=_l(
            "What proves all of them, as the delivery list of the post; the item of each stands in its row."
        ),
    )  # fmt: skip
    file = FileField(
        _l("Proof as a file"), [Optional()],
        description=_l("The delivery list or receipt of all of them; pdf, png or jpg, at most 25 MiB."),
    )  # fmt: skip


class TemplateForm(PortalForm):
    """A unit's own Word file for its letters."""

    unit = SelectField(_l("Unit"), coerce=int)
    kind = RadioField(
        _l("For which letters"), [InputRequired()],
        choices=[SelectChoice(code, words) for code, words in TEMPLATE_KINDS.items()],
    )  # fmt: skip
    word = FileField(_l("Word file"), [FileRequired()], description=_l(".docx with placeholders; at most 2 MiB."))


class ActivateForm(VersionForm):
    """From when a form is used."""

    valid_from = DayField(_l("Used from"), [DataRequired()])


class PdfForm(VersionForm):
    """The PDF that was saved from the numbered Word file."""

    pdf = FileField(_l("The PDF saved from Word"), [FileRequired()])


class ScanForm(PortalForm):
    """The letter as it was signed on paper."""

    scan = FileField(
        _l("The signed and stamped letter, scanned"),
        [FileRequired()],
        description=_l("pdf, png or jpg; at most 25 MiB."),
    )


class ProofForm(PortalForm):
    """A proof of the sending that came later."""

    proof_file = FileField(
        _l("A further proof"), [FileRequired()],
        description=_l("Receipt of the post, picture of the message; pdf, png or jpg, at most 25 MiB."),
    )  # fmt: skip


class SignedForm(PortalForm):
    """The PDF that came back from the signer's own program."""

    signed = FileField(
        _l("The PDF signed with the token"), [FileRequired()],
        description=_l("The issued PDF with the signature added; it is proved before it is kept."),
    )  # fmt: skip


class KeepBackForm(PortalForm):
    """A number reserved for a document that is still to come."""

    number = IntegerField(
        _l("Number"), [Optional()], description=_l("Leave empty to draw the next number of the register.")
    )
    note = StringField(_l("For what it is kept back"), [DataRequired(), Length(max=300)])


class ExplainNumberForm(PortalForm):
    """What became of a number that no letter carries."""

    number = IntegerField(_l("Number"), [InputRequired()])
    fate = RadioField(
        _l("What became of the number"),
        [InputRequired()],
        choices=[SelectChoice(code, words) for code, words in FATES.items()],
    )
    note = StringField(_l("Document or reason"), [DataRequired(), Length(max=300)])


class ExemptForm(VersionForm):
    """Why no apology is due."""

    reason = RadioField(
        _l("Ground"), [InputRequired()], choices=[SelectChoice(code, words) for code, words in EXEMPT_REASONS.items()]
    )
    note = TextAreaField(_l("Reason in words"), [DataRequired(), Length(max=LONGEST_NOTE)])
    evidence = StringField(_l("Evidence: number and date of the document"), [Optional(), Length(max=LONGEST_NOTE)])
    file = FileField(
        _l("Evidence as a file"), [Optional()], description=_l("pdf, docx, xlsx, png, jpg; at most 25 MiB.")
    )
