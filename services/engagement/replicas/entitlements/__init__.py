"""Entitlements: engagement's copy of whether a registration entitles its person to payment."""
