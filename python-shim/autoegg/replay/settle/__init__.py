"""Stage 5: old objects take over what the new ones are, so that whoever holds them need not know."""
