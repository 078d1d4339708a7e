"""Floor B: the raw driver writing the very rows that one of our decisions writes, on the same schema and triggers.

``same_rows`` tells whether it still does.
"""

import asyncio
import hashlib
import queue
import secrets
import threading
from typing import Any

from tests.bench.floor_a import named

SELECT = "SELECT id, code, state, version, step, content_hash, due_at, since, seq, head FROM items WHERE code = {code}"
SEEN = "SELECT subject, seq FROM history WHERE command_id = {command}"
MOVE = (
    "UPDATE items SET state = 'department_approved', version = version + 1, step = step + 1, due_at = {due}, since = {now}, seq = seq + 1, head = {hash} "
    "WHERE id = {id} AND state = 'submitted' AND version = 2"
)
HISTORY = (
    "INSERT INTO history (subject, seq, prev, hash, body, item_id, type, actor, at, decided_version, command_id, command_digest, transition, via, method) "
    "VALUES ({subject}, 3, {prev}, {hash}, {body}, {id}, 'transition', {actor}, {now}, 2, {command}, 'd', 'approve_department', 'api', 'token')"
)
SPEND = "UPDATE links SET used_at = {now}, used_entry = 3 WHERE item_id = {id} AND step = 2 AND person = {actor} AND used_at IS NULL"
DROP = "DELETE FROM holders WHERE item_id = {id}"
HOLD = "INSERT INTO holders (item_id, person, on_behalf_of, due_at, since) VALUES ({id}, {holder}, NULL, {due}, {now})"
MAIL = (
    "INSERT INTO outbox (dedupe_key, message_id, kind, person, item_id, params, state, attempts, possible_duplicates, next_at, scheduled_at, due_at, created_at) "
    "VALUES ({key}, {message}, 'task', {holder}, {id}, {params}, 'new', 0, 0, {now}, {now}, {now}, {now}) ON CONFLICT DO NOTHING"
)
NOW, DUE = "2022-05-04T01:00:00.000000Z", "2022-05-09T10:00:00.000000Z"
PARAMS = (
    '{"step":3,"content_hash":"' + "a" * 64 + '","state":"department_approved","why":"entered"}'
)


class Floor:
    """The statements of one decision on a raw connection."""

    def __init__(
        self, connection: Any, kind: str, *, body: str, actor: int, holders: tuple[int, int]
    ) -> None:
        self.connection = connection
        self.kind = kind
        self.body = body
        self.actor = actor
        self.holders = holders
        self.sql = {
            name: named(text, kind)
            for name, text in globals().items()
            if name.isupper() and isinstance(text, str) and "{" in text and name != "PARAMS"
        }

    def decide(self, codes: list[str]) -> None:
        """Decide on ``codes`` in one transaction."""
        cursor = self.connection.cursor()
        if self.kind == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
        rows, sql = [], self.sql
        for code in codes:
            command = secrets.token_hex(8)
            cursor.execute(
                sql["SELECT"] + (" FOR UPDATE" if self.kind != "sqlite" else ""), {"code": code}
            )
            item = cursor.fetchone()
            cursor.execute(sql["SEEN"], {"command": command})
            cursor.fetchall()
            digest = hashlib.sha256(b"\x02" + bytes(item[9]) + self.body.encode()).digest()
            rows.append(
                {
                    "id": item[0],
                    "subject": f"item:{code}",
                    "prev": bytes(item[9]),
                    "hash": digest,
                    "body": self.body,
                    "actor": self.actor,
                    "now": NOW,
                    "due": DUE,
                    "command": command,
                }
            )
        cursor.executemany(sql["MOVE"], rows)
        assert cursor.rowcount == len(rows)
        cursor.executemany(sql["HISTORY"], rows)
        cursor.executemany(sql["SPEND"], rows)
        cursor.executemany(sql["DROP"], rows)
        cursor.executemany(
            sql["HOLD"], [{**row, "holder": holder} for row in rows for holder in self.holders]
        )
        mails = [
            {
                **row,
                "holder": holder,
                "key": f"{row['subject']}:{holder}",
                "message": f"<{row['subject']}:{holder}@x>",
                "params": PARAMS,
            }
            for row in rows
            for holder in self.holders
        ]
        cursor.executemany(sql["MAIL"], mails)
        cursor.close()
        if self.kind == "sqlite":
            self.connection.execute("COMMIT")
        else:
            self.connection.commit()


class RawCommitter:
    """The smallest group commit: one thread, what is waiting, one transaction, one wake-up."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.sets = 0
        self.waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self) -> None:
        while (first := self.waiting.get()) is not None:
            batch = [first]
            while len(batch) < 64:
                try:
                    each = self.waiting.get_nowait()
                except queue.Empty:
                    break
                if each is None:
                    self.waiting.put(None)
                    break
                batch.append(each)
            self.floor.decide([code for code, _, _ in batch])
            self.sets += 1
            loop = batch[0][2]
            loop.call_soon_threadsafe(
                lambda done=batch: [future.set_result(True) for _, future, _ in done]
            )

    async def decide(self, code: str) -> None:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self.waiting.put((code, future, loop))
        await future

    def close(self) -> None:
        self.waiting.put(None)
        self.thread.join()
