"""Which columns of a row ever change, by table.

Owns the lists that privileges are granted by (``roles``) and that an entry may tell of
(``commands.recorded_rows``). It must never name a column that no command changes. Migrations write
the guards of the database out for themselves: what they once did stays.
"""

from collections.abc import Mapping

CHANGING: Mapping[str, tuple[str, ...]] = {
    table: tuple(columns.split())
    for table, columns in {
        "absences": "ends_on",
        "accesses": "note address",
        "account_changes": "undone_seq ended_at",
        "api_tokens": "revoked_at seen_at seal",
        "contents": "body",
        "counters": "value",
        "deadlines": "due_at roll ladder planned_from version name data_until",
        "delegations": "starts_on ends_on",
        "departments": "name place",
        "extensions": "state decided_by decided_at answer",
        "findings": "closed_at",
        "items": (
            "definition_hash title search period state version step content_hash due_at since "
            "seq head recused reassigned erasures concerned gathered_in"
        ),
        "links": "used_at used_entry revoked_at revoke_reason",
        "legal_holds": "lifted_by lifted_at lift_reason",
        "merit_notes": "words",
        "merits": "whose what story standing code",
        "opinions": "answered_at",
        "outbox": (
            "address params link_id state lease_until lease_token attempts possible_duplicates "
            "next_at scheduled_at due_at last_code sent_at"
        ),
        "past_awards": "known_as nominee reason withdrawn_by withdrawn_at withdrawn_why",
        "people": "email name position department is_active",
        "privacy_requests": "name contact words due_on state answer answered_by answered_at",
        "proceedings": (
            "document words outcome ended_on end_document end_document_on served_on end_words "
            "closed_by closed_at"
        ),
        "proceeding_corrections": "document words why",
        "proposal_links": "revoked_at",
        "proposals": "parameters state decided_by decided_at comment",
        "recipient_links": "revoked_at",
        "reminders": "state reason",
        "round_cases": (
            "place threshold content_hash concerned agree disagree blank base passed left_out"
        ),
        "round_challenges": "answer answered_by answered_at repeats",
        "round_links": "revoked_at",
        "round_seats": "role attendance voted_run",
        "rounds": (
            "title meeting voting held_on place agenda quorum concerned_count state run box "
            "second_box counted_by counted_at ended_by ended_at"
        ),
        "settings": "value",
        "setup_codes": "expires_at used_at",
    }.items()
}
"""The tables that have columns which never change, and those that do."""
