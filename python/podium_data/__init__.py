"""The user's own Python functions: metrics and samples. Needs NumPy, and nothing of any engine."""
