"""RDDs, and objects of the library that travel with them."""

from common import Any, Ask, new_folder, note, notes, spark
from palette import rows as library


def numbers_rdd() -> Any:
    return spark.sparkContext.parallelize(range(8), 4)


def rdd_map() -> Ask:
    rdd = numbers_rdd().map(library.word)
    return lambda: rdd.collect()


def rdd_map_partitions() -> Ask:
    rdd = numbers_rdd().mapPartitions(library.each)
    return lambda: rdd.collect()


def rdd_shuffled() -> Ask:
    """Spark keeps what it shuffled for as long as the RDD is there."""
    rdd = numbers_rdd().map(lambda number: (library.word(), number)).reduceByKey(max).keys()
    return lambda: rdd.collect()


def rdd_foreach_partition() -> Ask:
    rdd = numbers_rdd()
    folder = new_folder()

    def leave(part: Any) -> None:
        for word in library.each(part):
            note(folder, word)

    def ask() -> list[str]:
        rdd.foreachPartition(leave)
        return notes(folder)

    return ask


def rdd_aggregate() -> Ask:
    """Parts are united in the driver, which says its own word."""
    rdd = numbers_rdd()
    return lambda: rdd.aggregate(set(), library.join, library.unite)


def broadcast_object() -> Ask:
    shared = spark.sparkContext.broadcast(library.Item(7))
    rdd = numbers_rdd().map(lambda _: (shared.value.number, shared.value.word()))

    def ask() -> set[str]:
        answers = rdd.collect()
        assert {number for number, _ in answers} == {7}
        return {word for _, word in answers}

    return ask


def accumulator_object() -> Ask:
    """Tasks add library objects, and the driver adds up what they send."""
    tally = spark.sparkContext.accumulator(library.Tally(), library.Tallying())

    def add(_: int) -> None:
        tally.add(library.Tally([library.word()]))

    def ask() -> set[str]:
        tally.value = library.Tally()
        numbers_rdd().foreach(add)
        assert type(tally.value) is library.Tally
        return tally.value.words

    return ask


def cached_rdd_of_objects() -> Ask:
    """The data in the cache stay; the objects are of the newest class."""
    cached = numbers_rdd().map(library.Item).cache()
    assert cached.count() == 8
    same = cached.map(lambda item: (item.number, item.word()))

    def ask() -> set[str]:
        answers = same.collect() + cached.map(lambda item: (item.number, item.word())).collect()
        assert {number for number, _ in answers} == set(range(8))
        return {word for _, word in answers} | {item.word() for item in cached.collect()}

    return ask
