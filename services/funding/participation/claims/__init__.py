"""Claims: a person's request for payment of participation, made of cost lines."""
