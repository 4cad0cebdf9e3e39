"""Turns a job's spec and the graph into work units before anything is paid for; nothing here calls a model.

The door is `plan`, `draw`, `supply` and `strata_report`; `quotas` and `apportion` do their arithmetic.
"""
