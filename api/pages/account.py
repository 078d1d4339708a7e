"""Signing in and out, and setting a password."""

from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.asking import application, client_of, known_caller, session_cookie
from api.credentials import PutSecret, find_secrets, hash_secret, matches, password_problem
from api.limiting import Limit
from api.pages.return_path import FIRST_PAGE, local_path
from api.pages.site import page
from api.sessions import ABSOLUTE, EndSessions, OpenSession, fingerprint, new_secret
from api.setup_codes import AskReset, UseCode
from api.speaking import remember_language
from notifications.preferences import LANGUAGE, preference
from workflow.model import DIRECTORATE, OFFICE, Person, PersonId
from workflow.speech import phrase, say
from workflow.store import people

router = APIRouter()
_PER_ACCOUNT = Limit(name="account", count=5, minutes=15)
_PER_ADDRESS = Limit(name="address", count=50, minutes=60)
_WRONG = phrase("Địa chỉ thư hoặc mật khẩu không đúng. Hãy kiểm tra rồi thử lại.")
_LIMITED = phrase("Đã thử sai nhiều lần. Hãy đợi 15 phút rồi thử lại, hoặc đặt lại mật khẩu.")
_ASKED = phrase("Nếu địa chỉ này được đặt lại mật khẩu bằng thư, bạn sẽ nhận được liên kết trong ít phút.")


@router.get("/sign-in")
async def sign_in_page(request: Request) -> Response:
    """Show the sign-in form; ``next`` is the page asked for, to which signing in leads."""
    wanted = local_path(request.query_params.get("next", ""))
    if await known_caller(request):
        return RedirectResponse(wanted, status_code=303)
    return await _sign_in_page(request, wanted=wanted)


async def _sign_in_page(
    request: Request,
    *,
    errors: list[str] | None = None,
    email: str = "",
    notice: str = "",
    status: int = 200,
    wanted: str = FIRST_PAGE,
) -> Response:
    parts = application(request)
    known = await parts.database.read(people.all_people) if parts.is_demo and parts.settings.is_loopback else []
    values = {
        "errors": errors or [],
        "email": email,
        "notice": notice,
        "wanted": wanted,
        "demo_people": [each for each in known if each.is_active],
    }
    return page(request, None, "sign_in.html", values, status)


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Check address and password, and start a session."""
    parts = application(request)
    form = await request.form()
    email, password = _address(form), str(form.get("password", ""))
    wanted = local_path(str(form.get("next", "")))
    counted = [(_PER_ADDRESS, client_of(request)), (_PER_ACCOUNT, email)]
    if not all([await parts.limits.take(limit, key) for limit, key in counted]):
        return await _sign_in_page(request, errors=[str(_LIMITED)], email=email, status=429, wanted=wanted)
    person = await parts.database.read(lambda connection: people.person_by_email(connection, email))
    secrets = await parts.database.read(lambda connection: find_secrets(connection, person.id)) if person else None
    is_right = await matches(secrets.password_hash if secrets else None, password)
    if person is None or not person.is_active or not is_right:
        return await _sign_in_page(request, errors=[str(_WRONG)], email=email, status=401, wanted=wanted)
    for limit, key in counted:
        await parts.limits.give_back(limit, key)
    return await start_session(request, person.id, wanted)


def _address(form: FormData) -> str:
    """Return the address typed, without what no address has."""
    return "".join(each for each in str(form.get("email", "")) if each.isprintable()).strip().lower()[:254]


async def start_session(request: Request, person: PersonId, wanted: str) -> Response:
    """Start a session under a new secret, end the one this browser had, and lead to the page ``wanted``."""
    parts = application(request)
    secret = new_secret()
    before = request.cookies.get(session_cookie(parts.settings))
    if before:
        await parts.database.write(EndSessions(id_hash=fingerprint(before)))
    await parts.database.write(OpenSession(person=person, id_hash=fingerprint(secret)))
    response = RedirectResponse(wanted, status_code=303)
    response.set_cookie(
        session_cookie(parts.settings),
        secret,
        max_age=int(ABSOLUTE / timedelta(seconds=1)),
        secure=parts.settings.is_https,
        httponly=True,
        samesite="lax",
        path="/",
    )
    language = await parts.database.read(lambda connection: preference(connection, person, LANGUAGE))
    if language is not None:
        remember_language(response, parts.settings, language)
    return response


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session."""
    parts = application(request)
    cookie = request.cookies.get(session_cookie(parts.settings))
    if cookie:
        await parts.database.write(EndSessions(id_hash=fingerprint(cookie)))
    response = RedirectResponse("/sign-in", status_code=303)
    # A browser takes a __Host- cookie, and its end, only with the attribute Secure.
    response.delete_cookie(session_cookie(parts.settings), path="/", secure=parts.settings.is_https, httponly=True, samesite="lax")
    return response


