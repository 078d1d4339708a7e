"""What a page says to whoever sees it for the first time; once read, it goes away for good."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from api.auth.callers import application
from api.auth.sessions import Caller
from api.web.pages.help import help_for
from api.web.rendering import signed_in
from api.web.return_path import where_it_stood
from notifications.preferences import Prefer, preference
from workflow.errors import NotFoundRefusal
from workflow.model import DRAFTERS, Person
from workflow.people import may_set_deadlines
from workflow.speech import Phrase, phrase

router = APIRouter(prefix="/hints")
Asker = Annotated[Caller, Depends(signed_in)]
PAGES: Final = ("work", "items", "item", "deadlines")
_READ = "read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """Words for a first visit, the page they are about, and the help page that says more."""

    page: str
    words: Phrase
    help: str


def hint_for(connection: Connection, person: Person, page: str) -> Hint | None:
    """Return what ``page`` says to ``person``, or None once they have read it."""
    if preference(connection, person.id, f"hint:{page}") is not None:
        return None
    return Hint(page=page, words=_words(person, page), help=help_for(person))


def _words(person: Person, page: str) -> Phrase:
    match page:
        case "work" if person.position in DRAFTERS:
            return phrase("Chọn “Soạn hồ sơ mới” để bắt đầu. Hồ sơ bạn đã trình và hồ sơ bị trả lại đều hiện ở trang này.")
        case "work":
            return phrase("Hồ sơ chờ bạn hiện ở trang này và cũng đến qua thư; mở liên kết trong thư thì không cần đăng nhập.")
        case "items":
            return phrase(
                "Bộ lọc nằm trong địa chỉ của trang nên lưu lại hay gửi cho đồng nghiệp đều được. Phím / để tìm, j và k để đi trong danh sách."
            )
        case "item":
            return phrase("Ô “Đang chờ” cho biết hồ sơ ở bàn ai, từ bao giờ, đến bao giờ. Việc nào chưa làm được đều có lý do ghi bên dưới.")
        case _ if may_set_deadlines(person):
            return phrase("Trước khi ghi nhận một thời hạn, hãy xem trước các thư nhắc: trang cho biết thư nào gửi cho ai, lúc nào.")
        case _:
            return phrase("Ở đây bạn thấy phòng mình còn nợ báo cáo nào, xin gia hạn, hoặc hoãn lời nhắc của riêng mình.")


@router.post("/{name}")
async def put_away(request: Request, asker: Asker, name: str) -> Response:
    """Note that a hint was read, and lead back to its page."""
    if name not in PAGES:
        raise NotFoundRefusal(phrase("lời mách này"))
    await application(request).database.write(Prefer(person=asker.person.id, name=f"hint:{name}", value=_READ))
    return RedirectResponse(where_it_stood(request), status_code=303)
