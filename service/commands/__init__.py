"""The commands of `glan`, one file per group; heavy imports stay inside functions."""
