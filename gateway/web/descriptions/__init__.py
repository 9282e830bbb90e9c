"""The fields that describe an item in each way of knowing, as a form shows and reads them."""
