"""A learning piece: ten minutes on one point, with three questions, tied to items and guides."""
