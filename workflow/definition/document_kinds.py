"""The kinds of administrative documents: each abbreviation and its name (NĐ 30/2020, Phụ lục III).

Names of law: a document is headed by them in Vietnamese, whatever its reader's language.
"""

from typing import Annotated

from pydantic import StringConstraints

from workflow.definition.parts import Label, Part

OFFICIAL_NAMES = {
    "NQ": "Nghị quyết",
    "QĐ": "Quyết định",
    "CT": "Chỉ thị",
    "QC": "Quy chế",
    "QyĐ": "Quy định",
    "TC": "Thông cáo",
    "TB": "Thông báo",
    "HD": "Hướng dẫn",
    "CTr": "Chương trình",
    "KH": "Kế hoạch",
    "PA": "Phương án",
    "ĐA": "Đề án",
    "DA": "Dự án",
    "BC": "Báo cáo",
    "BB": "Biên bản",
    "TTr": "Tờ trình",
    "HĐ": "Hợp đồng",
    "CĐ": "Công điện",
    "BGN": "Bản ghi nhớ",
    "BTT": "Bản thỏa thuận",
    "GUQ": "Giấy ủy quyền",
    "GM": "Giấy mời",
    "GGT": "Giấy giới thiệu",
    "GNP": "Giấy nghỉ phép",
    "PG": "Phiếu gửi",
    "PC": "Phiếu chuyển",
    "PB": "Phiếu báo",
}
DECISION = "QĐ"
LETTER = "CV"
"""How a công văn is called here: on paper it has no abbreviation of its kind (Phụ lục III)."""
NAMES = {**OFFICIAL_NAMES, LETTER: "Công văn"}
"""The kinds of documents that a register of outgoing documents knows."""
Abbreviation = Annotated[str, StringConstraints(pattern=r"^[A-Za-zĐđ]{1,5}$")]


class DocumentKind(Part):
    """The official document an item becomes: its kind (NĐ 30/2020, Phụ lục III) and its name."""

    kind: Abbreviation
    label: Label

    @property
    def name(self) -> str:
        """Return what stands at the head of such a document: its official name, else its label."""
        return OFFICIAL_NAMES.get(self.kind, self.label.vi)
