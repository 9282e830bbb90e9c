"""Changes of a person's access needs, which reach their registrations for meetings that are not over."""
