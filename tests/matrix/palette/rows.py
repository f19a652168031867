"""Functions of rows, and objects that travel."""

from collections.abc import Iterable, Iterator

from pyspark.accumulators import AccumulatorParam

from palette.deep.inner.words import say


def word(*row: object) -> str:
    return say("v1")


def each(rows: Iterable[object]) -> Iterator[str]:
    for _ in rows:
        yield say("v1")


def join(words: set[str], row: object) -> set[str]:
    return words | {say("v1")}


def unite(one: set[str], other: set[str]) -> set[str]:
    return one | other | {say("v1")}


class Item:
    """An object of the library, with data that must survive an edit."""

    def __init__(self, number: int) -> None:
        self.number = number

    def word(self) -> str:
        return say("v1")


class Tally:
    """What an accumulator of the library adds up."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self.words = set(words)


class Tallying(AccumulatorParam):
    """Adds on the workers and, when their tallies arrive, in the driver; its own words are told apart."""

    def zero(self, value: Tally) -> Tally:
        return Tally()

    def addInPlace(self, one: Tally, other: Tally) -> Tally:
        return Tally(one.words | other.words | {say("v1")})
