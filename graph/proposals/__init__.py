"""Proposed changes of the taxonomy, which wait for a person: storing, listing and deciding them.

The door is `proposal` (what a proposal is), `storing.propose` (for all that find something: imports, jobs,
the search for duplicates), `added` (for what is inserted as proposed), `suggesting` (for people), `listing`
and `deciding`; `searches` for duplicates, and `reconciling`.
"""
