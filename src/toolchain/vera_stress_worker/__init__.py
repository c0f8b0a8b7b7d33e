"""What the worker has its children do, in parts; `worker.py` beside it is the worker."""
