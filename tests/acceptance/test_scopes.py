"""Scopes of tokens: every operation with a token of every scope, of none and of all; and every page."""

import json
import re
from contextlib import suppress

import httpx2
import pytest
from sqlalchemy import select

from api.auth.access_seals import seal_token
from api.auth.scopes import ABOUT, TokenScope, require_scope
from api.v1.operations import OPERATIONS
from tests.acceptance.test_every_address import ANYBODY, READERS, routes
from tests.conftest import running_at
from tests.guards import unguarded
from workflow.errors import NotPermittedRefusal
from workflow.store import schema

pytestmark = pytest.mark.one_database

PERSON = "staff.htqt@so.example"
READ = (
    "list_items get_item list_transitions item_history item_as_of list_files get_file list_deadlines "
    "plan_backwards get_deadline list_extensions list_reminders list_definitions get_definition "
    "get_definition_version get_example list_campaigns get_campaign list_departments list_people "
    "list_proposals list_delegations list_absences list_merits get_merit list_rounds get_round "
    "list_past_awards get_past_award list_inspections get_inspection get_gathered list_register get_signature "
    "list_dossiers get_dossier get_dossier_package "
    "get_item_document get_round_document"
)
OPENS = {
    "read": READ,
    "items": "create_item edit_item attach_file add_signed_copy consult comment",
    "decide": "amend_sending record_delivery revoke_recipient_links seal_signed_copy "
    "send_dossier decide_item undo_decision recuse reassign",
    "office": "set_deadline preview_deadline change_deadline remind_department snooze_reminders "
    "gather_reports ask_extension decide_extension launch_campaign record_merit note_merit "
    "add_round set_round change_members open_vote cast_vote count_vote recount_vote "
    "challenge_count answer_challenge close_round cancel_round plan_inspection note_inspection "
    "register_document import_past_awards withdraw_past_award",
    "people": "add_department rename_department add_person change_person confirm_proposal "
    "reject_proposal add_delegation end_delegation add_absence end_absence",
    "account": "list_own_sessions end_own_session list_own_tokens end_own_token get_my_data",
    "privacy": "get_personal_data list_requests record_request answer_request list_holds place_hold "
    "lift_hold erase get_retention apply_retention list_proceedings get_proceeding open_proceeding "
    "close_proceeding correct_proceeding",
    "history": "list_history compare_entries agency_as_of list_openings list_findings get_finding open_finding note_finding export_history prove_item list_checkpoints prove_growth",
    "metrics": "show_metrics",
}
"""What each scope opens, and nothing besides; a new operation fails until it stands here."""
FOR_EVERY_TOKEN = {"who_am_i"}
VALUES = {
    "code": "DN-2022-9999",
    "instant": "2022-05-04T12:00:00Z",
    "sha256": "0" * 64,
    "file": "submission.pdf",
}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """One database suffices: what a token is good for is judged above it."""
    with running_at("127.0.0.1", tmp_path_factory.mktemp("scopes"), "") as product:
        yield product


def made(running, scopes, person=PERSON):
    identity, secret = running.token(person, scopes=frozenset(map(TokenScope, scopes)))
    return identity, {"Authorization": f"Bearer {secret}"}


def is_out_of_scope(answer):
    if answer.status_code != 403:
        return False
    body = answer.text
    return '"rule":"scope"' in body if body.startswith("{") else "phạm vi" in body


def test_every_operation_is_opened_by_one_scope():
    named = [each for row in OPENS.values() for each in row.split()]
    asked = {each.id for each in OPERATIONS.values() if not each.is_open} - FOR_EVERY_TOKEN
    assert sorted(named) == sorted(asked), "say in OPENS, and in api.auth.scopes, which opens it"
    assert set(OPENS) == set(TokenScope) == set(ABOUT)


SCOPE_OF = {operation: scope for scope, row in OPENS.items() for operation in row.split()}


