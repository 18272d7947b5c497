"""What the suites share: servers to test on, and databases in them."""
