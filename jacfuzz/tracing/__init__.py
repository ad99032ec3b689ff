"""What f does inside: rebinding NumPy code to jax.numpy."""
