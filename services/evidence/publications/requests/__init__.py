"""An evidence request is a question from the front line, answered with what is known."""
