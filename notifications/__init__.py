"""Who is told what, and when: outbox, rendering, transport, reminders, the clock. Imports nothing here."""
