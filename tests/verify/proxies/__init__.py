"""The gateway behind proxies that others wrote."""
