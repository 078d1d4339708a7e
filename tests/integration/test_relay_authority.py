"""A mail server whose certificate an agency's own authority has signed."""

import asyncio
import ssl

import aiosmtplib
import pytest
import trustme

from api.settings import load_settings
from notifications.relay import parse_relay
from notifications.smtp import SmtpTransport


async def greeted(port, ca_file):
    relay = parse_relay(f"smtp://localhost:{port}?tls=implicit", ca_file)
    async with SmtpTransport(relay=relay, sender="thidua@so.example").session():
        return True


async def talk(reader, writer):
    writer.write(b"220 relay\r\n")
    while line := await reader.readline():
        is_over = line.upper().startswith(b"QUIT")
        writer.write(b"221 bye\r\n" if is_over else b"250 relay\r\n")
        await writer.drain()
        if is_over:
            break
    writer.close()


async def served(ca_file, context):
    server = await asyncio.start_server(talk, "localhost", 0, ssl=context)
    async with server:
        return await greeted(server.sockets[0].getsockname()[1], ca_file)


def test_the_authority_named_is_trusted_and_without_it_nobody_is(tmp_path):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    file = tmp_path / "chứng chỉ.pem"
    authority.cert_pem.write_to_path(str(file))
    settings = load_settings(data_dir=tmp_path, smtp_ca_file=file)
    assert asyncio.run(served(settings.smtp_ca_file, context))
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    for nobody in (None, other):
        with pytest.raises((aiosmtplib.SMTPException, OSError), match=r"(?i)certificate"):
            asyncio.run(served(nobody, context))
