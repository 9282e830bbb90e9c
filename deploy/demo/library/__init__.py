"""The demo library: invented evidence, guides, questions and voices, planted by the public API as the personas."""
