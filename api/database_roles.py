"""The roles of a PostgreSQL database, as the settings name them: who owns it, and who serves.

Owns what ``init`` sets up where the owner has an address of its own, what is said where it cannot,
and what is said of guards and rights that are not as they were set up.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, make_url

from api.program_name import program
from api.settings import Settings
from notifications.translation import translate
from workflow.errors import InvalidInputError, UsageError
from workflow.messages import lazy
from workflow.store import guards, migrating, roles
from workflow.store.engines import opened_engines


def require_two_roles(settings: Settings) -> None:
    """Raise UsageError unless owner and server are two roles of one PostgreSQL database."""
    if not settings.database_owner_url:
        return
    owner, server = make_url(settings.database_owner_url), make_url(settings.url)
    places = [(each.host, each.port or 5432, each.database) for each in (owner, server)]
    is_one = places[0] == places[1] and owner.get_backend_name() == server.get_backend_name()
    if settings.is_sqlite or not is_one or not server.username or owner.username == server.username:
        raise UsageError(
            lazy(
                "THIDUA_DATABASE_OWNER_URL and THIDUA_DATABASE_URL must name two roles of one "
                "PostgreSQL database. Mend the settings."
            )
        )


def roles_sql(settings: Settings) -> list[str]:
    """Return the statements that create the roles, for whoever may run them. Raises UsageError."""
    require_two_roles(settings)
    server = make_url(settings.url)
    if settings.is_sqlite or not server.username:
        raise UsageError(
            lazy(
                "Roles are for PostgreSQL. Name the server's in THIDUA_DATABASE_URL, like "
                "postgresql://thidua_app:password@host/database."
            )
        )
    return roles.creation(server.username, roles.reader_of(server.database or ""))


def prepare_roles(settings: Settings) -> None:
    """Create the roles that there are not. Raises InvalidInputError where that cannot be."""
    if not settings.database_owner_url:
        return
    server = make_url(settings.url)
    reader = roles.reader_of(server.database or "")
    with opened_engines(settings.owner_url) as owner, owner.write.begin() as connection:
        lacking = roles.missing(connection, server.username or "", reader)
        if lacking and not roles.may_create(connection):
            raise InvalidInputError(
                lazy(
                    "{role} may not create roles, and there is no {lacking}. Let the database's "
                    "administrator run what this prints: {command} init --roles-sql. Then run "
                    "init again.",
                    role=make_url(settings.owner_url).username,
                    lacking=", ".join(lacking),
                    command=program(),
                )
            )
        for name in lacking:
            is_server = name == server.username
            password = server.password if is_server else None
            roles.create(connection, name, password=password, can_login=is_server)


def grant_roles(settings: Settings) -> None:
    """Give the roles what is theirs of the present tables; nothing where there is one role only."""
    if not settings.database_owner_url:
        return
    server = make_url(settings.url)
    with opened_engines(settings.owner_url) as owner, owner.write.begin() as connection:
        if migrating.current_revision(connection) == migrating.newest_revision():
            roles.grant(connection, server.username or "", roles.reader_of(server.database or ""))


def role_in_words(connection: Connection) -> tuple[str, bool]:
    """Return a line about whom the server is connected as, and whether that is well."""
    found = roles.server_role(connection)
    if not found.owns:
        sentence = translate(
            "The server's role {role} may only add to the history, and owns no table.",
            role=found.name,
        )
        return sentence, True
    return (
        translate(
            "The server is connected as {role}, which owns the tables and could take the guards "
            "of the history away. Name the owner in THIDUA_DATABASE_OWNER_URL and another role "
            "in THIDUA_DATABASE_URL, then run: {command} init.",
            role=found.name,
            command=program(),
        ),
        False,
    )


def missing_guards_in_words(connection: Connection) -> Iterator[str]:
    """Yield a sentence for each table that the database guards less than it should."""
    for table, names in guards.missing_guards(connection).items():
        yield translate(
            "The table {table} is without its guards {names}, so the database no longer refuses "
            "changes that the program never makes: somebody who owns it took them away. Verify the "
            "history ({command} history verify), then restore a backup into a new database, which "
            "has them all.",
            table=table,
            names=", ".join(names),
            command=program(),
        )
    if connection.dialect.name == "sqlite" or roles.server_role(connection).owns:
        return
    for table, acts in roles.excess(connection).items():
        yield translate(
            "The server's role may do more to the table {table} than the program needs ({acts}): "
            "somebody gave it that right. Take it back by running {command} init as the owner.",
            table=table,
            acts=", ".join(acts),
            command=program(),
        )
