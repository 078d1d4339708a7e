"""Awards of earlier years: their import from a sheet."""

import argparse
import secrets

from api.cli.context import opened, operator_cause
from api.past_award_sheet import past_awards_in_file
from notifications.translation import translate
from workflow.commands.past_awards import AwardImport, ImportAwards
from workflow.model import Via


def import_file(options: argparse.Namespace) -> int:
    """Import awards from a sheet: all rows or, with every problem named by row, none."""
    with opened(options) as parts:
        rows = past_awards_in_file(options.file, parts.context.awards)
        cause = operator_cause(f"import:{secrets.token_hex(16)}", via=Via.IMPORT)
        report = parts.database.write_blocking(ImportAwards(rows=rows, cause=cause))
    if not isinstance(report, AwardImport):
        raise TypeError("the command line acts at once")
    print(
        translate(
            "Awards added: {added}; here already: {known}. Every auditor is told.",
            added=report.added,
            known=report.known,
        )
    )
    return 0
