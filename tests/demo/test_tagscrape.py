"""The demo library does what its notebook says."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType

import pytest

SITE = Path(__file__).resolve().parents[2] / "demo" / "site"


@pytest.fixture
def site() -> Iterator[str]:
    with ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(SITE))
    ) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("sun", (48, 48)),
        ("hill", (64, 40)),
        pytest.param("house", (40, 56), id="house, progressive"),
        pytest.param("boat", (72, 48), id="boat, with a comment before the frame"),
    ],
)
def test_the_size_of_a_jpeg_is_read_from_its_header(
    tagscrape: ModuleType, name: str, size: tuple[int, int]
) -> None:
    data = (SITE / "images" / f"{name}.jpg").read_bytes()
    assert tagscrape.image.jpeg_size(data) == size


def test_what_is_not_a_jpeg_is_refused_by_name(tagscrape: ModuleType) -> None:
    with pytest.raises(ValueError, match="not a JPEG image"):
        tagscrape.image.jpeg_size(b"<!doctype html>")


def test_a_jpeg_that_ends_within_its_header_is_refused(tagscrape: ModuleType) -> None:
    data = (SITE / "images" / "sun.jpg").read_bytes()
    with pytest.raises(ValueError, match="no start of frame"):
        tagscrape.image.jpeg_size(data[:40])


def test_a_page_yields_each_image_with_its_tag(tagscrape: ModuleType, site: str) -> None:
    images = list(tagscrape.scrape_page(f"{site}/land.html"))
    assert [vars(image) for image in images] == [
        {"url": f"{site}/images/hill.jpg", "tag": "hill", "width": 64, "height": 40},
        {"url": f"{site}/images/house.jpg", "tag": "house", "width": 40, "height": 56},
    ]
