"""The command demo: a trial on this machine, to click through or played without a person."""

import argparse
import logging
import sys

from api.app import create_app
from api.cli.demo.campaign import play_until
from api.cli.demo.demo import FOLDER, open_demo
from api.cli.demo.headless import play_headless
from api.cli.demo.interface import FailedError
from api.logs import configure_logs
from api.server.run import beside, bound_socket, free_port, handles_of, server
from notifications.translation import translate


def demo(options: argparse.Namespace) -> int:
    """Run the demo, or play the main job without a person."""
    configure_logs(logging.WARNING)
    port = free_port(None if options.headless else options.port)
    listening = None if options.headless else bound_socket("127.0.0.1", port)
    folder = options.data
    if options.at is not None:
        folder = folder or FOLDER.with_name(f"{FOLDER.name}-{options.at}")
        try:
            play_until(folder, port, options.at, _say)
        except FailedError as exc:
            print(translate("Not reached: {exc}", exc=exc), file=sys.stderr)
            return 1
    with open_demo(folder, port) as running:
        app = create_app(running.parts, mailbox=running.mailbox)
        base_url = running.parts.settings.base_url
        if listening is not None:
            _introduce(base_url)
            server(app).run(handles_of(listening))
            return 0
        with beside(app, port) as loop:
            try:
                play_headless(running, base_url, loop, _say)
            except FailedError as exc:
                print(translate("Not reached: {exc}", exc=exc), file=sys.stderr)
                return 1
    print(translate("Done: every step is right."))
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


def _introduce(base_url: str) -> None:
    print(
        translate(
            "Bản dùng thử đang chạy / the demo is running:\n  Trang web (web)        "
            "{base_url}\n  Hộp thư (mailbox)      {base_url}/demo/mailbox\nVào "
            "{base_url}/sign-in và chọn một vai / choose a role to sign in:\n  chuyên "
            "viên staff.htqt@so.example · trưởng phòng head.htqt@so.example · Văn "
            "phòng officer@so.example\n  Giám đốc director@so.example (PIN 246810) · "
            "văn thư clerk@so.example · kiểm tra auditor@so.example\nDừng: Ctrl+C / "
            "stop with Ctrl+C",
            base_url=base_url,
        ),
        flush=True,
    )
