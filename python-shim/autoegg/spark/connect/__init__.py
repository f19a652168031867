"""Spark Connect: sessions on a server that is reached through gRPC alone. Importing this does not import pyspark."""
