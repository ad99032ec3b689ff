"""Independent references and checks; each returns what it found and never raises on a mismatch."""
