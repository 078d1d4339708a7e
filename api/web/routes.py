"""The routes of the website: every page, by what it is about.

Owns which pages there are. It shows nothing itself; what it adds, the modules of ``pages`` answer.
"""

from pathlib import Path

from fastapi import Depends, FastAPI

from api.auth.callers import is_trial
from api.composition import Application
from api.web import hints
from api.web.menu import count_menu
from api.web.pages import (
    attention,
    audit,
    autosave,
    award_statistics,
    awards,
    back_planning,
    board,
    booth,
    calendar,
    calendar_change,
    campaigns,
    certificate,
    check,
    deadlines,
    decide,
    definition_changes,
    definition_editor,
    definition_migration,
    definitions,
    delegations,
    demo,
    documents,
    dossiers,
    erasing,
    evaluation,
    extensions,
    factors,
    feeds,
    findings,
    gathering,
    help_topics,
    history,
    inspections,
    item,
    item_actions,
    item_files,
    item_form,
    items_board,
    languages,
    link,
    link_actions,
    lists,
    merits,
    more,
    nominee_list,
    own_data,
    package_link,
    past_agency,
    past_awards,
    people,
    people_import,
    printing,
    privacy,
    proceedings,
    proposals,
    register,
    remind_group,
    remind_now,
    reminders,
    round_form,
    rounds,
    sending,
    set_deadline,
    set_up,
    sign_in,
    sign_in_code,
    together,
    versions,
    work,
)
from api.web.static_files import Assets

_ABOUT_AWARDS = (
    past_awards,
    awards,
    award_statistics,
    evaluation,
    booth,
    round_form,
    rounds,
)
_ABOUT_ITEMS = (
    nominee_list,
    item_form,
    item_files,
    sending,
    item,
    decide,
    printing,
    certificate,
    documents,
    versions,
    gathering,
)


def add_pages(app: FastAPI, parts: Application) -> None:
    """Add every page to the application; the demo's pages only in the demo, on this machine."""
    app.mount("/static", Assets(directory=Path(__file__).parent / "static"), name="static")
    framed = [Depends(count_menu)]
    about_lists = (work, autosave, item_actions, together, lists, items_board)
    by_link = (link, link_actions, package_link)
    about_deadlines = (
        board,
        calendar,
        calendar_change,
        back_planning,
        extensions,
        deadlines,
        set_deadline,
        remind_now,
        reminders,
        attention,
        remind_group,
        feeds,
    )
    accounts = (sign_in, sign_in_code, set_up, factors)
    about_people = (*accounts, people_import, people, delegations, merits, campaigns)
    about_history = (past_agency, history, audit, findings, inspections, proceedings, check)
    about_data = (privacy, erasing, own_data, register, dossiers)
    for module in (
        *about_people,
        *about_lists,
        *_ABOUT_ITEMS,
        *by_link,
        *about_deadlines,
        *_ABOUT_AWARDS,
        *about_data,
        *about_history,
        proposals,
        definition_changes,
        definition_editor,
        definition_migration,
        definitions,
        help_topics,
        hints,
        languages,
        more,
    ):
        is_framed = module not in by_link
        app.include_router(
            module.router, include_in_schema=False, dependencies=framed if is_framed else []
        )
    if is_trial(parts):
        app.include_router(demo.router, include_in_schema=False, dependencies=framed)