@router.get("/forgot")
async def forgot_page(request: Request) -> Response:
    """Ask for the address to reset a password for."""
    return _forgot(request)


def _forgot(request: Request) -> Response:
    values = {
        "heading": say("Quên mật khẩu"),
        "lead": say("Nhập địa chỉ thư của bạn. Văn phòng Sở và Ban Giám đốc đặt lại mật khẩu trực tiếp với quản trị viên, không qua thư."),
        "errors": [],
        "asks_email": True,
        "email": "",
        "button": say("Gửi liên kết đặt lại"),
    }
    return page(request, None, "password.html", values)


@router.post("/forgot")
async def forgot(request: Request) -> Response:
    """Mail a reset link, and say the same thing whoever asks."""
    parts = application(request)
    email = _address(await request.form())
    person = await parts.database.read(lambda connection: people.person_by_email(connection, email))
    if person is not None and may_reset_by_mail(person) and await parts.limits.take(_PER_ACCOUNT, f"reset:{email}"):
        await parts.database.write(AskReset(person=person.id))
    return await _sign_in_page(request, notice=str(_ASKED))


def may_reset_by_mail(person: Person) -> bool:
    """Return whether a password may be reset by mail: not for the Office and the Director."""
    return person.is_active and person.position not in OFFICE | DIRECTORATE


@router.get("/setup/{code}")
async def setup_page(request: Request, code: str) -> Response:
    """Show the form to set a password; opening it uses nothing up."""
    parts = application(request)
    found = await parts.database.read(lambda connection: parts.codes.read(connection, code))
    if found is None or not found.is_live:
        return _ended(request)
    return _setup(request, [])


def _ended(request: Request) -> Response:
    values = {
        "heading": say("Liên kết này không còn dùng được"),
        "sentences": [say("Liên kết đặt mật khẩu dùng một lần và có hạn. Hãy yêu cầu liên kết mới ở trang đăng nhập, hoặc báo Văn phòng Sở.")],
        "typed": [],
        "links": [{"href": "/sign-in", "label": say("Trang đăng nhập")}],
    }
    return page(request, None, "sentence.html", values, 410)


def _setup(request: Request, errors: list[str], status: int = 200) -> Response:
    values = {
        "heading": say("Đặt mật khẩu"),
        "lead": say("Mật khẩu chỉ mình bạn biết; quản trị viên không xem được."),
        "errors": errors,
        "asks_email": False,
        "email": "",
        "button": say("Ghi nhận mật khẩu"),
    }
    return page(request, None, "password.html", values, status)


@router.post("/setup/{code}")
async def set_password(request: Request, code: str) -> Response:
    """Set the password and use the code up; every session of the person ends."""
    parts = application(request)
    form = await request.form()
    password = str(form.get("password", ""))
    found = await parts.database.read(lambda connection: parts.codes.read(connection, code))
    if found is None or not found.is_live:
        return _ended(request)
    everyone = {each.id: each for each in await parts.database.read(people.all_people)}
    problem = password_problem(password, everyone[found.person].email)
    if problem is not None or password != str(form.get("again", "")):
        return _setup(request, [problem.message if problem else say("Hai lần nhập không giống nhau. Hãy nhập lại.")], 422)
    hashed = await hash_secret(password)
    if not await parts.database.write(UseCode(code=found)):
        return _ended(request)
    await parts.database.write(PutSecret(person=found.person, name="password_hash", value=hashed))
    await parts.database.write(EndSessions(person=found.person))
    return await _sign_in_page(request, notice=say("Đã ghi nhận mật khẩu. Bạn có thể đăng nhập."), email=everyone[found.person].email)
