"""How users reach glan: REST API, command line, settings, wiring. Depends on generators and graph."""
