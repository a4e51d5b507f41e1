"""PyTorch for Podium: the worker for engines that exist only in Python, and the exporter that turns PyTorch models into files.

Nothing here imports PyTorch until it is needed, so that a backend can be described where PyTorch is not installed.
"""
