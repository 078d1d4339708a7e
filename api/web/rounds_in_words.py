"""What the choices of a round are called on pages."""

from collections.abc import Mapping

from workflow.messages import Message, lazy
from workflow.voting import Attendance, MeetingForm, Role, RoundState, Voting

MEETINGS: Mapping[MeetingForm, Message] = {
    MeetingForm.MEETING: lazy("Meeting"),
    MeetingForm.WRITTEN: lazy("Opinions in writing"),
}
VOTINGS: Mapping[Voting, Message] = {
    Voting.SECRET: lazy("Secret ballot"),
    Voting.OPEN: lazy("Open vote"),
}
ROLES: Mapping[Role, Message] = {
    Role.CHAIR: lazy("Chair"),
    Role.SECRETARY: lazy("Secretary"),
    Role.MEMBER: lazy("Member"),
}
ATTENDANCES: Mapping[Attendance, Message] = {
    Attendance.PRESENT: lazy("Present"),
    Attendance.WRITTEN: lazy("In writing"),
    Attendance.ABSENT: lazy("Absent"),
}
STATES: Mapping[RoundState, Message] = {
    RoundState.PREPARED: lazy("Being prepared"),
    RoundState.VOTING: lazy("Voting"),
    RoundState.COUNTED: lazy("Counted, not closed yet"),
    RoundState.CLOSED: lazy("Round closed"),
    RoundState.CANCELLED: lazy("Given up"),
}
TONES: Mapping[RoundState, str] = {
    RoundState.PREPARED: "plain",
    RoundState.VOTING: "waiting",
    RoundState.COUNTED: "waiting",
    RoundState.CLOSED: "done",
    RoundState.CANCELLED: "soft",
}
