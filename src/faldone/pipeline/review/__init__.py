"""What people settle: the queue, the bench, decisions and their undoing."""
