"""What pages read of inspections. Nothing here writes."""

from workflow.store.inspections import CANCELLED, MENDED, RECORDED, Inspection

__all__ = ["CANCELLED", "MENDED", "RECORDED", "Inspection"]
