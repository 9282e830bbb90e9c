"""ISO 20022 messages: XML documents and their schemas, what is sent to the bank and what the bank answers."""
