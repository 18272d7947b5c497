"""The bench of row audit: one table unaudited, audited by freehold, and by a trigger for each row."""
