"""What waits for an evidence editor: queues, each with a page on which its matters are decided."""
