"""What pages read of what is pending. Nothing here writes."""

from workflow.store.proceedings import Proceeding, ProceedingCorrection

__all__ = ["Proceeding", "ProceedingCorrection"]
