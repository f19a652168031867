"""What runs inside Spark's Python workers: standard library only, sent to them next to the eggs.

The order of a task: ``bootstrap`` decides which state the process must be on, ``switch`` puts it there, ``unpack``
makes the directories that it imports from. ``autoegg.spark.guard`` packs the modules into one file, which Spark gives to
workers beside the eggs.
"""
