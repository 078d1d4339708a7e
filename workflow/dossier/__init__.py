"""Documents: from data and a template of the agency to a PDF."""

from workflow.dossier.qr_codes import qr_svg
from workflow.dossier.typesetting import FONTS, typeset

__all__ = ["FONTS", "qr_svg", "typeset"]
