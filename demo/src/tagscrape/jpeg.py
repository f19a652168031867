"""The size of a JPEG image, read from its header (ISO/IEC 10918-1, annex B)."""

import struct

# Markers that stand alone, without a length behind them: TEM, RST0 to RST7, SOI.
_STANDALONE = {0x01, *range(0xD0, 0xD9)}

# Start of frame: 0xC0 to 0xCF without DHT, JPG and DAC, which share the range.
_START_OF_FRAME = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels. ValueError if ``data`` is not the beginning of a JPEG image."""
    if data[:2] != b"\xff\xd8":
        raise ValueError("not a JPEG image: it does not start with ff d8")
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            raise ValueError(f"not a JPEG image: no marker at byte {at}")
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte before the marker
            at += 1
        elif marker in _STANDALONE:
            at += 2
        elif marker in _START_OF_FRAME:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    raise ValueError("not a whole JPEG header: no start of frame")
