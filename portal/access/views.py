"""Sign-in and sign-out, one's own password and sessions, and the administrator's page of accounts."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, abort, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError, generate_csrf

from portal import clock
from portal.access import actions, passwords, queries
from portal.access import sessions as glue
from portal.access.forms import AccountForm, PasswordForm, SignInForm
from portal.access.messages import PASSWORD_FAULTS, SIGN_IN_FAILED
from portal.access.models import DemoCard, User
from portal.access.rules import is_username, password_fault, safe_next
from portal.audit.queries import events_of
from portal.database import commit
from portal.directory.models import Person
from portal.directory.queries import person_by_id, postings_by_person, postings_on
from portal.extensions import login_manager
from portal.guard import Permission, permit, public, viewer
from portal.web import carrying
from portal.web.errors import too_old_page
from portal.web.forms import EmptyForm
from portal.web.respond import done, invalid, or_404, page

bp = Blueprint("access", __name__)
bp.before_app_request(glue.demand_own_password)


def person_menu() -> dict[str, Any]:
    """What the menu under one's name offers beside signing out. Asks no database."""
    return {
        "person_menu": [
            {"url": url_for("access.account"), "label": _("My account")},
            {"url": url_for("absences.index"), "label": _("Absences and stand-ins")},
        ]
    }


bp.app_context_processor(person_menu)


# --- In and out ------------------------------------------------------------------------------------------------------


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """The sign-in page; in the demonstration with one card per role."""
    if current_user.is_authenticated:
        return redirect(safe_next(request.args.get("next")) or "/", 303)
    form = SignInForm(formdata=None, next=safe_next(request.args.get("next")) or "")
    return page("access/sign_in.html", form=form, cards=_cards())


@bp.post("/sign-in")
@public
def enter() -> ResponseReturnValue:
    """Check what was typed. Whatever was wrong, the answer is the same sentence."""
    form, carried = SignInForm(), carrying.under_way()
    if not form.validate():
        return invalid("access/sign_in.html", form=form, cards=_cards(), carried=carried)
    token = glue.check_credentials(form.username.data, form.password.data)
    if token is None:
        form.form_errors.append(str(SIGN_IN_FAILED))
        return invalid("access/sign_in.html", form=form, cards=_cards(), carried=carried)
    return _enter_with(token, form.next.data)


def _enter_with(token: str, wanted: str | None) -> ResponseReturnValue:
    """Go on to what was wanted; to the form that was under way when the last session ended, if there was one."""
    carried = carrying.under_way()
    if carried is None or safe_next(carried.to) is None:
        return glue.carry(redirect(safe_next(wanted) or "/", 303), token)
    glue.renew_form_cookie()
    return glue.give_cookie(page("access/carry_on.html", form=EmptyForm(formdata=None), carried=carried), token)


def ask_again() -> ResponseReturnValue | None:
    """To whom a form was addressed that arrived without a session: the sign-in page that carries its text along."""
    carried = carrying.arriving()
    if carried is None or carrying.speaks_json():
        return None
    form = SignInForm(formdata=None, next="")
    return page("access/sign_in.html", status=401, form=form, cards=_cards(), carried=carried)


@login_manager.unauthorized_handler
def answer_stranger() -> ResponseReturnValue:
    """Nobody is signed in: a form that was being written goes along, anything else is asked for again afterwards."""
    return ask_again() or glue.ask_to_sign_in()


@bp.app_errorhandler(CSRFError)
def form_is_too_old(_error: CSRFError) -> Any:
    """The token of a form is of another session: a text that was typed into it is shown and sent with one click.

    A script gets a new token for the text it still holds. What comes from another site gets neither.
    """
    carried = carrying.arriving()
    if carried is None or not carrying.is_own_page():
        return too_old_page()
    if not current_user.is_authenticated:
        return ask_again() or ("", 401)
    if carrying.speaks_json():
        return jsonify(csrf_token=generate_csrf()), 400
    return page("access/carry_on.html", status=400, form=EmptyForm(formdata=None), carried=carried)


@bp.post("/sign-in/demo")
@public
def demo_sign_in() -> ResponseReturnValue:
    """Enter as the person of a card; only in a demonstration database, only for people on cards."""
    if not current_app.config.get("DEMO"):
        abort(404)
    user = or_404(queries.demo_account(request.form.get("user_id", 0, type=int)))
    with commit():
        token = glue.open_session_for(user, way="demo")
    return _enter_with(token, request.form.get("next"))


