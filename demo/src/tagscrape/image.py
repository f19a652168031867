"""One image of a page, with its annotation."""

from tagscrape.jpeg import jpeg_size


class ImageWithAnno:
    """An image found on a page: where it is, what its tag says, how large it is (pixels)."""

    def __init__(self, url: str, tag: str, data: bytes) -> None:
        self.url = url
        self.tag = tag
        self.width, self.height = jpeg_size(data)

    def __repr__(self) -> str:
        return f"ImageWithAnno({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"
