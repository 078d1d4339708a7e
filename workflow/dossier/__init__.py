"""Documents: what they say, by kind, and from a template of the agency to a PDF."""

from workflow.dossier.documents import OfficialDocument, data_of
from workflow.dossier.edxml import EdxmlFile, EdxmlMessage, Organ, edxml
from workflow.dossier.qr_codes import qr_svg
from workflow.dossier.typesetting import FONTS, typeset, typeset_official

__all__ = [
    "FONTS",
    "EdxmlFile",
    "EdxmlMessage",
    "OfficialDocument",
    "Organ",
    "data_of",
    "edxml",
    "qr_svg",
    "typeset",
    "typeset_official",
]