@bp.post("/sign-out")
@permit(Permission.SIGNED_IN)
def sign_out() -> ResponseReturnValue:
    """End this session on the server, then in the browser."""
    with commit():
        actions.sign_out(current_user.session_id, current_user.username, by=viewer(), at=clock.now())
    return glue.drop(redirect(url_for("access.sign_in"), 303))


# --- One's own account -----------------------------------------------------------------------------------------------


@bp.get("/password")
@permit(Permission.SIGNED_IN)
def password() -> ResponseReturnValue:
    """Choose a new password."""
    return page("access/password.html", form=PasswordForm(formdata=None), must_change=current_user.must_change)


@bp.post("/password")
@permit(Permission.SIGNED_IN)
def change_password() -> ResponseReturnValue:
    """Store the new password; every session of the account ends, this browser gets a new one."""
    form = PasswordForm()
    user = cast(User, queries.user_by_id(current_user.id))
    if not form.validate() or not _may_become(form, user):
        return invalid("access/password.html", form=form, must_change=current_user.must_change)
    stored = passwords.hash_of(form.password.data)
    with commit():
        actions.change_password(user, stored, by=viewer(), at=clock.now())
        token = glue.open_session_for(user, way="new password")
    return glue.carry(done(_("Your new password holds from now on."), "/"), token)


@bp.get("/account")
@permit(Permission.SIGNED_IN)
def account() -> ResponseReturnValue:
    """One's own account: roles, and where one is signed in."""
    return page(
        "access/account.html",
        sessions=queries.sessions_of(current_user.id),
        postings=postings_on(clock.today(), person_id=viewer().person_id),
        end_url=lambda session: url_for("access.end_own_session", session_id=session.id),
        button=_button,
    )


@bp.post("/account/sessions/<int:session_id>/end")
@permit(Permission.SIGNED_IN)
def end_own_session(session_id: int) -> ResponseReturnValue:
    """End one of one's own sessions, in another browser."""
    session = or_404(queries.session_by_id(session_id))
    if session.user_id != current_user.id:
        abort(404)
    with commit():
        actions.end_session(session, by=viewer(), at=clock.now())
    return done(_("The session has ended."), url_for("access.account"))


# --- Accounts of others ----------------------------------------------------------------------------------------------


@bp.get("/accounts")
@permit(Permission.MANAGE_ACCOUNTS)
def accounts() -> ResponseReturnValue:
    """The people of the administrator's units, with their accounts or the way to make one."""
    text, after = request.args.get("q", "").strip(), request.args.get("after", type=int)
    before = person_by_id(after) if after else None
    start = (before.sort_key, before.id) if before else None
    rows = queries.accounts_page(text, viewer().admin_units, clock.today(), start)
    shown, last = rows[: queries.PAGE], rows[queries.PAGE - 1][0] if len(rows) > queries.PAGE else None
    return page(
        "access/accounts.html",
        fragment="access/_accounts.html",
        rows=shown,
        postings=postings_by_person([person.id for person, _user in shown], clock.today()),
        text=text,
        next_after=last.id if last else None,
    )


@bp.get("/people/<int:person_id>/account")
@permit(Permission.MANAGE_ACCOUNTS)
def new_account(person_id: int) -> ResponseReturnValue:
    """Give a person an account: the user name is proposed."""
    person = _person(person_id)
    user = queries.user_of_person(person.id)
    if user is not None:
        return redirect(url_for("access.show_account", user_id=user.id), 303)
    form = AccountForm(formdata=None, username=actions.suggested_username(person.full_name))
    return page("access/new_account.html", person=person, form=form)


@bp.post("/people/<int:person_id>/account")
@permit(Permission.MANAGE_ACCOUNTS)
def create_account(person_id: int) -> ResponseReturnValue:
    """Make the account and show its slip, once."""
    person, form = _person(person_id), AccountForm()
    username = (form.username.data or "").strip().lower()
    if form.validate() and not is_username(username):
        form.username.errors = [_("Use small letters a–z, digits, dot, dash or underscore.")]
    if form.errors:
        return invalid("access/new_account.html", person=person, form=form)
    slip = passwords.new_slip()
    with commit():
        user = actions.create_account(person, username, slip.hash, by=viewer(), at=clock.now())
    return _slip_page(user, slip.password)


