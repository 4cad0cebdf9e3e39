"""One prompt a file, named after the step that uses it."""
