"""How fast the platform is, beside bare nginx, PostgreSQL or Kafka in the same run: `make bench`."""
