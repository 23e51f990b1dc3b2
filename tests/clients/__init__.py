"""Real chat clients, and local stand-ins for the servers that cannot be had here, for the tests to talk through."""
