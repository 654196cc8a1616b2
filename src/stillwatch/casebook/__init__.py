"""What people decided: scans kept, campaigns over time, notes, reviews, decisions, and a log of it all that shows tampering."""
