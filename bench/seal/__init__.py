"""The bench of seals."""
