"""Versions of libraries that outlive the kernel which ran them: found again in the store or in git, compared, and given back."""
