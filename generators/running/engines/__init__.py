"""Where jobs are run: local.py in this process."""
