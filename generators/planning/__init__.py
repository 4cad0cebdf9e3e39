"""From a job's spec and the graph to work units, before anything is paid for; no model and no openai here.

The door is `plan`, `draw`, `supply` and `strata_report`; `quotas` and `apportion` are their arithmetic.
"""
