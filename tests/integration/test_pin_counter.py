"""The count of wrong PINs is the person's: nothing but a right factor ends it."""

import pytest

from api.auth.credentials import PutSecret, find_secrets
from api.auth.factor_attempts import ATTEMPTS
from api.auth.passwords import TypedCode, hash_secret_blocking, prove_factor
from workflow.errors import FactorLockedRefusal, SecondFactorRefusal

pytestmark = pytest.mark.one_database

DIRECTOR, AUDITOR = "director@so.example", "auditor@so.example"
PASSWORD = "đường về nhà qua cánh đồng"


def wrong_pin(running) -> SecondFactorRefusal:
    proving = prove_factor(
        running.parts.database,
        running.person(DIRECTOR).id,
        TypedCode(pin="000000"),
        now=running.clock.now(),
        is_loopback=True,
    )
    with pytest.raises(SecondFactorRefusal) as refused:
        running.run(proving)
    return refused.value


def counted(running) -> int:
    person = running.person(DIRECTOR).id
    kept = running.parts.database.report_blocking(
        lambda connection: find_secrets(connection, person)
    )
    return int(kept.failures)


def test_a_wrong_factor_is_in_the_log_of_accesses_and_a_right_one_is_not(running):
    def refused():
        rows = running.client(AUDITOR).get("/history/openings", params={"who": DIRECTOR}).json()
        return [each["what"] for each in rows["data"]].count("factor_refused")

    before = refused()
    wrong_pin(running)
    assert refused() == before + 1
    right = prove_factor(
        running.parts.database,
        running.person(DIRECTOR).id,
        TypedCode(pin="246810"),
        now=running.clock.now(),
        is_loopback=True,
    )
    running.run(right)
    assert refused() == before + 1
    with running.signed_in(AUDITOR) as browser:
        page = browser.get("/history/openings", params={"who": DIRECTOR}).text
    assert "nhập sai yếu tố xác thực lớp hai" in page


def test_neither_a_new_link_nor_a_session_nor_a_right_password_gives_further_guesses(running):
    item = running.item_in("office_reviewed")
    running.link_for(item["code"], DIRECTOR)
    person = running.person(DIRECTOR).id
    running.run(
        running.parts.database.write(
            PutSecret(person=person, name="password_hash", value=hash_secret_blocking(PASSWORD))
        )
    )
    for number in range(1, ATTEMPTS):
        wrong_pin(running)
        assert counted(running) == number
    sent = len(running.mails_about(item["code"], DIRECTOR))
    with running.browser() as browser:
        assert browser.post(running.link_for(item["code"], DIRECTOR) + "/fresh").status_code == 200
        running.link_for(item["code"], DIRECTOR, newer_than=sent)
        assert (
            browser.post("/sign-in", data={"email": DIRECTOR, "password": PASSWORD}).status_code
            == 200
        )
        browser.post("/sign-out")
        browser.post("/demo/sign-in", data={"email": DIRECTOR})
    running.item_in("office_reviewed")
    assert counted(running) == ATTEMPTS - 1
    wrong_pin(running)
    assert isinstance(wrong_pin(running), FactorLockedRefusal)
    right = prove_factor(
        running.parts.database,
        person,
        TypedCode(pin="246810"),
        now=running.clock.now(),
        is_loopback=True,
    )
    with pytest.raises(SecondFactorRefusal):
        running.run(right)
