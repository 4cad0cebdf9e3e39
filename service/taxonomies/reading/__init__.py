"""From the bytes of a file to statements: what is unpacked, decoded, recognised and read.

`files` is the door: it reads any file into a Staging, and says how. Every format becomes statements of
SKOS, so that there is one way from statements to a plan.
"""
