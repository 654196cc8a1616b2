"""What stands elsewhere and belongs to exchanges: edge logs, account exports, and house formats told by a mapping file."""
