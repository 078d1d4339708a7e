"""A time-stamping authority (RFC 3161) on loopback: its own root, one certificate, real answers."""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SEQUENCE, SET, INTEGER, OCTETS, OID, NULL, TIME = 0x30, 0x31, 0x02, 0x04, 0x06, 0x05, 0x18
SHA256 = "2.16.840.1.101.3.4.2.1"
RSA = "1.2.840.113549.1.1.1"
SIGNED_DATA = "1.2.840.113549.1.7.2"
TST_INFO = "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.47"


def der(tag, *parts):
    """Return one DER element."""
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    count = (size.bit_length() + 7) // 8
    return bytes([tag, 0x80 | count]) + size.to_bytes(count, "big") + body


def integer(value):
    return der(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted):
    first, second, *rest = map(int, dotted.split("."))
    out = [first * 40 + second]
    for each in rest:
        group = [each & 0x7F]
        while each := each >> 7:
            group.insert(0, 0x80 | each & 0x7F)
        out += group
    return der(OID, bytes(out))


def elements(body):
    """Return tag, content and whole bytes of each element of a DER body."""
    found = []
    while body:
        size, start = body[1], 2
        if size & 0x80:
            start += size & 0x7F
            size = int.from_bytes(body[2:start], "big")
        found.append((body[0], body[start : start + size], body[: start + size]))
        body = body[start + size :]
    return found


def certificate(subject, issuer, key, signer, *, extensions):
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=30))
    )
    for value, is_critical in extensions:
        builder = builder.add_extension(value, critical=is_critical)
    return builder.sign(signer, hashes.SHA256())


class Authority:
    """Whoever stamps: ``root`` is what its readers trust; ``says`` breaks an answer on purpose."""

    def __init__(self, name="Test TSA"):
        root_key = rsa.generate_private_key(65537, 2048)
        self._key = rsa.generate_private_key(65537, 2048)
        self.root = certificate(
            f"{name} root",
            f"{name} root",
            root_key,
            root_key,
            extensions=[(x509.BasicConstraints(ca=True, path_length=None), True)],
        )
        self._own = certificate(
            name,
            f"{name} root",
            self._key,
            root_key,
            extensions=[(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True)],
        )
        self.asked = 0
        self.says = lambda answer: answer
        self.nonce = True
        self.raw = None
        """What is sent in an answer's stead, as it stands: its pieces, one every 0.2 seconds."""
        self.pieces = 0
        """How many of them have been sent of the last one."""

    @property
    def pem(self):
        return self.root.public_bytes(Encoding.PEM)

    def answer(self, request):
        """Return the TimeStampResp to a TimeStampReq."""
        self.asked += 1
        ((_, body, _),) = elements(request)
        parts = elements(body)
        imprint = parts[1][2]
        nonce = next((whole for tag, _, whole in parts[2:] if tag == INTEGER), b"")
        now = datetime.now(UTC).strftime("%Y%m%d%H%M%SZ").encode()
        info = der(
            SEQUENCE,
            integer(1),
            oid("1.2.3.4.1"),
            imprint,
            integer(self.asked),
            der(TIME, now),
            nonce if self.nonce else b"",
        )
        token = der(SEQUENCE, oid(SIGNED_DATA), der(0xA0, self._signed(info)))
        return self.says(der(SEQUENCE, der(SEQUENCE, integer(0)), token))

    def _signed(self, info):
        sha256 = der(SEQUENCE, oid(SHA256), der(NULL))
        raw = self._own.public_bytes(Encoding.DER)
        essence = der(SEQUENCE, der(SEQUENCE, der(OCTETS, hashlib.sha256(raw).digest())))
        attributes = b"".join(
            sorted(
                der(SEQUENCE, oid(name), der(SET, value))
                for name, value in (
                    (CONTENT_TYPE, oid(TST_INFO)),
                    (MESSAGE_DIGEST, der(OCTETS, hashlib.sha256(info).digest())),
                    (SIGNING_CERTIFICATE, der(SEQUENCE, essence)),
                )
            )
        )
        signature = self._key.sign(der(SET, attributes), padding.PKCS1v15(), hashes.SHA256())
        signer = der(
            SEQUENCE,
            integer(1),
            der(SEQUENCE, self._own.issuer.public_bytes(), integer(self._own.serial_number)),
            sha256,
            der(0xA0, attributes),
            der(SEQUENCE, oid(RSA), der(NULL)),
            der(OCTETS, signature),
        )
        return der(
            SEQUENCE,
            integer(3),
            der(SET, sha256),
            der(SEQUENCE, oid(TST_INFO), der(0xA0, der(OCTETS, info))),
            der(0xA0, raw),
            der(SET, signer),
        )


@contextmanager
def stamping(authority: Authority) -> Iterator[str]:
    """Serve an authority on loopback; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = authority.answer(self.rfile.read(int(self.headers["Content-Length"])))
            if authority.raw is not None:
                with suppress(OSError):
                    for number, each in enumerate(authority.raw, 1):
                        self.wfile.write(each)
                        authority.pieces = number
                        time.sleep(0.2)
                self.close_connection = True
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsr"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
