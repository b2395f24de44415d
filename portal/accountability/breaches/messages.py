"""How breaches say no."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

REFUSALS = {
    "breaches.not_delegated": _l("A stand-in does not decide whether a breach is cancelled."),
    "breaches.already_cancelled": _l("This breach was cancelled already."),
    "breaches.already_proposed": _l("Cancelling this breach is proposed already and waits for a decision."),
    "breaches.reason_missing": _l("Say which facts prove that the term was not missed."),
    "breaches.decided_already": _l("This proposal was decided already."),
    "breaches.not_his_own": _l("Neither the officer of the breach nor the person who proposed may decide this."),
}
