"""``/metrics``: who may read it, that Prometheus can, and that its figures follow what happens, of all workers together."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event

from api.bootstrap import ROOT
from api.clock import RunningClock
from api.server.run import free_port
from tests.commands import Command, run_command
from tests.conftest import KEYS, STARTS_AT, new_postgres_url, test_settings
from tests.faults.test_stopping import IN_TIME, unfinished_request
from tests.founded import found_sample
from tests.waiting import until
from workflow.store import schema
from workflow.store.counting import count_by_value, count_up_to

AUDITOR, STAFF = "auditor@so.example", "staff.htqt@so.example"
METRICS = "/metrics"


def parsed(answer):
    assert answer.status_code == 200, answer.text
    return {each.name: each for each in text_string_to_metric_families(answer.text)}


def figures(running, email=AUDITOR):
    headers = {"Authorization": running.client(email).headers["Authorization"]}
    return parsed(httpx2.get(running.base_url + METRICS, headers=headers))


def processes(found):
    return {each.labels["pid"] for each in found["process_resident_memory_bytes"].samples}


def value(families, name, sample=None, **labels):
    found = [
        each.value
        for each in families[name].samples
        if each.name == (sample or name) and labels.items() <= each.labels.items()
    ]
    return sum(found)


@pytest.mark.one_database
def test_without_a_token_nobody_reads_it_not_even_on_this_machine(running):
    assert httpx2.get(running.base_url + METRICS).status_code == 401
    assert (
        httpx2.get(
            running.base_url + METRICS, headers={"Authorization": "Bearer wrong"}
        ).status_code
        == 401
    )
    assert (
        httpx2.get(running.base_url + METRICS, headers={"Host": "127.0.0.1:9"}).status_code == 401
    )


@pytest.mark.one_database
def test_a_request_is_in_the_histogram_of_its_route_template_and_class(running):
    item = running.draft()
    asked = {
        "sample": "thidua_request_seconds_count",
        "route": "/api/v1/items/{code}",
        "method": "GET",
    }
    before = figures(running)
    running.client(AUDITOR).get(f"/items/{item['code']}")
    running.client(AUDITOR).get("/items/DN-0000-0000")
    after = figures(running)
    for status in ("2xx", "4xx"):
        counts = [
            value(each, "thidua_request_seconds", **asked, status=status)
            for each in (before, after)
        ]
        assert counts[1] == counts[0] + 1, status
    assert item["code"] not in str(after["thidua_request_seconds"].samples)
    infinite = value(
        after,
        "thidua_request_seconds",
        "thidua_request_seconds_bucket",
        route="/api/v1/items/{code}",
        le="+Inf",
    )
    assert infinite == value(
        after,
        "thidua_request_seconds",
        "thidua_request_seconds_count",
        route="/api/v1/items/{code}",
    )


@pytest.mark.one_database
def test_what_a_client_makes_up_makes_no_new_series(running):
    for number, method in enumerate(("PROPFIND", "PURGE", "MKCOL")):
        httpx2.request(method, f"{running.base_url}/no-such-{number}", timeout=60)
        httpx2.get(running.base_url, headers={"Host": f"other{number}.example"})
    after = figures(running)
    labels = [each.labels for each in after["thidua_request_seconds"].samples]
    assert {each["method"] for each in labels} <= {"GET", "POST", "PATCH", "other"}
    assert not [each for each in labels if "no-such" in each["route"] or "other0" in str(each)]
    assert (
        value(after, "thidua_request_seconds", "thidua_request_seconds_count", method="other") >= 3
    )


def test_writes_mail_clock_and_process_have_figures(running):
    submitted = running.item_in("submitted")
    until(lambda: running.mails_about(submitted["code"], "head.htqt@so.example"))
    until(
        lambda: (
            value(
                figures(running),
                "thidua_mail_attempts",
                "thidua_mail_attempts_total",
                outcome="sent",
            )
            >= 1
        )
    )
    found = figures(running)
    assert value(found, "thidua_write_set_size", "thidua_write_set_size_count") >= 1
    assert "thidua_write_queue" in found
    assert value(found, "thidua_items", state="submitted") >= 1
    assert {each.labels["state"] for each in found["thidua_mails"].samples} == {"waiting", "dead"}
    assert value(found, "thidua_check_ok", check="database") == 1
    assert value(found, "process_resident_memory_bytes") > 0
    assert {
        "thidua_mail_waiting_seconds",
        "thidua_history_entries",
        "thidua_info",
        "thidua_errors",
    } <= set(found)


def test_no_statement_of_it_groups_or_counts_a_whole_table(running):
    running.item_in("submitted")
    figures(running)
    sent = []
    engine = running.parts.engines.read
    event.listen(
        engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: sent.append(statement)
    )
    figures(running)
    assert [each for each in sent if "count(" in each.lower()]
    assert not [each for each in sent if "GROUP BY" in each.upper()]
    assert not [each for each in sent if "count(" in each.lower() and "LIMIT" not in each.upper()]


def test_counts_stop_at_their_bound(running):
    first, *_ = [running.draft()["state"] for _ in range(3)]
    state = schema.items.c.state
    count = running.parts.database.report_blocking(
        lambda connection: count_by_value(connection, state, 10_000)
    )
    assert count[first] >= 3
    assert (
        running.parts.database.report_blocking(
            lambda connection: count_by_value(connection, state, 2)
        )[first]
        == 2
    )
    assert (
        running.parts.database.report_blocking(
            lambda connection: count_up_to(connection, state == "none such", 2)
        )
        == 0
    )


class Deployment:
    """A server process with a port for the monitor."""

    def __init__(self, folder, url):
        self.port, self.metrics_port = free_port(None), free_port(None)
        self.environment = {
            **os.environ,
            "THIDUA_DATABASE_URL": url,
            "THIDUA_DATA_DIR": str(folder),
            "THIDUA_SECRET_KEYS": KEYS,
            "THIDUA_SMTP_URL": "",
            "THIDUA_METRICS_PORT": str(self.metrics_port),
            "THIDUA_BASE_URL": f"http://127.0.0.1:{self.port}",
        }
        self._words = ("serve", "--port", str(self.port), "--host", "0.0.0.0")
        self.web, self.own = (
            f"http://127.0.0.1:{self.port}",
            f"http://127.0.0.1:{self.metrics_port}",
        )

    def run(self, *words):
        return run_command(*words, **self.environment)

    @contextmanager
    def serving(self):
        process = Command(self._words, self.environment)
        try:
            until(self._is_alive)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)

    @contextmanager
    def serving_by_two(self):
        """Serve by two workers, in processes started anew: what is forked here may not fork.

        They end in time when they are told to, with a request unfinished.
        """
        command = [sys.executable, "-m", "api", *self._words, "--workers", "2"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stderr=subprocess.DEVNULL
        )
        try:
            until(self._is_alive)
            yield
            with unfinished_request(self.port):
                process.terminate()
                assert process.wait(IN_TIME) == 0
            assert not self._is_alive()
        finally:
            process.kill()
            process.wait(60)

    def _is_alive(self):
        try:
            return httpx2.get(self.web + "/healthz/live", timeout=60).status_code == 200
        except httpx2.HTTPError:
            return False


@pytest.fixture(params=["sqlite", "postgresql"])
def deployment(request, tmp_path):
    url = "" if request.param == "sqlite" else new_postgres_url(request.getfixturevalue("postgres"))
    made = Deployment(tmp_path, url)
    found_sample(test_settings(tmp_path, url), RunningClock(STARTS_AT))
    return made


def test_the_own_port_gives_the_sum_of_the_workers_to_this_machine_only(deployment):
    is_shared = bool(deployment.environment["THIDUA_DATABASE_URL"])
    serving = deployment.serving_by_two if is_shared else deployment.serving
    with serving():
        asked = {"route": "/healthz/ready", "status": "5xx"}
        for _ in range(
            24
        ):  # on connections of their own, which fall to either worker; no mail is set up, so it is 503
            assert httpx2.get(deployment.web + "/healthz/ready").status_code in {200, 503}
        for _ in range(6):
            found = parsed(httpx2.get(deployment.own + METRICS))
            answers = value(
                found,
                "thidua_request_seconds",
                "thidua_request_seconds_count",
                route=asked["route"],
            )
            assert answers == 24
        if is_shared:
            # A worker that has started a moment later tells of itself a moment later.
            until(lambda: len(processes(parsed(httpx2.get(deployment.own + METRICS)))) == 2)
        assert httpx2.get(deployment.web + METRICS).status_code == 401
        assert httpx2.get(deployment.own + "/healthz/live").status_code == 404
        assert httpx2.get(deployment.own + "/sign-in").status_code == 404
        assert httpx2.post(deployment.own + METRICS).status_code == 404
        assert (
            httpx2.get(deployment.own + METRICS, headers={"Host": "rebound.example"}).status_code
            == 400
        )
        socket.create_connection(("127.0.0.2", deployment.port)).close()
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.2", deployment.metrics_port))


@pytest.mark.parametrize("deployment", ["postgresql"], indirect=True)
def test_figures_of_processes_that_ended_are_swept_at_the_next_start(deployment):
    for _ in range(2):
        with deployment.serving():
            httpx2.get(deployment.web + "/healthz/ready")
            found = parsed(httpx2.get(deployment.own + METRICS))
            assert (
                value(
                    found,
                    "thidua_request_seconds",
                    "thidua_request_seconds_count",
                    route="/healthz/ready",
                )
                == 1
            )


@pytest.mark.parametrize("deployment", ["sqlite"], indirect=True)
def test_a_port_that_cannot_be_is_refused_in_words(deployment):
    for wrong in ("0", "65536", "x", str(deployment.port)):
        deployment.environment["THIDUA_METRICS_PORT"] = wrong
        done = deployment.run("serve", "--port", str(deployment.port))
        assert (done.returncode, "THIDUA_METRICS_PORT" in done.stderr) == (2, True), done.stderr
    with socket.create_server(("127.0.0.1", 0)) as taken:
        deployment.environment["THIDUA_METRICS_PORT"] = str(taken.getsockname()[1])
        done = deployment.run("serve", "--port", str(deployment.port))
    assert (done.returncode, "THIDUA_METRICS_PORT" in done.stderr) == (1, True), done.stderr
