"""Break the program on purpose and see that the tests notice: ``python3 -m tests --mutants``.

Owns the table of breaks. Each is one text of the sources, found exactly once, with another in its
place, and the tests that must fail then. They run on a copy of the sources; the checkout is never
touched. A unit test holds that each text is still there, so that the table cannot rot. Breaks of
what is not built (checkpoints of the history) wait for it.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
_NOT_COPIED: Final = (".git", "var", "__pycache__", ".venv*", ".*_cache", ".hypothesis")
_FAILED: Final = re.compile(r"^FAILED (\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One break: in ``file`` stands ``new`` for ``old``, and each of ``tests`` must fail."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


EVERY_ADDRESS = "tests/acceptance/test_every_address.py"
BINDING = "tests/acceptance/test_link_binding_and_format.py"
LINKS = "tests/acceptance/test_links.py"
SCOPES = "tests/acceptance/test_scopes.py"
PASSKEYS = "tests/browser/test_passkeys.py"
BACKUPS = "tests/faults/test_backups.py"
DOWNTIME = "tests/faults/test_downtime.py"
WRITES = "tests/faults/test_guarded_writes.py"
MAIL = "tests/faults/test_mail.py"
OVER_TIME = "tests/faults/test_mail_over_time.py"
COMPARING = "tests/integration/test_comparing.py"
HISTORY_GUARDS = "tests/integration/test_history_guards.py"
PIN_COUNTER = "tests/integration/test_pin_counter.py"
WITH_FACTOR = "tests/integration/test_signing_in_with_factor.py"
CALENDAR = "tests/unit/test_calendar.py"
COMMITTER = "tests/unit/test_committer.py"
HOLDERS = "tests/unit/test_holders.py"
UNIT_LINKS = "tests/unit/test_links.py"
MAIL_FORM = "tests/unit/test_mail_form.py"
PEOPLE = "tests/unit/test_people.py"
PERMISSIONS = "tests/unit/test_permissions.py"
VERIFY_HISTORY = "tests/unit/test_verify_history.py"

MUTANTS: Final = (
    # The outbox and its delivery.
    Mutant(
        name="no UNIQUE on the outbox key",
        file="workflow/store/migrations/versions/0001_schema.py",
        old='"dedupe_key", String(200), nullable=False, unique=True',
        new='"dedupe_key", String(200), nullable=False',
        tests=(f"{MAIL}::test_the_database_itself_takes_no_second_intent_under_one_key",),
    ),
    Mutant(
        name="a claimed letter may be claimed again",
        file="notifications/claims.py",
        old='        _outbox.next_at <= bindparam("now"),\n        _IS_FREE,',
        new='        _outbox.next_at <= bindparam("now"),',
        tests=(f"{OVER_TIME}::test_nobody_else_takes_a_letter_while_the_relay_is_waited_for",),
    ),
    Mutant(
        name="the lease is shorter than the relay is waited for",
        file="notifications/messages.py",
        old="LEASE = timedelta(seconds=45)",
        new="LEASE = timedelta(seconds=20)",
        tests=(f"{OVER_TIME}::test_nobody_else_takes_a_letter_while_the_relay_is_waited_for",),
    ),
    Mutant(
        name="marked as sent before it is",
        file="notifications/delivery.py",
        old="        attempts = await self._send_batch(batch)\n",
        new=(
            "        early = [Attempt(message=each, ending=Ending.SENT, detail='250')"
            " for each in batch.messages]\n"
            "        await self._database.write(SettleMessages(attempts=tuple(early)))\n"
            "        attempts = await self._send_batch(batch)\n"
        ),
        tests=(f"{MAIL}::test_greylisting_is_tried_again_later_with_the_same_message_id",),
    ),
    Mutant(
        name="a temporary refusal buries the letter",
        file="notifications/smtp.py",
        old="return Ending.RETRY if _is_transient(exc) else Ending.DEAD",
        new="return Ending.DEAD",
        tests=(
            f"{MAIL}::test_greylisting_is_tried_again_later_with_the_same_message_id",
            f"{OVER_TIME}::test_a_temporary_refusal_is_tried_for_days_and_given_up_in_the_end",
        ),
    ),
    Mutant(
        name="a wrong password at the relay buries the letters",
        file="notifications/smtp.py",
        old="(_enhanced(exc)):\n        return Ending.CHANNEL_PERMANENT",
        new="(_enhanced(exc)):\n        return Ending.DEAD",
        tests=(
            (
                f"{OVER_TIME}::test_a_relay_that_does_not_know_us_buries_nothing_and_the_office_"
                "hears_that_mail_waits"
            ),
        ),
    ),
    Mutant(
        name="a new Message-ID for each try",
        file="notifications/delivery.py",
        old="message_id=message.message_id,",
        new='message_id=f"<{time.monotonic_ns()}@so.example>",',
        tests=(
            f"{MAIL}::test_greylisting_is_tried_again_later_with_the_same_message_id",
            (
                f"{MAIL}::test_a_connection_lost_after_the_final_dot_may_double_but_is_known_as_"
                "the_same"
            ),
        ),
    ),
    Mutant(
        name="relevance is not asked again before sending",
        file="notifications/claims.py",
        old="if why is not None:",
        new="if why is not None and not message.person:",
        tests=(f"{OVER_TIME}::test_what_is_no_longer_relevant_when_it_is_to_leave_does_not",),
    ),
    Mutant(
        name="the link's address is built from the request",
        file="api/auth/callers.py",
        old='    """Return the process\'s parts."""\n',
        new=(
            '    """Return the process\'s parts."""\n'
            "    post = request.app.state.application.delivery._post\n"
            "    asked_at = 'http://' + request.headers['host']\n"
            "    object.__setattr__(post, 'base_url', asked_at)\n"
        ),
        tests=(
            (
                f"{OVER_TIME}::test_the_address_in_a_mail_is_the_agencys_whatever_host_a_request_"
                "names"
            ),
        ),
    ),
    # Reminders.
    Mutant(
        name="what came due while the server was down is not made up for",
        file="notifications/reminders.py",
        old="return last - _LOOKS_BACK if last is not None and last <= now else None",
        new="return now - _LOOKS_BACK if last is not None and last <= now else None",
        tests=(
            (
                f"{DOWNTIME}::test_after_days_without_a_server_each_person_gets_one_digest_of_the_"
                "latest_rung_in_working_hours"
            ),
        ),
    ),
    Mutant(
        name="every rung that passed goes, not the latest alone",
        file="workflow/deadlines/ladder.py",
        old="        key = (reminder.deadline, reminder.person, reminder.due_on)\n",
        new="        key = (reminder.deadline, reminder.person, str(reminder.rung))\n",
        tests=(
            (
                f"{CALENDAR}::test_after_downtime_only_the_latest_rung_goes_and_the_others_are_"
                "overtaken"
            ),
            (
                f"{DOWNTIME}::test_after_days_without_a_server_each_person_gets_one_digest_of_the_"
                "latest_rung_in_working_hours"
            ),
        ),
    ),
    Mutant(
        name="a report that is handed in overtakes no reminder",
        file="workflow/commands/decision_record.py",
        old="    _supersede_met(connection, planned)\n",
        new="",
        tests=(
            (
                f"{OVER_TIME}::test_a_reminder_that_waits_is_overtaken_by_the_report_in_the_"
                "transaction_that_hands_it_in"
            ),
        ),
    ),
    # One decision, one transaction.
    Mutant(
        name="history is written outside the transaction",
        file="workflow/commands/decision_record.py",
        old="    history.append_entries(\n",
        new="    connection.commit()\n    connection.begin()\n    history.append_entries(\n",
        tests=(
            (f"{WRITES}::test_a_decision_by_link_that_breaks_at_any_step_leaves_nothing_behind"),
        ),
    ),
    Mutant(
        name="a link is used up outside the transaction",
        file="workflow/commands/decision_record.py",
        old="    links.spend_links(connection, [_spent(each, now) for each in planned])\n",
        new=(
            "    links.spend_links(connection, [_spent(each, now) for each in planned])\n"
            "    connection.commit()\n    connection.begin()\n"
        ),
        tests=(
            (f"{WRITES}::test_a_decision_by_link_that_breaks_at_any_step_leaves_nothing_behind"),
        ),
    ),
    Mutant(
        name="the update does not compare the version",
        file="workflow/store/items.py",
        old='_MOVE = update_row(schema.items, known=("id", "state", "version"), new=_MOVED)',
        new='_MOVE = update_row(schema.items, known=("id", "state"), new=_MOVED)',
        tests=(f"{WRITES}::test_a_row_that_is_not_as_it_was_read_is_not_written",),
    ),
    Mutant(
        name="an item is read without its lock",
        file="workflow/store/items.py",
        old="order_by(_items.id).with_for_update(), _items.code)",
        new="order_by(_items.id), _items.code)",
        tests=(f"{WRITES}::test_whoever_decides_waits_for_whoever_decides_on_the_same_item",),
    ),
    Mutant(
        name="the end of a chain is read without its lock",
        file="workflow/store/history.py",
        old='        _LOCK.rows(connection, {"subject": subject})\n',
        new="        pass\n",
        tests=((f"{WRITES}::test_several_processes_append_to_one_chain_at_once_and_it_stays_one"),),
    ),
    # Links.
    Mutant(
        name="a link stays good when its item moves",
        file="workflow/links.py",
        old="    if link.step != step:\n        return LinkStatus.MOVED\n",
        new="",
        tests=(
            (
                f"{UNIT_LINKS}::test_a_link_is_live_up_to_the_instant_of_its_expiry_in_its_step_on_"
                "its_content"
            ),
            f"{BINDING}::test_the_link_of_an_item_returned_and_sent_again_decides_nothing",
        ),
    ),
    Mutant(
        name="half of the MAC is enough",
        file="workflow/links.py",
        old="_mac(keys, parsed.purpose, parsed.kid, bound), parsed.mac)",
        new="_mac(keys, parsed.purpose, parsed.kid, bound)[:16], parsed.mac[:16])",
        tests=(f"{UNIT_LINKS}::test_every_flipped_byte_of_a_token_is_refused",),
    ),
    Mutant(
        name="a link lives a day longer",
        file="workflow/links.py",
        old="if link.expires_at <= now:",
        new="if link.expires_at.date() < now.date():",
        tests=(
            (
                f"{UNIT_LINKS}::test_a_link_is_live_up_to_the_instant_of_its_expiry_in_its_step_on_"
                "its_content"
            ),
            (
                f"{OVER_TIME}::test_a_link_ends_with_the_very_instant_of_its_expiry_and_a_due_day_"
                "ends_none"
            ),
        ),
    ),
    Mutant(
        name="a link lives at the instant of its expiry",
        file="workflow/links.py",
        old="link.expires_at <= now",
        new="link.expires_at < now",
        tests=(
            (
                f"{UNIT_LINKS}::test_a_link_is_live_up_to_the_instant_of_its_expiry_in_its_step_on_"
                "its_content"
            ),
            (
                f"{OVER_TIME}::test_a_link_ends_with_the_very_instant_of_its_expiry_and_a_due_day_"
                "ends_none"
            ),
        ),
    ),
    Mutant(
        name="the step is not in the MAC",
        file="workflow/links.py",
        old="        str(link.step).encode(),\n",
        new="",
        tests=(f"{UNIT_LINKS}::test_a_token_is_bound_to_each_part_of_its_row",),
    ),
    Mutant(
        name="the content hash is not in the MAC",
        file="workflow/links.py",
        old="        link.content_hash.encode(),\n",
        new="",
        tests=(f"{UNIT_LINKS}::test_a_token_is_bound_to_each_part_of_its_row",),
    ),
    Mutant(
        name="opening a link with ?confirm=1 decides",
        file="api/web/pages/link.py",
        old="    _note_opening(request, opened.link)\n",
        new=(
            "    if 'confirm' in request.query_params:\n"
            "        asked = _command(opened.link, request.query_params)\n"
            "        await decide_with_factor(application(request), asked, factor_in({}))\n"
            "    _note_opening(request, opened.link)\n"
        ),
        tests=(f"{LINKS}::test_opening_a_link_any_way_changes_nothing",),
    ),
    # Signing in with a second factor, and what tokens are good for.
    Mutant(
        name="a session without its factor is whole",
        file="api/auth/sessions.py",
        old="return not self.needs_factor or self.factor in FACTORS",
        new="return True",
        tests=(f"{WITH_FACTOR}::test_a_password_alone_opens_nothing_where_power_is_wide",),
    ),
    Mutant(
        name="a password alone ends sessions that are proven",
        file="api/auth/sessions.py",
        old="if (each.factor is None) == (command.factor is None)]",
        new="]",
        tests=(
            f"{WITH_FACTOR}::test_a_password_ends_no_proven_session_and_awaits_for_minutes_only",
        ),
    ),
    Mutant(
        name="a token of before the position goes on",
        file="api/auth/account_events.py",
        old="            end_tokens(connection, person, self.clock())\n",
        new="            pass\n",
        tests=(f"{WITH_FACTOR}::test_a_session_of_before_the_position_does_not_go_on_with_it",),
    ),
    Mutant(
        name="a token's scopes are kept and not asked",
        file="api/auth/callers.py",
        old="            require_scope(by_token.scopes, request.method, template_of(request.scope))\n",
        new="            pass\n",
        tests=(f"{SCOPES}::test_every_operation_asks_for_its_scope_over_the_wire",),
    ),
    # The second factor.
    Mutant(
        name="a passkey's signature counts for any item",
        file="api/auth/passkey_challenges.py",
        old='f"{each.code} {each.version} {each.content_hash}"',
        new='""',
        tests=(
            (
                f"{PASSKEYS}::test_a_signature_counts_for_the_item_and_content_it_was_made_for_and_"
                "once"
            ),
        ),
    ),
    Mutant(
        name="a step of the authenticator serves twice",
        file="api/auth/factor_attempts.py",
        old='_credentials.totp_step < bindparam("step")',
        new='_credentials.totp_step <= bindparam("step")',
        tests=(
            (f"{WRITES}::test_a_step_of_an_authenticator_counts_once_however_many_judged_it_right"),
        ),
    ),
    Mutant(
        name="a new link gives further guesses of the PIN",
        file="workflow/store/links.py",
        old='    """Insert new links."""\n',
        new=(
            '    """Insert new links."""\n'
            "    connection.exec_driver_sql("
            '"UPDATE credentials SET failures = 0, locked_until = NULL")\n'
        ),
        tests=(
            (
                f"{PIN_COUNTER}::test_neither_a_new_link_nor_a_session_nor_a_right_password_gives_"
                "further_guesses"
            ),
        ),
    ),
    # The history and what guards it.
    Mutant(
        name="the verifier does not compare the hash before",
        file="workflow/history/verify_history.py",
        old='self.refuse(line["prev"] != subject.head,',
        new='self.refuse(line["prev"] == "",',
        tests=(f"{VERIFY_HISTORY}::test_each_kind_of_damage_is_tampering_and_names_its_entry",),
    ),
    Mutant(
        name="the verifier does not compute the hash",
        file="workflow/history/verify_history.py",
        old='self.refuse(hashed.hexdigest() != line["hash"],',
        new="self.refuse(not hashed,",
        tests=(
            f"{VERIFY_HISTORY}::test_each_kind_of_damage_is_tampering_and_names_its_entry",
            f"{HISTORY_GUARDS}::test_the_verifier_names_the_entry_when",
        ),
    ),
    Mutant(
        name="the database lets an entry take the place of another",
        file="workflow/store/migrations/versions/0001_schema.py",
        old="        OR EXISTS (SELECT 1 FROM history WHERE id = NEW.id)\n",
        new="",
        tests=(f"{HISTORY_GUARDS}::test_insert_or_replace_and_truncate_are_refused_too",),
    ),
    Mutant(
        name="a backup copies the file",
        file="api/cli/backups.py",
        old="origin.backup(copy)",
        new='__import__("shutil").copyfile(source, target)',
        tests=(f"{BACKUPS}::test_a_copy_holds_what_was_committed_and_is_not_yet_in_the_file",),
    ),
    # Who sees what.
    Mutant(
        name="everybody may export the history",
        file="api/auth/permissions.py",
        old="    if not may_read_history(asker.person):\n",
        new="    if asker is None:\n",
        tests=(EVERY_ADDRESS,),
    ),
    Mutant(
        name="a list and its sheet show every department",
        file="workflow/store/listing.py",
        old="    if scope.is_everything:\n        return query\n    if scope.department is None:",
        new="    if scope.is_everything or scope.department is not None:\n        return query\n    if scope.department is None:",
        tests=(
            (
                f"{EVERY_ADDRESS}::test_no_list_sheet_or_print_shows_what_belongs_to_another_"
                "department"
            ),
        ),
    ),
    Mutant(
        name="pages do not escape",
        file="api/web/environment.py",
        old="        autoescape=True,\n",
        new="        autoescape=False,\n",
        tests=(
            f"{EVERY_ADDRESS}::test_no_template_turns_escaping_off",
            f"{COMPARING}::test_markup_in_what_changed_is_only_text",
        ),
    ),
    Mutant(
        name="the page of an item does not escape its title",
        file="api/web/templates/item.html",
        old="<h1>{{ (view | row_title).full }}</h1>",
        new="<h1>{{ (view | row_title).full | safe }}</h1>",
        tests=(f"{EVERY_ADDRESS}::test_no_template_turns_escaping_off",),
    ),
    Mutant(
        name="HTML mail does not escape",
        file="notifications/rendering.py",
        old="autoescape=True)",
        new="autoescape=False)",
        tests=(MAIL_FORM,),
    ),
    # The pure core.
    Mutant(
        name="an author is found among the holders",
        file="workflow/rules/holders.py",
        old="        if person.id not in origin.barred\n",
        new="        if person.id not in origin.recused\n",
        tests=(f"{HOLDERS}::test_the_first_line_that_finds_somebody_present_wins",),
    ),
    Mutant(
        name="whoever is away holds like everybody else",
        file="workflow/rules/holders.py",
        old="for away in (directory.away, frozenset[PersonId]()):",
        new="for away in (frozenset[PersonId](),):",
        tests=(f"{HOLDERS}::test_the_first_line_that_finds_somebody_present_wins",),
    ),
    Mutant(
        name="a delegation outlives its last day",
        file="workflow/people/directory.py",
        old="        for each in delegations\n        if each.starts_on <= today <= each.ends_on\n",
        new="        for each in delegations\n        if each.starts_on <= today\n",
        tests=(f"{PEOPLE}::test_who_stands_in_today",),
    ),
    Mutant(
        name="a field kept to some is read by all",
        file="workflow/rules/visibility.py",
        old="return reader.id == author or reader.id in set(holders)",
        new="return True",
        tests=(f"{PERMISSIONS}::test_a_field_kept_to_some_is_read_by_these",),
    ),
    Mutant(
        name="everybody sees every department's items",
        file="workflow/people/permissions.py",
        old="is_everything=person.position in READS_ALL",
        new="is_everything=person.position is not Position.ADMIN",
        tests=(f"{PERMISSIONS}::test_who_sees_which_items",),
    ),
    Mutant(
        name="a broken set is not run again one by one",
        file="workflow/committer.py",
        old="            return self._one_by_one(commands, unknown=None)\n",
        new="            return [StorageError()] * len(commands)\n",
        tests=(f"{COMMITTER}::test_of_a_broken_set_only_the_broken_command_fails",),
    ),
    Mutant(
        name="two commands that contend share a set",
        file="workflow/committer.py",
        old="            if key is not None and key in seen:\n",
        new="            if key is None and key in seen:\n",
        tests=(f"{COMMITTER}::test_two_commands_that_contend_never_share_a_set",),
    ),
)


