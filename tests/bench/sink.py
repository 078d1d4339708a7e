"""A relay that takes every letter and keeps none, as lean as it can be: ``python -m tests.bench.sink PORT``."""

import asyncio
import sys
from typing import cast

import uvloop

_ANSWERS = {b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 0\r\n"}
_END = b"\r\n.\r\n"


class Sink(asyncio.Protocol):
    """One connection; several commands and letters may come together."""

    def __init__(self) -> None:
        self._rest = b""
        self._in_letter = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._answer(b"220 sink\r\n")

    def _answer(self, line: bytes) -> None:
        self._transport.write(line)

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while True:
            end = _END if self._in_letter else b"\r\n"
            head, found, rest = self._rest.partition(end)
            if not found:
                return
            self._rest = rest
            if self._in_letter:
                self._in_letter = False
                self._answer(b"250 taken\r\n")
            else:
                self._command(head[:4].upper())

    def _command(self, verb: bytes) -> None:
        if verb == b"DATA":
            self._in_letter = True
            self._answer(b"354 go on\r\n")
        elif verb == b"QUIT":
            self._answer(b"221 bye\r\n")
            self._transport.close()
        else:
            self._answer(_ANSWERS.get(verb, b"250 ok\r\n"))


async def _main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_main(int(sys.argv[1])))
