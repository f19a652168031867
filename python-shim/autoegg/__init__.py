"""Keeps the driver and Spark's Python workers on exactly the library code that is on disk."""

__version__ = "0.1.0"
