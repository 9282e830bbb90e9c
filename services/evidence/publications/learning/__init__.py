"""A learning piece: ten minutes on one point, with three questions, based on evidence items and guides."""
