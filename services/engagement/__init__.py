"""Engagement: the voices of the sector, the meetings they hold and the projects that grow from them."""
