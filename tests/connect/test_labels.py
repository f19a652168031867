"""A Connect server's event log names the versions of the jobs of each session, beside the tags of its user."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

from connect_notebook import Notebook, tag_files
from connect_server import ConnectServer
from pyspark.sql.functions import udf


def test_requests_carry_the_versions_beside_the_users_tags(notebook: Notebook, tmp_path: Path) -> None:
    events = tmp_path / "events"
    events.mkdir()
    log = {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": events.as_uri(),
        "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
    }
    server = ConnectServer(tmp_path / "server", **log)
    try:
        session, unlabelled = server.session(), server.session(**{"spark.autoegg.labelJobs": "false"})
        words = notebook.library(lambda name: tag_files(name, "one"))
        expected: dict[str, set[str]] = {}

        def runs(number: int, session: Any = session, *tags: str) -> None:
            frame = session.range(number).select(udf(lambda _: words.tag())("id"))
            assert len(frame.collect()) == number
            (library,) = notebook.libraries
            expected[str(number)] = {
                *tags,
                *([] if session is unlabelled else [f"autoegg:{library.name}:{library.version[:12]}"]),
            }
            assert session.getTags() == set(tags)

        session.addTag("3")
        runs(3, session, "3")
        notebook.say("two")
        session.addTag("hers")
        runs(3, session, "3", "hers")
        session.clearTags()
        session.addTag("4")
        thread = threading.Thread(target=lambda: (session.addTag("5"), runs(5, session, "5")))
        thread.start()
        thread.join(120)
        runs(4, session, "4")
        unlabelled.addTag("6")
        runs(6, unlabelled, "6")
        session.stop()
        unlabelled.stop()
    finally:
        server.close()
    (file,) = events.iterdir()
    found: dict[str, set[str]] = {}
    for line in file.read_text().splitlines():
        event = json.loads(line)
        if event["Event"] == "SparkListenerJobStart":
            tags = {
                tag.rpartition("_Tag_")[2]
                for tag in event["Properties"].get("spark.job.tags", "").split(",")
                if "_Tag_" in tag
            }
            found[next(tag for tag in tags if tag.isdigit())] = tags
    assert found == expected
