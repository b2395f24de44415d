"""The words of refusals of accounts and sign-in."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

SIGN_IN_FAILED = _l(
    "The user name or the password is not right, or too many attempts were made. "
    "Check both; after ten failures wait five minutes."
)

REFUSALS: dict[str, LazyString] = {
    "access.username_form": _l("A user name has small letters a–z, digits, dot, dash or underscore: %(username)s."),
    "access.has_account": _l("%(person)s has an account already."),
    "access.username_taken": _l("The user name %(username)s is taken."),
    "access.own_account": _l("Nobody can close the account they are working with."),
    "access.disabled_already": _l("The account %(username)s is closed already."),
    "access.not_disabled": _l("The account %(username)s is open."),
    "access.sign_in_failed": SIGN_IN_FAILED,
    "access.absence_days": _l("An absence ends after it begins, not before today, and lasts at most %(most)s days."),
    "access.stands_in_himself": _l("Nobody stands in for themselves."),
    "access.absent_already": _l("%(person)s is absent on some of these days already."),
    "access.stand_in_absent": _l("%(person)s is absent on some of these days; choose another stand-in."),
    "access.names_himself": _l("Nobody names themselves to act for another: a second person records it."),
    "access.delegation_document": _l("A delegation rests on a document: type its number and day."),
    "access.stand_in_without_posting": _l("%(person)s holds no posting then; choose another stand-in."),
    "access.absence_over": _l("The absence is over by then, or the day lies behind today."),
    "access.administrator_exists": _l(
        "There is an administrator already. "
        "A forgotten password is replaced on the page of accounts, by any administrator."
    ),
}

PASSWORD_FAULTS: dict[str, LazyString] = {
    "too_short": _l("The password needs at least %(shortest)s characters; several words with blanks are fine."),
    "too_long": _l("The password may have at most 128 characters."),
    "too_plain": _l("The password repeats or counts up too few characters."),
    "too_known": _l("The password is made of your name, your unit or words that everyone tries first."),
}

ABSENCE_REASONS: dict[str, LazyString] = {
    "leave": _l("leave"),
    "sick": _l("sick leave"),
    "travel": _l("official travel"),
    "study": _l("training course"),
    "suspended": _l("suspended from work"),
    "other": _l("other reason"),
    "delegated": _l("delegation by document; the person is there"),
}
