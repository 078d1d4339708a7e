"""What pages and API read of findings. Nothing here writes."""

from workflow.store.findings import (
    AuditFinding,
    FindingNote,
    findings_at,
    newest_findings,
    notes_of,
)

__all__ = ["AuditFinding", "FindingNote", "findings_at", "newest_findings", "notes_of"]
