"""The pages that the gateway renders itself: plain HTML, no scripts, nothing from another host."""
