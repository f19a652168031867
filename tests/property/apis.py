"""Ways to run the library on workers. Each makes an object once and gives a function that uses it, so it can grow old.

The code runs in the notebook: it finds ``spark``, ``sc``, ``R`` (the number of rows), ``rows`` and the library's names, and
sets ``use``, which returns pairs of a row's number and what ``observe`` said there.
"""

from __future__ import annotations

PREPARE = """
import json, os, threading, time, traceback
import pandas as pd
import prop_base.values, prop_front, prop_middle, prop_single
from prop_front import Probe, observe
from prop_front import observe as held
from pyspark.accumulators import AccumulatorParam
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, lit, pandas_udf, udf, udtf
made, late, kept, streams = {}, {}, {}, {}
class Collecting(AccumulatorParam):
    def zero(self, value): return []
    def addInPlace(self, one, other): return one + other
class Mine(prop_front.Probe):
    pass
mine, probe = Mine(3), Probe(3)
def rows(frame):
    return [(int(row[0]), row[1]) for row in frame.collect()]
def attempt(use):
    try:
        return sorted([int(i), text] for i, text in use())
    except Exception as error:
        return "".join(traceback.format_exception_only(error))[-6000:]
"""

APIS = {
    "rdd map": "r = sc.parallelize(range(R), 3).map(lambda i: (i, prop_front.observe(i)))\nuse = r.collect",
    "rdd by reference": (
        "r = sc.parallelize(range(R), 3).map(observe)\nuse = lambda r=r: list(enumerate(r.collect()))"
    ),
    "rdd with a held name": "r = sc.parallelize(range(R), 3).map(lambda i: (i, held(i)))\nuse = r.collect",
    "rdd iterator": (
        "r = sc.parallelize(range(R), 3).map(lambda i: (i, observe(i)))\n"
        "use = lambda r=r: list(r.toLocalIterator())"
    ),
    "rdd mapPartitions": (
        "r = sc.parallelize(range(R), 2).mapPartitions(lambda it: [(i, Probe(i).observe(i)) for i in it])\n"
        "use = r.collect"
    ),
    "rdd shuffle": (
        "r = sc.parallelize(range(R), 3).map(lambda i: (i % 2, (i, observe(i)))).groupByKey(2)\n"
        "use = lambda r=r: [pair for _, pairs in r.collect() for pair in pairs]"
    ),
    "rdd foreach": (
        "def use(r=sc.parallelize(range(R), 3)):\n"
        "    seen = sc.accumulator([], Collecting())\n"
        "    r.foreach(lambda i: seen.add([(i, prop_front.observe(i))]))\n"
        "    return {i: text for i, text in seen.value}.items()"
    ),
    "rdd aggregate": (
        "use = lambda r=sc.parallelize(range(R), 3): r.aggregate(\n"
        "    [], lambda seen, i: [*seen, (i, observe(i))], lambda one, other: one + other)"
    ),
    "rdd of objects": (
        "r = sc.parallelize(range(R), 3).map(Probe).map(lambda p: (p.i, p.observe(p.i)))\nuse = r.collect"
    ),
    "rdd with an object": (
        "r = sc.parallelize(range(R), 3).map(lambda i: (i, probe.observe(i)))\nuse = r.collect"
    ),
    "rdd with a notebook class": (
        "r = sc.parallelize(range(R), 3).map(lambda i: (i, mine.observe(i)))\nuse = r.collect"
    ),
    "broadcast": (
        "b = sc.broadcast(Probe(1))\n"
        "r = sc.parallelize(range(R), 3).map(lambda i, b=b: (i, b.value.observe(i)))\nuse = r.collect"
    ),
    "udf": (
        "u = udf(lambda i: prop_front.observe(i))\n"
        "use = lambda u=u: rows(spark.range(R).select('id', u('id')))"
    ),
    "udf by reference": (
        "u = udf(observe)\nuse = lambda u=u: rows(spark.range(0, R, 1, 3).select('id', u('id')))"
    ),
    "udf frame": (
        "d = spark.range(0, R, 1, 3).select('id', udf(lambda i: held(i))('id'))\nuse = lambda d=d: rows(d)"
    ),
    "udf after shuffle": (
        "d = spark.range(0, R, 1, 3).repartition(2, 'id').select('id', udf(observe)('id'))\n"
        "use = lambda d=d: rows(d)"
    ),
    "frame shuffle": (
        "d = spark.range(0, R, 1, 3).select('id', udf(observe)('id')).repartition(2)\nuse = lambda d=d: rows(d)"
    ),
    "frame aggregate": (
        "d = spark.range(0, R, 1, 3).select('id', udf(observe)('id').alias('text')).distinct()\n"
        "use = lambda d=d: rows(d)"
    ),
    "frame broadcast join": (
        # Not the plan of a frame that the story caches: Spark would answer from the cache, old frames too.
        "said = spark.range(0, R, 1, 3).select('id', udf(observe)('id').alias('text'))\n"
        "d = spark.range(R).join(said.hint('broadcast'), 'id')\nuse = lambda d=d: rows(d)"
    ),
    "sql function": (
        "name = f'registered_{N}'\nspark.udf.register(name, lambda i: prop_front.observe(i))\n"
        "use = lambda name=name: rows(spark.sql(f'select id, {name}(id) from range({R})'))"
    ),
    "pandas udf": (
        "@pandas_udf('string')\ndef p(s: pd.Series) -> pd.Series:\n    return s.map(prop_front.observe)\n"
        "use = lambda p=p: rows(spark.range(0, R, 1, 2).select('id', p('id')))"
    ),
    "mapInPandas": (
        "def m(frames):\n    for f in frames:\n        yield f.assign(text=f['id'].map(observe))\n"
        "d = spark.range(0, R, 1, 2).mapInPandas(m, 'id long, text string')\nuse = lambda d=d: rows(d)"
    ),
    "mapInArrow": (
        "def m(batches):\n    import pyarrow as pa\n    for b in batches:\n"
        "        texts = pa.array([prop_front.observe(i) for i in b.column(0).to_pylist()])\n"
        "        yield pa.RecordBatch.from_arrays([b.column(0), texts], ['id', 'text'])\n"
        "use = lambda m=m: rows(spark.range(0, R, 1, 2).mapInArrow(m, 'id long, text string'))"
    ),
    "applyInPandas": (
        "def m(f):\n    return f.assign(text=f['id'].map(prop_front.observe))[['id', 'text']]\n"
        "use = lambda m=m: rows(spark.range(R).withColumn('k', col('id') % 2).groupBy('k')"
        ".applyInPandas(m, 'id long, text string'))"
    ),
    "udtf": (
        "@udtf(returnType='id long, text string')\nclass T:\n    def eval(self, n: int):\n"
        "        for i in range(n):\n            yield i, prop_front.observe(i)\n"
        "use = lambda T=T: rows(T(lit(R)))"
    ),
    "two functions": (
        "u, v = udf(observe), made_first\n"
        "def use(u=u, v=v):\n"
        "    seen = spark.range(0, R, 1, 2).select('id', u('id'), v('id')).collect()\n"
        "    return [(row[0], row[1] if row[1] == row[2] else f'{row[1]} but {row[2]}') for row in seen]"
    ),
}
"""Name to code. ``made_first`` is a UDF from before the first edit."""
