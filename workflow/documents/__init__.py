"""Documents: what they say, by kind, and from a template of the agency to a PDF."""

from workflow.documents.edxml import EdxmlFile, EdxmlMessage, Organ, edxml
from workflow.documents.elements import OfficialDocument, data_of
from workflow.documents.qr_codes import qr_svg
from workflow.documents.typesetting import FONTS, typeset, typeset_official

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
