"""Why a Jacobian is wrong, in words."""
