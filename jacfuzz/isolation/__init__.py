"""Strangers' code in processes of its own; what comes back is numbers, and the parent judges them."""
