"""The gateway behind other proxies."""
