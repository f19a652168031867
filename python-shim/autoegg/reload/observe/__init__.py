"""Stage 2: modules are imported statement by statement, and what each statement read, ran, bound and changed is noted."""
