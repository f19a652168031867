"""Scrapes pages that hold tables of images with a tag next to each of them."""

from tagscrape.image import ImageWithAnno
from tagscrape.scrape import scrape_page

__all__ = ["ImageWithAnno", "scrape_page"]