@bp.get("/accounts/<int:user_id>")
@permit(Permission.MANAGE_ACCOUNTS)
def show_account(user_id: int) -> ResponseReturnValue:
    """One account: its state, sessions and trail."""
    user = _user(user_id)
    return page(
        "access/show_account.html",
        user=user,
        sessions=queries.sessions_of(user.id),
        postings=postings_on(clock.today(), person_id=user.person_id),
        events=events_of("account", user.id),
        end_url=lambda session: url_for("access.end_session", user_id=user.id, session_id=session.id),
        button=_button,
    )


@bp.post("/accounts/<int:user_id>/slip")
@permit(Permission.MANAGE_ACCOUNTS)
def issue_slip(user_id: int) -> ResponseReturnValue:
    """Replace a forgotten password by a one-time one and show the slip, once."""
    user, slip = _user(user_id), passwords.new_slip()
    with commit():
        actions.issue_slip(user, slip.hash, by=viewer(), at=clock.now())
    return _slip_page(user, slip.password)


@bp.post("/accounts/<int:user_id>/disable")
@permit(Permission.MANAGE_ACCOUNTS)
def disable_account(user_id: int) -> ResponseReturnValue:
    """Close an account; its sessions end at once."""
    user = _user(user_id)
    with commit():
        actions.disable_account(user, by=viewer(), at=clock.now())
    return done(
        _("The account is closed; all its sessions have ended."), url_for("access.show_account", user_id=user_id)
    )


@bp.post("/accounts/<int:user_id>/enable")
@permit(Permission.MANAGE_ACCOUNTS)
def enable_account(user_id: int) -> ResponseReturnValue:
    """Open a closed account again."""
    user = _user(user_id)
    with commit():
        actions.enable_account(user, by=viewer(), at=clock.now())
    return done(_("The account is open again."), url_for("access.show_account", user_id=user_id))


@bp.post("/accounts/<int:user_id>/sessions/<int:session_id>/end")
@permit(Permission.MANAGE_ACCOUNTS)
def end_session(user_id: int, session_id: int) -> ResponseReturnValue:
    """End a session of somebody."""
    user, session = _user(user_id), or_404(queries.session_by_id(session_id))
    if session.user_id != user.id:
        abort(404)
    with commit():
        actions.end_session(session, by=viewer(), at=clock.now())
    return done(_("The session has ended."), url_for("access.show_account", user_id=user_id))


# --- Parts -----------------------------------------------------------------------------------------------------------


def _button() -> EmptyForm:
    """A form for one bare button: each button has an idempotency key of its own."""
    return EmptyForm(formdata=None)


def _cards() -> list[tuple[DemoCard, User, str]]:
    """The cards of the demonstration; none elsewhere."""
    return queries.demo_cards(clock.today()) if current_app.config.get("DEMO") else []


def _person(person_id: int) -> Person:
    """A person whose account this administrator may manage, or 404."""
    return or_404(queries.person_managed_by(viewer().admin_units, person_id, clock.today()))


def _user(user_id: int) -> User:
    """An account this administrator may manage, or 404."""
    user = or_404(queries.user_by_id(user_id))
    _person(user.person_id)
    return user


def _may_become(form: PasswordForm, user: User) -> bool:
    """Whether the form's new password may replace the present one; what is wrong is written into the form."""
    shortest = glue.settings().password_min_length
    known = [user.username, user.person.full_name, viewer().label]
    fault = password_fault(form.password.data, shortest=shortest, known=known)
    if not passwords.matches(user.password_hash, form.current.data):
        form.current.errors = [_("This is not your present password.")]
    if fault is not None:
        form.password.errors = [str(PASSWORD_FAULTS[fault]) % {"shortest": shortest}]
    elif form.password.data == form.current.data:
        form.password.errors = [_("The new password is the present one.")]
    if form.again.data != form.password.data:
        form.again.errors = [_("The two new passwords differ.")]
    return not form.errors


def _slip_page(user: User, one_time: str) -> ResponseReturnValue:
    """The slip to print: shown in the answer to this one request and stored nowhere."""
    text = render_template("access/slip.html", user=user, one_time=one_time, address=glue.settings().base_url)
    return text, 201
