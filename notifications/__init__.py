"""Who is told what, and when: outbox, letters, transport, reminders, the clock."""
