"""What follows the library: Atom feeds, link sets and the sitemap."""
