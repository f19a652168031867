"""The library that the matrix edits. Its first version is on disk here; a test edits its own copy, `v1` to `v2`."""
