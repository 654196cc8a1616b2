"""What is changed before anything is written: ids and addresses hashed, text made unreadable, secrets masked."""
