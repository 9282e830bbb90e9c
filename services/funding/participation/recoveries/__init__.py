"""Recoveries: how an overpayment was closed, since the money came back elsewhere or was written off."""
