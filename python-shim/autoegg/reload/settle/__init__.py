"""Stage 5: old objects become what the new ones are, so that references to them stay valid."""