def occurrences(mutant: Mutant, root: Path = ROOT) -> int:
    """Return how often the text that a mutant replaces stands in its file."""
    path = root / mutant.file
    return path.read_text("utf-8").count(mutant.old) if path.exists() else 0


def main(names: Sequence[str]) -> int:
    """Run every mutant, or those whose name has one of ``names`` in it; return 0: all noticed."""
    chosen = [each for each in MUTANTS if not names or any(word in each.name for word in names)]
    if not chosen:
        print("No mutant has such a name.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder) / "sources"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*_NOT_COPIED))
        (copy / ".venv").symlink_to(sys.prefix)
        wanted = sorted({test for each in chosen for test in each.tests})
        if already := _failures(copy, wanted):
            print("These fail without any break:", *already, sep="\n  ")
            return 1
        survivors = [each.name for each in chosen if not _is_noticed(copy, each)]
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} breaks were noticed.")
    for name in survivors:
        print(f"  not noticed: {name}")
    return int(bool(survivors))


def _is_noticed(copy: Path, mutant: Mutant) -> bool:
    """Return whether each test of a mutant fails in ``copy`` while the break is there."""
    with _broken(copy, mutant):
        failed = _failures(copy, mutant.tests)
    missed = [
        test
        for test in mutant.tests
        if not any(each.startswith((f"{test}[", f"{test}::")) or each == test for each in failed)
    ]
    print(
        f"{'NOT NOTICED' if missed else 'noticed'}: {mutant.name}", *missed, sep="\n  ", flush=True
    )
    return not missed


@contextmanager
def _broken(copy: Path, mutant: Mutant) -> Iterator[None]:
    path = copy / mutant.file
    whole = path.read_text("utf-8")
    if whole.count(mutant.old) != 1:
        raise ValueError(f"{mutant.name}: its text does not stand exactly once in {mutant.file}")
    path.write_text(whole.replace(mutant.old, mutant.new), "utf-8")
    try:
        yield
    finally:
        path.write_text(whole, "utf-8")


def _failures(copy: Path, tests: Sequence[str]) -> list[str]:
    """Return which tests fail. Raises RuntimeError where they cannot even be run."""
    command = [sys.executable, "-m", "pytest", "-q", "-rf", "--tb=no", "-p", "no:cacheprovider"]
    ran = subprocess.run(  # noqa: PLW1510 - a failing test is what is looked for
        [*command, f"--basetemp={copy.parent / 'temporary'}", *tests],
        cwd=copy,
        capture_output=True,
        text=True,
    )
    if ran.returncode not in {0, 1}:
        raise RuntimeError(f"the tests could not be run:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return _FAILED.findall(ran.stdout)
