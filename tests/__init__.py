"""The tests' Python code. Modules import each other by their path from the repository's root."""