@pytest.mark.parametrize("scope", [*TokenScope, None])
def test_a_scope_opens_what_it_names_and_nothing_besides(scope):
    opened = set()
    for each, operation in OPERATIONS.items():
        method, _, path = each.partition(" ")
        with suppress(NotPermittedRefusal):
            require_scope(frozenset({scope} if scope else ()), method.upper(), path)
            opened.add(operation.id)
    assert opened == {each for each, asked in SCOPE_OF.items() if asked == scope} | FOR_EVERY_TOKEN


def test_every_operation_asks_for_its_scope_over_the_wire(running):
    """By a token with its scope alone, by one with every other, and by one that has none."""
    holding = {scope: made(running, [scope])[1] for scope in TokenScope}
    without = {scope: made(running, set(TokenScope) - {scope})[1] for scope in TokenScope}
    _, whole = made(running, [])
    with httpx2.Client(base_url=running.base_url, timeout=60) as client:
        for each, operation in OPERATIONS.items():
            method, _, path = each.partition(" ")
            address = re.sub(r"\{(\w+)\}", lambda found: VALUES.get(found[1], "999999"), path)
            scope = SCOPE_OF.get(operation.id)
            asked = [whole, holding[scope]] if scope else [whole, *holding.values()]
            for headers in asked:
                body = {} if operation.body else None
                answer = client.request(method, address, json=body, headers=headers)
                assert answer.status_code != 401
                assert not is_out_of_scope(answer), each
            if scope:
                answer = client.request(method, address, headers=without[scope])
                assert is_out_of_scope(answer), each
                assert answer.json()["type"] == "urn:thidua:problem:not-permitted"


def test_a_token_with_scopes_opens_no_page_be_they_all(running):
    """What is on pages alone (one's factors, definitions, the calendar's address) has no scope."""
    _, every = made(running, TokenScope)
    _, whole = made(running, [])
    pages = {path for path, who in READERS.items() if who is not ANYBODY and "/api/" not in path}
    acts = {
        path
        for method, path in routes()
        if method == "POST" and not path.startswith(("/api/", "/a/", "/demo/", "/sign-in"))
    } - {"/sign-out", "/forgot", "/check", "/setup/{code}", "/language"}
    assert len(pages) > 40
    assert len(acts) > 30
    with httpx2.Client(base_url=running.base_url, headers=every, timeout=60) as client:
        for method, paths in (("GET", pages - {"/metrics"}), ("POST", acts)):
            for path in paths:
                answer = client.request(method, re.sub(r"\{\w+\}", "1", path))
                assert is_out_of_scope(answer), (method, path, answer.status_code)
        assert client.get("/items", headers=whole).status_code == 200


def test_no_token_widens_itself(running):
    """No address makes a token or gives one scopes; ending is all that an account's token may."""
    assert not [
        each for each in OPERATIONS if "token" in each and not each.endswith(("/tokens", "/end"))
    ]
    identity, headers = made(running, ["account"])
    other, _ = made(running, [], "head.htqt@so.example")
    with httpx2.Client(base_url=running.base_url + "/api/v1", headers=headers) as client:
        rows = {each["id"]: each["scopes"] for each in client.get("/me/tokens").json()["data"]}
        assert rows[identity] == ["account"]
        assert other not in rows
        assert client.get("/me").json()["scopes"] == ["account"]
        sent = client.post(f"/me/tokens/{identity}/end", json={"scopes": ["read"]})
        assert sent.status_code == 200
        assert client.get("/me").status_code == 401


def test_a_scope_that_the_program_does_not_know_opens_nothing(running):
    """As an earlier program of the same keys meets one of a later one."""
    identity, headers = made(running, ["read"])
    keys, tokens = running.parts.keys, schema.api_tokens
    with running.parts.engines.write.begin() as connection:
        row = connection.execute(select(tokens).where(tokens.c.id == identity)).mappings().one()
        seal = seal_token(keys, {**row, "scopes": "everything"})
        change = (
            f"UPDATE api_tokens SET scopes = 'everything', seal = '{seal}' WHERE id = '{identity}'"
        )
        with unguarded(connection, change):
            connection.exec_driver_sql(change)
    answer = httpx2.get(running.base_url + "/api/v1/items", headers=headers)
    assert json.loads(answer.text)["reasons"][0]["rule"] == "scope"
