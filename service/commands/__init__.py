"""The commands of `glan`, one file a group; heavy imports stay inside the functions."""
