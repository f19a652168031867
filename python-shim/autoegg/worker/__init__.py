"""What runs inside Spark's Python workers: standard library only, sent along with each pickled function.

The order of a task: ``bootstrap`` decides which state the process must be on, ``switch`` puts it there, ``unpack``
makes the directories that it imports from. ``autoegg.spark.guard`` packs the three modules into the pickles.
"""
