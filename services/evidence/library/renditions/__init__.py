"""A rendition is an item or a guide in a form that more people can use: Easy Read, large print, BSL, Welsh, audio."""
