"""Kinds of statements crossed with kinds of edits, at every place where a statement can stand."""
