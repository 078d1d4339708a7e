"""One example for each body that the interface takes; a test holds each against its body."""

from collections.abc import Mapping

_CAMPAIGN = "toan-dan-bao-ve-antq-2022"
_PERSON = "staff.htqt@so.example"

EXAMPLES: Mapping[str, Mapping[str, object]] = {
    "NewItem": {
        "type": "department_report",
        "campaign": _CAMPAIGN,
        "title": "Báo cáo sơ kết phong trào",
        "fields": {"period": "interim"},
    },
    "ItemChange": {"title": "Báo cáo sơ kết phong trào năm 2022", "fields": {"period": "interim"}},
    "TransitionRequest": {"transition": "approve", "version": 2, "comment": "Đồng ý."},
    "SignedCopyFile": {"file": "ban-ky.pdf", "form": "paper"},
    "AttachFile": {"file": "minh-chung.pdf"},
    "NewRequest": {"kind": "access", "words": "Đề nghị cho xem dữ liệu về tôi."},
    "Answering": {"state": "granted", "answer": "Đã cung cấp bản sao dữ liệu."},
    "NewHold": {"about": "item:DN-2022-0001", "reason": "Đang giải quyết khiếu nại."},
    "Lifting": {"reason": "Đã có kết luận."},
    "Erasing": {
        "of": "item:DN-2022-0001",
        "reason": "Theo yêu cầu của người được nêu tên.",
        "entries": [3],
    },
    "Removing": {"reason": "Hết thời hạn lưu."},
    "Recusal": {"reason": "Tôi là người thân của cá nhân được đề nghị."},
    "Reassigning": {
        "from": "head.htqt@so.example",
        "to": "deputy.htqt@so.example",
        "reason": "Trưởng phòng đi công tác dài ngày.",
    },
    "Question": {"of": "officer@so.example", "words": "Đề nghị cho ý kiến về thành tích này."},
    "Remark": {"words": "Đã bổ sung minh chứng."},
    "NewDeadline": {
        "campaign": _CAMPAIGN,
        "kind": "interim",
        "departments": ["lanh-su"],
        "due_at": "2022-06-15T17:00:00+07:00",
    },
    "DeadlineChange": {"due_at": "2022-06-17T17:00:00+07:00"},
    "Reminding": {"department": "lanh-su", "message": "Đề nghị phòng gửi báo cáo trong ngày."},
    "Gathering": {"code": "TH-2022-0001", "version": 2},
    "Snoozing": {"until": "2022-06-01"},
    "Asking": {"wanted_at": "2022-06-20T17:00:00+07:00", "why": "Chờ số liệu của đơn vị phối hợp."},
    "ExtensionDecision": {"granted": True, "answer": "Đồng ý."},
    "NewDocument": {
        "kind": "QĐ",
        "about": "Về việc khen thưởng phong trào thi đua năm 2022",
        "signer": "Giám đốc Sở",
        "recipients": "Như Điều 3; Ban Thi đua - Khen thưởng tỉnh",
    },
    "NewDossier": {
        "items": [{"code": "DN-2022-0001", "version": 5}, {"code": "DN-2022-0002", "version": 5}]
    },
    "NewDelegation": {
        "from": "director@so.example",
        "to": "deputy.director@so.example",
        "starts_on": "2022-05-10",
        "ends_on": "2022-05-20",
        "document": "12/QĐ-SNV",
    },
    "NewAbsence": {"person": _PERSON, "starts_on": "2022-05-10", "ends_on": "2022-05-12"},
    "NewPerson": {
        "email": "new.ls@so.example",
        "name": "Chuyên viên mới",
        "position": "staff",
        "department": "lanh-su",
    },
    "PersonChange": {"position": "deputy"},
    "Confirming": {"pin": "246810"},
    "Rejecting": {"comment": "Chưa có quyết định bổ nhiệm."},
    "NewFinding": {
        "entry": "item:DN-2022-0001@3",
        "title": "Duyệt ngoài giờ",
        "words": "Đề nghị cho biết vì sao hồ sơ được duyệt ngoài giờ làm việc.",
        "addressee": "head.htqt@so.example",
    },
    "FindingNoting": {"words": "Đã làm rõ.", "closes": True},
    "NewProceeding": {
        "kind": "inspection",
        "since": "2022-05-01",
        "document": "Quyết định số 12/QĐ-TTr",
        "document_on": "2022-05-01",
        "department": "lanh-su",
    },
    "ProceedingEnding": {
        "outcome": "cleared",
        "ended_on": "2022-05-20",
        "document": "Kết luận số 15/KL-TTr",
        "document_on": "2022-05-20",
    },
    "ProceedingCorrecting": {
        "end": {
            "outcome": "settled",
            "ended_on": "2022-05-20",
            "document": "Kết luận số 15/KL-TTr",
            "document_on": "2022-05-20",
        },
        "reason": "Ghi nhầm kết quả của Kết luận",
    },
    "NewAmendment": {"how": "correction", "unit": "VP", "reason": "Sai thể thức"},
    "NewDelivery": {"reference": "EB123456789VN", "delivered_on": "2022-05-04"},
    "SealedCopy": {"sha256": "0" * 64},
    "NewPastAwards": {
        "awards": [
            {
                "nominee": "Phòng Lãnh sự",
                "kind": "collective",
                "award": "tt_ldtt",
                "number": "25/QĐ-SNgV",
                "decided_on": "2019-12-20",
                "department": "lanh-su",
            }
        ]
    },
    "PastAwardWithdrawing": {"reason": "Nhập nhầm số quyết định", "whole": True},
    "NewInspection": {
        "campaign": _CAMPAIGN,
        "department": "lanh-su",
        "on_day": "2022-06-10",
        "inspectors": ["officer@so.example"],
        "about": "Việc phổ biến Kế hoạch",
    },
    "InspectionNoting": {"outcome": "cancelled", "words": "Hoãn kiểm tra."},
    "DepartmentName": {"name": "Phòng Lãnh sự và Kiều bào"},
    "NewDepartment": {"id": "thanh-tra", "name": "Thanh tra Sở"},
    "NewMerit": {
        "campaign": _CAMPAIGN,
        "recognition": "giay-khen",
        "whose_kind": "individual",
        "whose": "Chuyên viên phòng Lãnh sự",
        "what": "Phát hiện và báo tin kịp thời",
        "happened_on": "2022-05-03",
    },
    "NewRound": {
        "campaign": _CAMPAIGN,
        "title": "Xét khen thưởng cuối năm 2022",
        "held_on": "2022-12-15",
        "voting": "secret",
        "quorum": "2/3",
        "threshold": "80",
        "members": [
            {"email": "director@so.example", "role": "chair"},
            {"email": "chief@so.example", "role": "secretary"},
            {"email": "head.htqt@so.example"},
        ],
        "cases": [{"code": "DN-2022-0001"}],
    },
    "RoundMembers": {
        "members": [
            {"email": "director@so.example", "role": "chair"},
            {"email": "chief@so.example", "role": "secretary"},
            {"email": "head.ls@so.example", "attendance": "written"},
        ]
    },
    "CastPaper": {"run": 1, "choices": {"DN-2022-0001": "agree"}},
    "BoxCodes": {"codes": ["ABCD-EFGH-IJKL-MNOP-QRST-UVWX", "YZ23-4567-ABCD-EFGH-IJKL-MNOP"]},
    "RoundWords": {"words": "Đề nghị kiểm phiếu lại."},
    "ChallengeReply": {"words": "Đã kiểm lại, kết quả không đổi."},
    "MeritNoting": {"standing": "followed", "words": "Đã xác minh."},
}
