"""What somebody with full write access to the database may change, and what `history verify` then names.

By what it is: the statements, in which ``:code`` is an item that was sent to the board; the words of the verdict.
"""

ASKED = '"second_factor"\\:'
SENT = "(SELECT id FROM items WHERE code = :code)"
WHO = "(SELECT id FROM people WHERE email = '{}@so.example')"
OPEN, REJECTED = (
    f"(SELECT max(id) FROM proposals WHERE state = '{each}')" for each in ("open", "rejected")
)
ITEM, CONTENT = "item:DN-2022-0001", "item:DN-2022-0001 content"

TAMPERINGS = {
    "a content is rewritten": (
        [f"UPDATE contents SET body = replace(body, 'Phòng', 'PHÒNG') WHERE item_id = {SENT}"],
        CONTENT,
    ),
    "a content is exchanged under a hash of its own": (
        [f"UPDATE contents SET hash = '{'0' * 64}' WHERE item_id = {SENT} AND version = 1"],
        CONTENT,
    ),
    "a content is removed": (
        [f"DELETE FROM contents WHERE item_id = {SENT} AND version = 1"],
        CONTENT,
    ),
    "a content is dated back": (
        [f"UPDATE contents SET created_at = '2020-01-01T00:00:00.000000Z' WHERE item_id = {SENT}"],
        CONTENT,
    ),
    "a definition is rewritten": (
        [f"UPDATE definitions SET body = replace(body, '{ASKED}true', '{ASKED}false')"],
        "definition:",
    ),
    "an author is replaced": (
        [f"UPDATE items SET author = {WHO.format('staff.ls')} WHERE code = :code"],
        f"{ITEM} has author",
    ),
    "a department is replaced": (
        ["UPDATE items SET department = 'lanh-su' WHERE code = :code"],
        f"{ITEM} has department",
    ),
    "a title is replaced": (
        ["UPDATE items SET title = 'KHÁC' WHERE code = :code"],
        f"{ITEM} has title",
    ),
    "an item is hidden from search": (
        ["UPDATE items SET search = '' WHERE code = :code"],
        f"{ITEM} has words in search",
    ),
    "an item changes its campaign": (
        ["UPDATE items SET campaign = 'x' WHERE code = :code"],
        f"{ITEM} has campaign",
    ),
    "an item changes its kind": (
        ["UPDATE items SET type = 'x' WHERE code = :code"],
        f"{ITEM} has type",
    ),
    "an item changes its period": (
        ["UPDATE items SET period = 'x' WHERE code = :code"],
        f"{ITEM} has period",
    ),
    "an item follows another definition": (
        [
            "UPDATE items SET definition_hash = (SELECT max(hash) FROM definitions WHERE hash <> items.definition_hash) WHERE code = :code"
        ],
        f"{ITEM} has definition_hash",
    ),
    "a step is due later": (
        ["UPDATE items SET due_at = '2030-01-01T00:00:00.000000Z' WHERE code = :code"],
        f"{ITEM} has due_at",
    ),
    "an item waits since another day": (
        ["UPDATE items SET since = '2030-01-01T00:00:00.000000Z' WHERE code = :code"],
        f"{ITEM} has since",
    ),
    "somebody is recused": (
        ["UPDATE items SET recused = '[1]' WHERE code = :code"],
        f"{ITEM} has recused",
    ),
    "a recusal is taken back": (
        ["UPDATE items SET recused = NULL WHERE recused IS NOT NULL"],
        "has recused",
    ),
    "somebody is put in another's place": (
        ["UPDATE items SET reassigned = '[[1,2,3]]' WHERE code = :code"],
        f"{ITEM} has reassigned",
    ),
    "a holder is added": (
        [
            f"INSERT INTO holders (item_id, person, since) VALUES ({SENT}, {WHO.format('auditor')}, '2022-01-01T00:00:00.000000Z')"
        ],
        f"{ITEM} holder",
    ),
    "a holder is dropped": (
        [
            "DELETE FROM holders WHERE (item_id, person) = (SELECT item_id, person FROM holders ORDER BY item_id DESC LIMIT 1)"
        ],
        "holder",
    ),
    "a holder is there twice where no key is left": (
        [
            "CREATE TABLE held AS SELECT * FROM holders",
            "DROP TABLE holders",
            "ALTER TABLE held RENAME TO holders",
            "INSERT INTO holders SELECT * FROM holders ORDER BY item_id LIMIT 1",
        ],
        "holders",
    ),
    "a holder is dropped where no key is left, and another is there twice": (
        [
            "CREATE TABLE held AS SELECT * FROM holders",
            "DROP TABLE holders",
            "ALTER TABLE held RENAME TO holders",
            "DELETE FROM holders WHERE (item_id, person) = (SELECT item_id, person FROM holders ORDER BY item_id DESC LIMIT 1)",
            "INSERT INTO holders SELECT * FROM holders ORDER BY item_id LIMIT 1",
        ],
        "holder",
    ),
    "a holder is exchanged": (
        [
            f"UPDATE holders SET person = {WHO.format('auditor')} WHERE (item_id, person) = (SELECT item_id, person FROM holders ORDER BY item_id DESC LIMIT 1)"
        ],
        "holder",
    ),
    "a holder acts for somebody else": (
        [
            f"UPDATE holders SET on_behalf_of = {WHO.format('director')} WHERE (item_id, person) = (SELECT item_id, person FROM holders ORDER BY item_id DESC LIMIT 1)"
        ],
        "holder",
    ),
    "a dispatch is dated back": (
        ["UPDATE dispatches SET issued_on = '2022-01-01'"],
        f"{ITEM} has dispatches",
    ),
    "a dispatch gets another year": (["UPDATE dispatches SET year = 2020"], "dispatch"),
    "a dispatch gets another number": (
        [
            (
                "UPDATE dispatches SET number = 77, notation = '77' || substr(notation, 3)"
                f" WHERE item_id = {SENT}"
            )
        ],
        f"{ITEM} has dispatches",
    ),
    "a dispatch left by another way": (
        ["UPDATE dispatches SET channel = 'hand'"],
        f"{ITEM} has dispatches",
    ),
    "a dispatch is removed": (["DELETE FROM dispatches"], f"{ITEM} dispatches 7 is missing"),
    "a dossier was sent by another": (
        [f"UPDATE dossiers SET sent_by = {WHO.format('auditor')}"],
        f"{ITEM} has dossiers",
    ),
    "a dossier left on another day": (
        ["UPDATE dossiers SET sent_at = '2022-01-01T00:00:00.000000Z'"],
        f"{ITEM} has dossiers",
    ),
    "an item is taken out of its dossier": (["DELETE FROM dossier_items"], "dossier"),
    "an item is put into a dossier": (
        [
            f"INSERT INTO dossier_items (item_id, version, dossier_id) SELECT {SENT}, 3, min(id) FROM dossiers"
        ],
        f"{ITEM} has dossiers",
    ),
    "a dossier is removed": (["DELETE FROM dossiers"], "dossier"),
    "a number of the register is dated back": (
        ["UPDATE register SET issued_on = '2022-01-01'"],
        "register",
    ),
    "a number of the register is another": (
        ["UPDATE register SET number = number + 100"],
        "has another number than its symbol says",
    ),
    "a number of the register was given by another": (
        ["UPDATE register SET seq = seq - 1"],
        "was given by no entry of the history",
    ),
    "a number of the register shows another item": (
        [f"UPDATE register SET item_id = (SELECT max(id) FROM items WHERE id <> {SENT})"],
        "shows another item than its entry is about",
    ),
    "a number of the register shows no item": (
        [f"UPDATE register SET item_id = NULL WHERE item_id = {SENT}"],
        "shows another item than its entry is about",
    ),
    "a number of the register is hidden from search": (
        ["UPDATE register SET search = ''"],
        "has words in search",
    ),
    "a number of the register is put before the others": (
        ["UPDATE register SET id = -1 WHERE id = (SELECT max(id) FROM register)"],
        "stands in another order",
    ),
    "a number of the register becomes a letter's": (
        [f"UPDATE register SET kind = 'CV', series = 'CV' WHERE item_id = {SENT}"],
        "has another number than its symbol says",
    ),
    "a number of the register is removed": (["DELETE FROM register"], "is missing"),
    "a file was added by somebody else": (
        [f"UPDATE files SET added_by = {WHO.format('auditor')}"],
        f"{ITEM} has files",
    ),
    "a file is called otherwise": (["UPDATE files SET name = 'Khác.pdf'"], f"{ITEM} file"),
    "a file's row is removed": (["DELETE FROM files"], f"{ITEM} files"),
    "a file's row is added": (
        [
            f"INSERT INTO files SELECT item_id, '{'e' * 64}', name, size, media_type, added_by, added_at FROM files"
        ],
        f"{ITEM} has files",
    ),
    "an opinion was asked of somebody else": (
        [f"UPDATE opinions SET asked_of = {WHO.format('auditor')}"],
        "opinions",
    ),
    "an opinion is not yet given": (["UPDATE opinions SET answered_at = NULL"], "opinions"),
    "an opinion is removed": (["DELETE FROM opinions"], "opinions"),
    "two persons are swapped": (
        [
            "UPDATE people SET email = 'x' WHERE email = 'director@so.example'",
            "UPDATE people SET email = 'director@so.example' WHERE email = 'auditor@so.example'",
            "UPDATE people SET email = 'auditor@so.example' WHERE email = 'x'",
        ],
        "has email",
    ),
    "an officer is made director": (
        ["UPDATE people SET position = 'director' WHERE email = 'officer@so.example'"],
        "has position director",
    ),
    "a leaver comes back": (
        ["UPDATE people SET is_active = NOT is_active WHERE email = 'clerk@so.example'"],
        "has is_active",
    ),
    "a person is added": (
        [
            "INSERT INTO people (email, name, position, is_active) SELECT 'x@so.example', name, position, is_active FROM people WHERE id = 1"
        ],
        "is kept in the database, but it has no history",
    ),
    "a person is removed": (["DELETE FROM people WHERE email = 'auditor@so.example'"], "people"),
    "a delegation is inserted": (
        [
            f"INSERT INTO delegations (from_person, to_person, starts_on, ends_on, document, created_by, created_at, form) VALUES ({WHO.format('director')}, {WHO.format('head.ls')}, '2020-01-01', '2099-01-01', 'x', 1, '2026-01-01T00:00:00.000000Z', 'KT.')"
        ],
        "was never recorded",
    ),
    "a delegation lasts longer": (["UPDATE delegations SET ends_on = '2099-01-01'"], "has ends_on"),
    "a delegation is another's": (
        [f"UPDATE delegations SET from_person = {WHO.format('director')}"],
        "delegations",
    ),
    "a delegation is removed": (["DELETE FROM delegations"], "delegations 1 is missing"),
    "an absence lasts longer": (["UPDATE absences SET ends_on = '2099-01-01'"], "has ends_on"),
    "a PIN is another's": (
        ["UPDATE credentials SET pin_hash = password_hash WHERE pin_hash IS NOT NULL"],
        "credentials",
    ),
    "a password is exchanged": (
        ["UPDATE credentials SET password_hash = 'x' WHERE password_hash IS NOT NULL"],
        "has password_hash",
    ),
    "an authenticator is added": (["UPDATE credentials SET totp_secret = 'x'"], "has totp_secret"),
    "the secrets of one who has none are added": (
        [
            f"INSERT INTO credentials (person, pin_hash, totp_step, failures) SELECT {WHO.format('staff.ls')}, pin_hash, 0, 0 FROM credentials WHERE person = {WHO.format('director')}"
        ],
        "was never recorded",
    ),
    "a passkey is added": (
        [
            f"INSERT INTO passkeys (id, person, label, credential_id, public_key, sign_count, last_challenge, created_at) SELECT 1, {WHO.format('director')}, 'x', 'x', hash, 0, '', 'x' FROM history WHERE id = 1"
        ],
        "passkeys 1 was never recorded",
    ),
    "a department is renamed": (
        ["UPDATE departments SET name = 'KHÁC' WHERE id = 'lanh-su'"],
        "department:lanh-su departments lanh-su has name",
    ),
    "a department becomes the Office": (
        ["UPDATE departments SET is_office = NOT is_office WHERE id = 'lanh-su'"],
        "has is_office",
    ),
    "a deadline is moved": (
        ["UPDATE deadlines SET due_at = '2030-01-01T00:00:00.000000Z'"],
        "has due_at",
    ),
    "a department is let off": (["DELETE FROM deadline_departments"], "deadline_departments"),
    "an extension is granted": (["UPDATE extensions SET state = 'granted'"], "has state granted"),
    "a merit is rewritten": (["UPDATE merits SET whose = 'KHÁC'"], "has whose"),
    "a note on a merit is rewritten": (["UPDATE merit_notes SET words = 'KHÁC'"], "has words"),
    "a campaign is rewritten": (["UPDATE campaigns SET body = '{}'"], "has body"),
    "a plan was read": (["DELETE FROM campaign_reads"], "campaign_reads"),
    "a definition was published earlier": (
        ["UPDATE definitions SET published_at = '2020-01-01T00:00:00.000000Z'"],
        "has published_at",
    ),
    "a definition has another version": (["UPDATE definitions SET version = 99"], "has version 99"),
    "a definition is removed": (
        ["DELETE FROM definitions WHERE id = 'department_report'"],
        "definition",
    ),
    "the agency is called otherwise": (
        ["UPDATE settings SET value = '{}' WHERE name = 'agency'"],
        "agency settings agency has value",
    ),
    "the calendar opens later": (
        [
            "UPDATE settings SET value = replace(value, '08\\:00', '09\\:30') WHERE name = 'calendar'"
        ],
        "agency settings calendar has value",
    ),
    "a proposal was answered by another": (
        [f"UPDATE proposals SET decided_by = {WHO.format('auditor')} WHERE id = {REJECTED}"],
        "has decided_by",
    ),
    "a rejected proposal was confirmed": (
        [
            f"UPDATE proposals SET state = 'confirmed', decided_by = {WHO.format('director')} WHERE id = {REJECTED}"
        ],
        "has state confirmed",
    ),
    "a proposal waits again": (
        [
            f"UPDATE proposals SET state = 'open', decided_by = NULL, decided_at = NULL WHERE id = {REJECTED}"
        ],
        "has state open",
    ),
    "a proposal was made by another": (
        [f"UPDATE proposals SET proposed_by = {WHO.format('auditor')} WHERE id = {OPEN}"],
        "has proposed_by",
    ),
    "a proposal says something else": (
        [
            f"UPDATE proposals SET parameters = replace(parameters, 'head', 'chief') WHERE id = {OPEN}"
        ],
        "says something else than was proposed",
    ),
    "a proposal lapses later": (
        [f"UPDATE proposals SET until = '2030-01-01T00:00:00.000000Z' WHERE id = {OPEN}"],
        "has until 2030",
    ),
    "a proposal is removed": (
        ["DELETE FROM proposal_links", "DELETE FROM proposals"],
        "what was proposed is missing",
    ),
    "an entry is put to an item that it is not about": (
        [f"UPDATE history SET item_id = {SENT} WHERE subject = 'agency'"],
        "agency entry 1",
    ),
    "the calendar is removed": (
        ["DELETE FROM settings WHERE name = 'calendar'"],
        "agency settings calendar is missing",
    ),
    "the end of a person's chain is cut": (
        [
            f"DELETE FROM history WHERE subject = 'person:' || {WHO.format('director')} AND seq = (SELECT max(seq) FROM history WHERE subject = 'person:' || {WHO.format('director')})",
            "DELETE FROM history_texts WHERE NOT EXISTS (SELECT 1 FROM history AS each WHERE each.subject = history_texts.subject AND each.seq = history_texts.seq)",
        ],
        "person:",
    ),
    "a person's whole chain is cut": (
        [f"DELETE FROM history WHERE subject = 'person:' || {WHO.format('director')}"],
        "but it has no history",
    ),
    "what an entry says of its row is removed": (
        [
            f"DELETE FROM history_texts WHERE name = 'row' AND subject = 'person:' || {WHO.format('auditor')}"
        ],
        "what it says of its row is missing",
    ),
    "what an entry says of its row is exchanged": (
        ["UPDATE history_texts SET text = replace(text, 'director', 'auditor') WHERE name = 'row'"],
        "committed to another text as its row",
    ),
    "two salts are exchanged": (
        [
            "UPDATE history_texts SET salt = (SELECT max(salt) FROM history_texts) WHERE name = 'email'"
        ],
        "committed to another text as its email",
    ),
    "somebody who is concerned is not": (
        ["UPDATE items SET concerned = '[99]' WHERE code = :code"],
        f"{ITEM} has concerned",
    ),
    "an item goes with a report": (
        ["UPDATE items SET gathered_in = 'BC-2022-0001' WHERE code = :code"],
        f"{ITEM} has gathered_in",
    ),
    "an item goes with its report no more": (
        ["UPDATE items SET gathered_in = NULL WHERE gathered_in IS NOT NULL"],
        "has gathered_in",
    ),
    "a text is said to be erased": (
        ["UPDATE items SET erasures = erasures + 1 WHERE code = :code"],
        f"{ITEM} has erasures",
    ),
    "a signed copy was added by somebody else": (
        [f"UPDATE files SET added_by = {WHO.format('auditor')} WHERE name NOT LIKE 'Biên bản%'"],
        "has files",
    ),
    "a signed copy is called otherwise": (
        ["UPDATE files SET name = 'x.pdf' WHERE name NOT LIKE 'Biên bản%'"],
        "file x.pdf is called so by no content",
    ),
    "a request of a data subject was answered otherwise": (
        ["UPDATE privacy_requests SET state = 'refused' WHERE state = 'granted'"],
        "has state refused",
    ),
    "a request of a data subject is due later": (
        ["UPDATE privacy_requests SET due_on = '2099-01-01'"],
        "has due_on",
    ),
    "a request of a data subject is removed": (
        ["DELETE FROM privacy_requests"],
        "privacy_requests",
    ),
    "a hold is lifted": (
        ["UPDATE legal_holds SET lifted_at = placed_at, lifted_by = 1 WHERE lifted_at IS NULL"],
        "has lifted_at",
    ),
    "a hold is about something else": (
        ["UPDATE legal_holds SET about = 'item:x'"],
        "has about item:x",
    ),
    "a hold is removed": (["DELETE FROM legal_holds"], "legal_holds"),
    "a finding is about another entry": (
        ["UPDATE findings SET entry = entry + 1"],
        "has entry",
    ),
    "a finding is closed": (
        ["UPDATE findings SET closed_at = opened_at WHERE closed_at IS NULL"],
        "has closed_at",
    ),
    "what was said of a finding is rewritten": (
        ["UPDATE finding_notes SET words = 'KHÁC'"],
        "has words KHÁC",
    ),
    "a finding is removed": (
        ["DELETE FROM finding_notes", "DELETE FROM findings"],
        "finding",
    ),
    "an inspection was on another day": (
        ["UPDATE inspections SET on_day = '2022-01-01'"],
        "has on_day 2022-01-01",
    ),
    "an inspection was of another department": (
        ["UPDATE inspections SET department = 'lanh-su'"],
        "has department lanh-su",
    ),
    "what an inspection found is rewritten": (
        ["UPDATE inspection_notes SET words = 'KHÁC'"],
        "has words KHÁC",
    ),
    "what an inspection found may be mended later": (
        ["UPDATE inspection_notes SET mend_by = '2099-01-01' WHERE mend_by IS NOT NULL"],
        "has mend_by",
    ),
    "what an inspection found is removed": (["DELETE FROM inspection_notes"], "inspection_notes"),
    "a proceeding is against another department": (
        ["UPDATE proceedings SET department = 'lanh-su'"],
        "has department lanh-su",
    ),
    "an imported award is another person's": (
        ["UPDATE past_awards SET nominee = 'Phòng Khác', known_as = '=phong khac'"],
        "has known_as =phong khac",
    ),
    "an imported award counts no more": (
        ["UPDATE past_awards SET withdrawn_at = imported_at, withdrawn_why = 'x'"],
        "has withdrawn_at",
    ),
    "an imported award is of another year": (
        ["UPDATE past_awards SET decided_on = '2021-12-20'"],
        "has decided_on 2021-12-20",
    ),
    "an imported award is removed": (["DELETE FROM past_awards"], "past_award:"),
    "a proceeding has ended": (
        ["UPDATE proceedings SET outcome = 'cleared', ended_on = since WHERE outcome IS NULL"],
        "has ended_on",
    ),
    "a proceeding ended earlier": (
        ["UPDATE proceedings SET ended_on = '2020-01-01' WHERE ended_on IS NOT NULL"],
        "has ended_on 2020-01-01",
    ),
    "a proceeding is removed": (
        ["DELETE FROM proceeding_corrections", "DELETE FROM proceedings"],
        "proceeding",
    ),
    "a correction of a proceeding is rewritten": (
        ["UPDATE proceeding_corrections SET why = 'KHÁC'"],
        "has why KHÁC",
    ),
    "a correction of a proceeding says another end": (
        ["UPDATE proceeding_corrections SET outcome = 'cleared', ended_on = '2022-05-03'"],
        "has ended_on 2022-05-03",
    ),
    "a correction of a proceeding was confirmed by somebody": (
        [f"UPDATE proceeding_corrections SET confirmed_by = {WHO.format('director')}"],
        "has confirmed_by",
    ),
    "a correction of a proceeding is removed": (
        ["DELETE FROM proceeding_corrections"],
        "proceeding_corrections",
    ),
    "a document of the register is about something else": (
        ["UPDATE documents SET about = 'KHÁC'"],
        "has about KHÁC",
    ),
    "a document of the register was signed by another": (
        ["UPDATE documents SET signer = 'KHÁC'"],
        "has signer KHÁC",
    ),
    "a document of the register is removed": (["DELETE FROM documents"], "document"),
    "rules of privacy are others": (
        ["UPDATE settings SET value = '{}' WHERE name = 'privacy_rules'"],
        "agency settings privacy_rules has value",
    ),
    "one person alone may do what took two": (
        ["UPDATE settings SET value = '{}' WHERE name = 'proposal_rules'"],
        "agency settings proposal_rules has value",
    ),
    "a deployment is another": (
        ["UPDATE settings SET value = 'x' WHERE name = 'deployment'"],
        "agency settings deployment has value",
    ),
    "a round is of another day": (
        ["UPDATE rounds SET held_on = '2022-01-01'"],
        "has held_on 2022-01-01",
    ),
    "fewer members suffice in a round": (["UPDATE rounds SET quorum = '1/9'"], "has quorum 1/9"),
    "those who are concerned count no more": (
        ["UPDATE rounds SET concerned_count = 1 - concerned_count"],
        "has concerned_count",
    ),
    "a round was counted by another": (
        [f"UPDATE rounds SET counted_by = {WHO.format('auditor')} WHERE counted_by IS NOT NULL"],
        "has counted_by",
    ),
    "a counted round was closed": (
        [
            f"UPDATE rounds SET state = 'closed', ended_by = {WHO.format('director')}, ended_at = counted_at WHERE state = 'counted'"
        ],
        "has ended_at",
    ),
    "a closed round is voted on again": (
        ["UPDATE rounds SET state = 'voting' WHERE state = 'closed'"],
        "has state voting",
    ),
    "a lock of the box is another's": (
        ["UPDATE rounds SET box = second_box WHERE box IS NOT NULL"],
        "has box",
    ),
    "a round is removed": (
        [
            f"DELETE FROM {each}"
            for each in (
                *("round_challenges", "round_receipts", "round_ballots", "round_papers"),
                *("round_links", "round_cases", "round_seats", "rounds"),
            )
        ],
        "round:",
    ),
    "a member joins a round": (
        [
            f"INSERT INTO round_seats (round_id, person, role, attendance, voted_run) SELECT min(id), {WHO.format('clerk')}, 'member', 'present', 0 FROM rounds"
        ],
        "was never recorded",
    ),
    "a member leaves a round": (
        [f"DELETE FROM round_seats WHERE person = {WHO.format('head.htqt')}"],
        "is missing",
    ),
    "a member becomes the chair": (
        [f"UPDATE round_seats SET role = 'chair' WHERE person = {WHO.format('head.htqt')}"],
        "has role chair",
    ),
    "somebody is said to have voted": (
        ["UPDATE round_seats SET voted_run = voted_run + 1"],
        "has voted_run",
    ),
    "a smaller share suffices for an award": (
        ["UPDATE round_cases SET threshold = '1%'"],
        "has threshold 1%",
    ),
    "a vote is counted otherwise": (
        ["UPDATE round_cases SET agree = agree + 1 WHERE agree IS NOT NULL"],
        "has agree",
    ),
    "what fell through has passed": (
        ["UPDATE round_cases SET passed = 1 - passed WHERE passed IS NOT NULL"],
        "has passed",
    ),
    "another content was voted on": (
        [f"UPDATE round_cases SET content_hash = '{'0' * 64}'"],
        "has content_hash",
    ),
    "a case is taken from a round": (["DELETE FROM round_cases"], "round_cases"),
    "a ballot says something else": (
        ["UPDATE round_ballots SET choice = 'disagree'"],
        "has choice disagree",
    ),
    "a ballot is removed": (
        ["DELETE FROM round_ballots WHERE id = (SELECT min(id) FROM round_ballots)"],
        "round_ballots",
    ),
    "a ballot is added": (
        [
            "INSERT INTO round_ballots (id, round_id, run, item_id, nominee, choice) SELECT 'x', round_id, run, item_id, nominee, choice FROM round_ballots LIMIT 1"
        ],
        "was never recorded",
    ),
    "the number of a paper is another": (
        ["UPDATE round_receipts SET receipt = substr(receipt, 2) || 'X'"],
        "round_receipts",
    ),
    "an open vote is added": (
        [
            f"INSERT INTO round_votes (round_id, run, item_id, person, nominee, choice) SELECT round_id, 1, item_id, {WHO.format('clerk')}, nominee, 'agree' FROM round_cases LIMIT 1"
        ],
        "was never recorded",
    ),
    "a challenge is rewritten": (["UPDATE round_challenges SET words = 'KHÁC'"], "has words KHÁC"),
    "a challenge has had its answer": (
        [
            "UPDATE round_challenges SET answer = 'Đã xem', answered_by = 1, answered_at = at WHERE answer IS NULL"
        ],
        "has answer",
    ),
    "a challenge is removed": (["DELETE FROM round_challenges"], "round_challenges"),
    "an extension is another department's": (
        ["UPDATE extensions SET department = 'lanh-su'"],
        "has department lanh-su",
    ),
    "a deadline is removed": (
        ["DELETE FROM extensions", "DELETE FROM deadline_departments", "DELETE FROM deadlines"],
        "deadline",
    ),
    "a merit was nominated": (["UPDATE merits SET code = :code"], "has code"),
    "an award of an earlier year is a higher one": (
        ["UPDATE past_awards SET award = 'bang_khen_tinh'"],
        "has award bang_khen_tinh",
    ),
    "an award of an earlier year is another's": (
        [f"UPDATE past_awards SET person = {WHO.format('auditor')}, nominee = 'KHÁC'"],
        "has nominee KHÁC",
    ),
    "an award of an earlier year is found under another name": (
        ["UPDATE past_awards SET known_as = 'x' WHERE id = (SELECT min(id) FROM past_awards)"],
        "has known_as x",
    ),
    "an award of an earlier year was withdrawn": (
        [
            "UPDATE past_awards SET withdrawn_at = imported_at, withdrawn_why = 'x' WHERE withdrawn_at IS NULL"
        ],
        "has withdrawn_at",
    ),
    "an award of an earlier year was confirmed by somebody": (
        [f"UPDATE past_awards SET confirmed_by = {WHO.format('director')}"],
        "has confirmed_by",
    ),
    "an award of an earlier year is removed": (["DELETE FROM past_awards"], "past_awards"),
    "a token opens more": (
        ["UPDATE api_tokens SET scopes = NULL WHERE revoked_at IS NULL"],
        "has scopes [], but its history says ['read']",
    ),
    "a token lasts longer": (
        ["UPDATE api_tokens SET expires_at = '2030-01-01T00:00:00.000000Z'"],
        "has expires_at 2030",
    ),
    "a token is somebody else's": (
        [f"UPDATE api_tokens SET person = {WHO.format('auditor')}"],
        "was made for somebody else",
    ),
    "a token that was ended is open": (
        ["UPDATE api_tokens SET revoked_at = NULL WHERE revoked_at IS NOT NULL"],
        "is open, but its history says it ended",
    ),
}
