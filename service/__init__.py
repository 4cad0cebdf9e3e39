"""The way in: REST, command line, settings, wiring. Depends on generators and graph."""
