"""The clock of a process: real time, or time that starts elsewhere and runs on."""

from datetime import UTC, datetime, timedelta


class RunningClock:
    """Tells the time with an offset; the demo moves it forward, never back."""

    def __init__(self, starts_at: datetime | None = None) -> None:
        self._offset = timedelta(0) if starts_at is None else starts_at - datetime.now(UTC)

    def now(self) -> datetime:
        """Return the instant, aware, in UTC."""
        return datetime.now(UTC) + self._offset

    def advance(self, by: timedelta) -> None:
        """Move forward by ``by``."""
        self._offset += max(by, timedelta(0))


class FixedClock:
    """Tells one instant, for ``tick --now``."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant."""
        return self._moment
