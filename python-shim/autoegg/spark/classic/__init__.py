"""Classic PySpark: a SparkContext in this process, reached through py4j. Importing this does not import pyspark."""
