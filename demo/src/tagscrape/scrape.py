"""From the address of a page to the images on it."""

from collections.abc import Iterator
from urllib.parse import urljoin
from urllib.request import urlopen

from bs4 import BeautifulSoup

from tagscrape.image import ImageWithAnno

_TIMEOUT = 30.0  # seconds


def _get(url: str) -> bytes:
    with urlopen(url, timeout=_TIMEOUT) as response:
        return response.read()


def scrape_page(url: str) -> Iterator[ImageWithAnno]:
    """The image of each cell ``<td><img src=…> tag</td>`` on the page, in the page's order."""
    page = BeautifulSoup(_get(url), "html.parser")
    for cell in page.find_all("td"):
        image = cell.find("img")
        if image is not None:
            source = urljoin(url, image["src"])
            yield ImageWithAnno(source, cell.get_text(strip=True), _get(source))
