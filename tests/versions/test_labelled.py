"""Spark's event log tells which version a notebook's jobs ran, also those that it runs on an older one."""

from __future__ import annotations

import json
from pathlib import Path

from kept_versions import SESSION, ran
from kernel_library import Open


def test_jobs_on_another_version_name_that_version(open_notebook: Open, tagger: Path, tmp_path: Path) -> None:
    first, _ = ran(open_notebook(), tagger, "two")
    events = tmp_path / "events"
    events.mkdir()
    log = f"""
.config("spark.eventLog.enabled", "true").config("spark.eventLog.dir", {events.as_uri()!r})
.config("spark.eventLog.compress", "false").config("spark.eventLog.rolling.enabled", "false").getOrCreate()"""
    notebook = open_notebook()
    notebook.done(SESSION.replace(".getOrCreate()", log.replace("\n", "")))
    second = notebook.action("state()")["state"]["libraries"][0]["version"]
    assert notebook.value("words()") == "['two']"
    assert notebook.value(f"%%autoegg at {first[:6]}\nwords()") == "['one']"
    assert notebook.value("words()") == "['two']"
    notebook.done(f"%autoegg use {first[:6]}")
    assert notebook.value("spark.sparkContext.setJobDescription('hers'), words()") == "(None, ['one'])"
    notebook.done("%autoegg use now")
    assert notebook.value("spark.sparkContext.setJobDescription(None), words()") == "(None, ['two'])"
    notebook.done("spark.stop()")
    (file,) = events.iterdir()
    starts = [
        event
        for line in file.read_text().splitlines()
        if (event := json.loads(line))["Event"] == "SparkListenerJobStart"
    ]
    said = [
        (
            [tag for tag in event["Properties"]["spark.job.tags"].split(",") if tag.startswith("autoegg:")],
            event["Properties"]["spark.job.description"],
        )
        for event in starts
    ]
    was, now = f"tagger:{first[:12]}", f"tagger:{second[:12]}"
    text = {tag: f"autoegg: {tag.replace(':', ' ')}" for tag in (was, now)}
    assert said == [
        ([f"autoegg:{tag}"], description)
        for tag, description in (
            (now, text[now]),
            (was, text[was]),
            (now, text[now]),
            (was, "hers"),
            (now, text[now]),
        )
    ]
