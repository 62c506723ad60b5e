"""Exported events: Dovecot's JSON and tab-separated shapes, in a file that can be reopened."""

import json
from pathlib import Path

from culver.noticing.export import Exporter, FileExport
from culver.noticing.target import Target
from culver_events.auth import AuthRequestFinished
from culver_events.record import Record
from culver_events.scope import Scope


def finished(**fields: str) -> Record:
    scope = Scope(None, ("service:imap",), clock=lambda: 1_700_000_000_000_001, **fields)  # type: ignore[arg-type]
    return Record(AuthRequestFinished(success=True), scope, 1_700_000_002_500_000)


def test_json() -> None:
    record = finished(user="a\tb", session="s")
    line = Exporter("mx1").json(record)

    assert line.endswith(b"}\n")
    assert json.loads(line) == {
        "event": "auth_request_finished",
        "hostname": "mx1",
        "start_time": "2023-11-14T22:13:20.000001Z",
        "end_time": "2023-11-14T22:13:22.500000Z",
        "categories": ["auth", "service:imap"],
        "fields": {"user": "a\tb", "session": "s", "success": "yes", "duration": 2_499_999},
    }


def test_unix_times_and_parts() -> None:
    exporter = Exporter("mx1", "time-unix", ("timestamps", "fields"), hidden={"user"})

    assert exporter.json(finished(user="alice")) == (
        b'{"start_time":1700000000.000001,"end_time":1700000002.500000,'
        b'"fields":{"success":"yes","duration":2499999}}\n'
    )


def test_tab_text() -> None:
    line = Exporter("mx1", "time-unix").tab_text(finished(user="a\tb\n"))

    assert line.rstrip(b"\n").split(b"\t") == [
        b"event:auth_request_finished",
        b"hostname:mx1",
        b"start_time:1700000000.000001",
        b"end_time:1700000002.500000",
        b"category:auth",
        b"category:service:imap",
        b"field:user=a\x01tb\x01n",
        b"field:success=yes",
        b"field:duration=2499999",
    ]


def test_a_file_takes_lines_and_follows_rotation(tmp_path: Path) -> None:
    path = tmp_path / "events"
    export = FileExport(Exporter("mx1").json, Target(path))
    export.hear(finished())
    path.rename(tmp_path / "events.1")
    export.reopen()
    export.hear(finished())
    export.hear(finished())
    export.target.close()

    assert [p.read_text().count("\n") for p in (tmp_path / "events.1", path)] == [1, 2]
