"""What leaves is what was written, in a form that every server takes."""

import email
import email.header
import email.policy
import email.utils
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifications.headers import folded, mailbox_header
from notifications.mail_context import Action, LetterFact, LetterText, ListGroup, ListRow
from notifications.rendering import Envelope, render
from workflow.addresses import Mailbox, parse_mailbox

SENDER, READER = parse_mailbox("thidua@so.example"), parse_mailbox("staff.ls@so.example")
LETTERS = (
    "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"
    "NHTĐPSV0123456789 ,.:;–“”/()=?_-"
)
SUBJECTS = st.text(LETTERS, min_size=1, max_size=300)


def envelope(**more):
    return Envelope(
        sender=SENDER,
        recipient=READER,
        message_id="<a@so.example>",
        at=datetime(2022, 5, 4, 1, tzinfo=UTC),
        **more,
    )


def letter(**more):
    return LetterText(
        **{"agency": "Sở Ngoại vụ", "subject": "Nhắc", "heading": "Nhắc việc.", **more}
    )


def read(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


@given(SUBJECTS)
@example(
    "Nhắc nộp báo cáo định kỳ sáu tháng đầu năm của các phòng về phong trào thi đua, hạn 20/05"
)
@example("a" * 300)
@example("=?utf-8?q?x?= không phải mã")
@example("  hai   khoảng trắng  ")
@example("👩🏽‍💻" * 40)
def test_a_subject_is_read_as_it_was_written(subject):
    raw = folded("Subject", subject)
    assert read(raw + b"\r\n")["Subject"] == subject
    older = email.message_from_bytes(raw + b"\r\n", policy=email.policy.compat32)["Subject"]
    assert str(email.header.make_header(email.header.decode_header(older))) == subject
    assert raw.isascii()
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))
    assert b"?==?" not in raw


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=300))
def test_no_subject_makes_a_line_too_long_or_a_header_of_its_own(subject):
    raw = render(letter(subject=subject), envelope())
    assert raw.isascii()
    head = raw.split(b"\r\n\r\n")[0].split(b"\r\n")
    assert max(map(len, head)) <= 78
    names = [line.split(b":")[0] for line in head if not line.startswith(b" ")]
    assert names.count(b"Subject") == 1
    assert len(names) == 10


@given(SUBJECTS)
@example('Sở "Ngoại vụ", tỉnh <X>')
@example("Cong an tinh, phong 1")
def test_a_name_beside_an_address_is_read_as_it_was_written(name):
    name = " ".join(name.split()) or "x"
    raw = mailbox_header(
        "From", (Mailbox(address="a@so.example", envelope="a@so.example", name=name),)
    )
    # The library's newer reader keeps the space between encoded words of a name, which RFC 2047
    # §6.2 drops; its older one reads right.
    value = email.message_from_bytes(raw + b"\r\n", policy=email.policy.compat32)["From"]
    ((shown, address),) = email.utils.getaddresses([value])
    assert (str(email.header.make_header(email.header.decode_header(shown))), address) == (
        name,
        "a@so.example",
    )
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))


def test_a_header_with_a_line_break_is_refused():
    with pytest.raises(ValueError, match="line break"):
        folded("List-Id", "a\r\nBcc: x@y.example")


def test_one_endless_line_that_somebody_typed_leaves_in_short_ascii_lines_and_is_read_whole():
    endless = "Đề nghị phòng khẩn trương nộp báo cáo. " * 200 + "x" * 4000
    url = "https://so.example/a/" + "t" * 150
    written = letter(
        heading=endless,
        paragraphs=(endless,),
        facts=(LetterFact(label="Lý do", value=endless),),
        groups=(ListGroup(heading="Nhóm", rows=(ListRow(text=endless, note="Mở", url=url),)),),
        action=Action(label="Mở", url=url),
        calendar=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    )
    raw = render(written, envelope(reply_to=(READER,)))
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78
    assert b"\n" not in raw.replace(b"\r\n", b"")
    message = read(raw)
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert endless.strip() in text
    assert url in text.splitlines()
    assert endless.strip() in html
    assert [part.get_content_type() for part in message.iter_parts()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    assert not message.defects
    assert not any(part.defects for part in message.walk())


def test_what_people_typed_is_text_in_the_html_of_a_mail_too():
    bad = '<script>alert(1)</script><a href="https://evil.example">ký</a>'
    written = letter(
        subject=bad,
        agency=bad,
        heading=bad,
        paragraphs=(bad,),
        facts=(LetterFact(label=bad, value=bad),),
        groups=(
            ListGroup(
                heading=bad,
                rows=(ListRow(text=bad, note=bad, url='https://so.example/"><script>'),),
            ),
        ),
        action=Action(label=bad, url='https://so.example/"><script>'),
        small_print=(bad,),
    )
    html = read(render(written, envelope())).get_body(("html",)).get_content()
    assert html.count("&lt;script&gt;alert(1)") >= 10
    assert "<script" not in html
    assert 'href="https://evil' not in html


@pytest.mark.parametrize(
    ("text", "kept", "travels"),
    [
        ("Head.LS@So.Example", "head.ls@so.example", "head.ls@so.example"),
        ("ca@tỉnh.example", "ca@tỉnh.example", "ca@xn--tnh-dlz.example"),
        ("ca@xn--tnh-dlz.example", "ca@tỉnh.example", "ca@xn--tnh-dlz.example"),
        ("công-an@tinh.example", "công-an@tinh.example", "công-an@tinh.example"),
        ("co\u0302ng-an@tinh.example", "công-an@tinh.example", "công-an@tinh.example"),
        ("a@mail.local", "a@mail.local", "a@mail.local"),
        ("a@b.test", "a@b.test", "a@b.test"),
    ],
)
def test_an_address_is_kept_as_people_read_it_and_travels_with_an_ascii_domain(text, kept, travels):
    found = parse_mailbox(text)
    assert (found.address, found.envelope) == (kept, travels)
    assert found.needs_smtputf8 is (not travels.isascii())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a@b",
        "a@b.example, c@d.example",
        "A <a@b.example>",
        "a@b.example\n",
        "a @b.example",
        "a@[127.0.0.1]",
        '"a b"@c.example',
        "a..b@c.example",
        "a@b..example",
        "a@-b.example",
        "a@b_c.example",
        "a" * 65 + "@b.example",
        "a\u200b@b.example",
        "a@" + "b" * 260 + ".example",
    ],
)
def test_what_is_not_one_bare_address_is_none(text):
    assert parse_mailbox(text) is None


@pytest.mark.parametrize("is_late", [False, True])
def test_the_heading_of_what_is_past_its_day_has_the_colour_of_late(is_late):
    mail = read(render(letter(is_late=is_late), envelope()))
    body = mail.get_body(("html",)).get_content()
    heading = body[body.index("<h1") : body.index("</h1>")]
    assert ('class="late"' in heading, "#9a3412" in heading) == (is_late, is_late)
