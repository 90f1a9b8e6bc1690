"""The command: puts the other packages together."""
