"""Stage 1: source files, their statements, and the code that is compiled from them."""
